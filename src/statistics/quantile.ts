import { clusterSpread, effectiveSize, numbersOf } from './clusters.ts';
import { binomialAtMost } from './distributions.ts';
import { oneGroup, type ShareOptions } from './proportion.ts';

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
  const { low, high } = boundingRanks(n, probability, confidence);
  return {
    value: quantileOf(sorted, probability),
    low: low === 0 ? null : sorted[low - 1]!,
    high: high > n ? null : sorted[high - 1]!,
    n,
    method: 'order statistics',
  };
}

/**
 * Quantile of a column, NaN left out. With clusters Woodruff's interval (1952, Journal of the American Statistical
 * Association 47:635-646): the interval of the share of rows under the quantile, which the clusters widen, turned back
 * into rows; that share's interval is the order statistics' own at the size that the clusters are worth.
 */
export function quantileOfRows(values: Float64Array, probability: number, options: ShareOptions): QuantileEstimate | undefined {
  const { numbers, clusters } = numbersOf(values, options.clusters);
  const sorted = numbers.toSorted();
  if (clusters === undefined || sorted.length === 0) return quantileEstimate(sorted, probability, options.confidence);
  const value = quantileOf(sorted, probability);
  const n = sorted.length;
  const under = numbers.map((number) => (number <= value ? 1 : 0));
  const spread = clusterSpread(under, clusters);
  if (spread.clusters < 2) return { value, low: null, high: null, n, method: oneGroup };
  const rows = Math.max(1, Math.floor(effectiveSize(spread, spread.mean * (1 - spread.mean), options.confidence)));
  const { low, high } = boundingRanks(rows, probability, options.confidence);
  return {
    value,
    low: low === 0 ? null : Math.min(value, sorted[Math.floor(((low - 1) * n) / rows)]!),
    high: high > rows ? null : Math.max(value, sorted[Math.ceil((high * n) / rows) - 1]!),
    n,
    method: `woodruff, ${spread.clusters} clusters`,
  };
}

/** Ranks, counted from 1, of the rows that bound a quantile; 0 or n + 1 where no row does. */
function boundingRanks(n: number, probability: number, confidence: number): { low: number; high: number } {
  const tail = (1 - confidence) / 2;
  // the largest rank r with P(fewer than r rows under the quantile) ≤ tail bounds it from below
  const low = lastTrue(n, (rank) => binomialAtMost(rank - 1, n, probability) <= tail);
  // the smallest rank r with P(at least r rows under it) ≤ tail bounds it from above
  const high = lastTrue(n, (rank) => binomialAtMost(rank - 1, n, probability) < 1 - tail) + 1;
  return { low, high };
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
