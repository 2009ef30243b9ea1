import type { GuardResult } from '#core/guard.ts';
import { count, share } from './words.ts';

/** One look at the rows so far. */
export interface Look {
  readonly rows: number;
  /** Of its interval, so that all looks together err no more often than stated. */
  readonly confidence: number;
}

/** Of the error that is allowed, what each look but the last may spend: with it sixty rows without a difference pass ten points. */
const earlyShare = 0.2;

/**
 * Looks at growing numbers of rows. Each spends a part of the error, and the parts add up to it (Bonferroni), so that stopping
 * at any of them is as safe as looking once.
 */
export function looksOf(sizes: readonly number[], confidence: number): readonly Look[] {
  const error = 1 - confidence;
  return sizes.map((rows, at) => ({
    rows,
    confidence: 1 - error * (at < sizes.length - 1 ? earlyShare : 1 - earlyShare * (sizes.length - 1)),
  }));
}

/** Sizes of looks at rows of which there are only so many: in equal parts, three at most. */
export function looksAtMost(available: number, part: number): readonly number[] {
  return [...[part, 2 * part].filter((rows) => rows < available), Math.min(available, 3 * part)];
}

/** Judges look by look until one decides; says which one that was, where there could have been several. */
export async function judgeInLooks(looks: readonly Look[], judge: (look: Look) => Promise<GuardResult>): Promise<GuardResult> {
  let at = 0;
  let found = await judge(looks[0]!);
  while (found.status === 'undecided' && at < looks.length - 1) found = await judge(looks[++at]!);
  if (looks.length === 1) return found;
  const { rows, confidence } = looks[at]!;
  const note = ` That is look ${at + 1} of at most ${looks.length}, at ${count(rows)} of up to ${count(looks.at(-1)!.rows)}; an interval of ${share(confidence)} keeps all looks together at what one may err.`;
  return {
    ...found,
    why: `${found.why}${note}`,
    ...(found.method === undefined ? {} : { method: `${found.method}, look ${at + 1} of ${looks.length}` }),
  };
}
