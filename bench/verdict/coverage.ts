import type { Estimate } from '#core/estimate.ts';
import { type Draws, drawsOf } from './draws.ts';
import { shareFigure } from './figure.ts';

/** One interval beside the number that it should contain; an end that is not known is null. */
export interface Interval {
  readonly low: number | null;
  readonly high: number | null;
  readonly truth: number;
}

/** One line of the coverage table. */
export interface CoverageCase {
  readonly method: string;
  readonly setting: string;
  /** What the interval promises. */
  readonly nominal: number;
  /** True where it promises at least the nominal coverage, at all times together, and may well give more. */
  readonly atLeast?: boolean;
  /** True where it is shown for what goes wrong, not as one of ours. */
  readonly contrast?: boolean;
  /** Replications, in multiples of those of the run. */
  readonly effort: number;
  /** True where the interval holds the truth; undefined where no interval can be given. */
  covers(draws: Draws, seed: number): boolean | undefined;
  /** Why it is not within half a point, for a reader of the table. */
  readonly why?: string;
}

export interface Coverage {
  readonly method: string;
  readonly setting: string;
  readonly nominal: number;
  readonly atLeast: boolean;
  readonly contrast: boolean;
  readonly why?: string;
  readonly share: Estimate | undefined;
  /** Replications that gave no interval. */
  readonly without: number;
}

export function holds({ low, high, truth }: Interval): boolean {
  return (low === null || low <= truth) && (high === null || truth <= high);
}

export function coverageOf(coverageCase: CoverageCase, line: number, replications: number, seed: number): Coverage {
  const { method, setting, nominal, why, atLeast = false, contrast = false } = coverageCase;
  const times = Math.max(1, Math.round(replications * coverageCase.effort));
  let covered = 0;
  let without = 0;
  for (let replication = 0; replication < times; replication++) {
    const draws = drawsOf(seed + 1000 * (line + 1), replication);
    const covers = coverageCase.covers(draws, replication + 1);
    if (covers === undefined) without++;
    else if (covers) covered++;
  }
  return {
    method,
    setting,
    nominal,
    atLeast,
    contrast,
    ...(why === undefined ? {} : { why }),
    share: shareFigure(covered, times - without),
    without,
  };
}

const halfPoint = 0.005;

/** Within half a point of what is promised. */
export function isNear({ share, nominal }: Pick<Coverage, 'share' | 'nominal'>): boolean {
  return share !== undefined && Math.abs(share.value - nominal) <= halfPoint;
}

/** Not under what is promised by more than half a point. */
export function isKept({ share, nominal }: Coverage): boolean {
  return share !== undefined && share.value >= nominal - halfPoint;
}
