import { binomialAtMost } from './distributions.ts';

/** A quantile with its interval; an end is null where the rows are too few to bound it on that side. */
export interface QuantileEstimate {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
  readonly method: string;
}

/** The numbers of a column in ascending order, without NaN. */
export function sortedNumbers(values: Iterable<number>): Float64Array {
  return Float64Array.from(values)
    .filter((value) => !Number.isNaN(value))
    .sort();
}

/** Sample quantile, type 7 of Hyndman and Fan 1996 (the default of R and NumPy). `sorted` is ascending and not empty. */
export function quantileOf(sorted: Float64Array, probability: number): number {
  const position = (sorted.length - 1) * probability;
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (position - below);
}

/**
 * Distribution-free interval of a quantile from order statistics: the number of rows under the quantile is binomial
 * (David and Nagaraja 2003, Order Statistics, section 7.1; each tail at most half of the error). Undefined without rows.
 */
export function quantileEstimate(sorted: Float64Array, probability: number, confidence: number): QuantileEstimate | undefined {
  const n = sorted.length;
  if (n === 0) return undefined;
  const tail = (1 - confidence) / 2;
  // the largest rank r with P(fewer than r rows under the quantile) ≤ tail bounds it from below
  const lowRank = lastTrue(n, (rank) => binomialAtMost(rank - 1, n, probability) <= tail);
  // the smallest rank r with P(at least r rows under it) ≤ tail bounds it from above
  const highRank = lastTrue(n, (rank) => binomialAtMost(rank - 1, n, probability) < 1 - tail) + 1;
  return {
    value: quantileOf(sorted, probability),
    low: lowRank === 0 ? null : sorted[lowRank - 1]!,
    high: highRank > n ? null : sorted[highRank - 1]!,
    n,
    method: 'order statistics',
  };
}

/** Rows from which on both ends of a quantile's interval exist. */
export function rowsToBoundQuantile(probability: number, confidence: number): number {
  const tail = (1 - confidence) / 2;
  return Math.ceil(Math.log(tail) / Math.log(Math.max(probability, 1 - probability)));
}

/** The largest of 1…n for which a condition holds that holds up to some point and never after; 0 where it never does. */
function lastTrue(n: number, holds: (rank: number) => boolean): number {
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
