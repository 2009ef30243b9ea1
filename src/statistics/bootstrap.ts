import { normalCdf, normalQuantile } from './distributions.ts';
import type { Interval } from './interval.ts';
import { quantileOf } from './quantile.ts';
import { seededRandom } from './random.ts';

/** A number computed from the rows of those indexes; a row may come more than once. */
export type Statistic = (rows: Int32Array) => number;

export interface BootstrapOptions {
  readonly confidence: number;
  readonly seed: number;
  /** Absent: 2,000, fewer for many rows so that 20 million row visits are not passed, never under 200. */
  readonly resamples?: number;
}

export interface BootstrapResult extends Interval {
  readonly value: number;
  /** Two-sided p-value for "the statistic is 0": twice the smaller share of resamples on one side of 0. */
  readonly p: number;
  /** False where every resample gave the same number, so that the interval says nothing. */
  readonly varied: boolean;
}

const rowVisits = 20_000_000;
const jackknifeGroups = 200;

/**
 * Bias-corrected and accelerated bootstrap (Efron 1987; Efron and Tibshirani 1993, chapter 14). The acceleration comes
 * from a jackknife over at most 200 groups of rows, fewer for many rows. `n` is at least 1.
 */
export function bootstrap(n: number, statistic: Statistic, options: BootstrapOptions): BootstrapResult {
  const resamples = options.resamples ?? Math.min(2000, Math.max(200, Math.floor(rowVisits / n)));
  const random = seededRandom(options.seed);
  const value = statistic(Int32Array.from({ length: n }, (_, row) => row));
  const drawn = new Float64Array(resamples);
  const rows = new Int32Array(n);
  for (let resample = 0; resample < resamples; resample++) {
    for (let row = 0; row < n; row++) rows[row] = Math.floor(random() * n);
    drawn[resample] = statistic(rows);
  }
  drawn.sort();
  const varied = drawn[resamples - 1]! > drawn[0]!;
  if (!varied) return { value, low: value, high: value, p: value === 0 ? 1 : 1 / (resamples + 1), varied };
  const correction = biasCorrection(drawn, value);
  const acceleration = accelerationOf(n, statistic);
  const end = (probability: number) => {
    const shifted = correction + normalQuantile(probability);
    return quantileOf(drawn, clampProbability(normalCdf(correction + shifted / (1 - acceleration * shifted))));
  };
  const tail = (1 - options.confidence) / 2;
  // resampling of a skewed statistic may leave the estimate itself outside: an interval always contains it
  return { value, low: Math.min(value, end(tail)), high: Math.max(value, end(1 - tail)), p: twoSidedP(drawn), varied };
}

function biasCorrection(drawn: Float64Array, value: number): number {
  let under = 0;
  for (const number of drawn) under += number < value ? 1 : number === value ? 0.5 : 0;
  return normalQuantile(Math.min(1 - 0.5 / drawn.length, Math.max(0.5 / drawn.length, under / drawn.length)));
}

function accelerationOf(n: number, statistic: Statistic): number {
  const groups = Math.min(n, jackknifeGroups, Math.max(50, Math.floor(rowVisits / (4 * n))));
  if (groups < 2) return 0;
  const left = Float64Array.from({ length: groups }, (_, group) => {
    const from = Math.floor((group * n) / groups);
    const to = Math.floor(((group + 1) * n) / groups);
    const kept = new Int32Array(n - (to - from));
    for (let row = 0, at = 0; row < n; row++) if (row < from || row >= to) kept[at++] = row;
    return statistic(kept);
  });
  const mean = left.reduce((sum, number) => sum + number, 0) / groups;
  let squares = 0;
  let cubes = 0;
  for (const number of left) {
    squares += (mean - number) ** 2;
    cubes += (mean - number) ** 3;
  }
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
}

function twoSidedP(drawn: Float64Array): number {
  let atMost = 0;
  let atLeast = 0;
  for (const number of drawn) {
    if (number <= 0) atMost++;
    if (number >= 0) atLeast++;
  }
  return Math.min(1, (2 * (Math.min(atMost, atLeast) + 1)) / (drawn.length + 1));
}

function clampProbability(probability: number): number {
  return Number.isNaN(probability) ? 0.5 : Math.min(1, Math.max(0, probability));
}
