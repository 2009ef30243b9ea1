import { quantileSurelyAbove, quantileSurelyAtMost } from './betting.ts';
import { type QuantileEstimate, quantileOf, sortedNumbers } from './quantile.ts';

/**
 * Interval of a quantile that is valid however often it is looked at: a quantile is at most x where the share of rows
 * up to x is at least its probability, and that share is a mean of 0s and 1s. Undefined without rows; an end is null
 * where the rows are too few to bound it on that side.
 */
export function quantileSequence(
  values: Float64Array,
  probability: number,
  { confidence, clusters }: { readonly confidence: number; readonly clusters?: Int32Array },
): QuantileEstimate | undefined {
  const sorted = sortedNumbers(values);
  const n = sorted.length;
  if (n === 0) return undefined;
  const error = (1 - confidence) / 2;
  const above = firstFalse(n, (index) => quantileSurelyAbove(values, probability, sorted[index]!, error, clusters));
  const under = firstFalse(n, (index) => !quantileSurelyAtMost(values, probability, sorted[index]!, error, clusters));
  const value = quantileOf(sorted, probability);
  return {
    value,
    // numbers that drift while they are measured can push both ends past the quantile: the interval then reaches out to it
    low: above === 0 ? null : Math.min(value, sorted[above - 1]!),
    high: under === n ? null : Math.max(value, sorted[under]!),
    n,
    method: 'betting on the share under it',
  };
}

/** The first of 0…n−1 for which a condition fails that fails from some point on; n where it never does. */
function firstFalse(n: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
