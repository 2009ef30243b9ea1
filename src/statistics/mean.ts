import type { Estimate } from '#core/estimate.ts';
import { clusterSpread, numbersOf } from './clusters.ts';
import { studentCritical } from './distributions.ts';

/** Number of values that are numbers, their mean and their sample standard deviation (Welford 1962); NaN where undefined. */
export function moments(values: Float64Array): { n: number; mean: number; deviation: number } {
  let n = 0;
  let mean = 0;
  let squares = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    n++;
    const step = value - mean;
    mean += step / n;
    squares += step * (value - mean);
  }
  return { n, mean: n === 0 ? Number.NaN : mean, deviation: n < 2 ? Number.NaN : Math.sqrt(squares / (n - 1)) };
}

/**
 * Student's t interval of a mean, NaN left out; with clusters from the cluster-robust variance and its degrees of freedom.
 * Undefined for fewer than two numbers and for a single cluster, which say nothing of the spread.
 */
export function meanEstimate(values: Float64Array, confidence: number, clusters?: Int32Array): Estimate | undefined {
  const kept = numbersOf(values, clusters);
  if (kept.clusters !== undefined) return clusteredMean(kept.numbers, kept.clusters, confidence);
  const { n, mean, deviation } = moments(values);
  if (n < 2) return undefined;
  const reach = (studentCritical(confidence, n - 1) * deviation) / Math.sqrt(n);
  return { value: mean, low: mean - reach, high: mean + reach, n, method: 't' };
}

function clusteredMean(numbers: Float64Array, clusters: Int32Array, confidence: number): Estimate | undefined {
  const spread = clusterSpread(numbers, clusters);
  if (spread.clusters < 2) return undefined;
  const { n, mean, variance, degrees } = spread;
  const reach = studentCritical(confidence, degrees) * Math.sqrt(variance);
  return { value: mean, low: mean - reach, high: mean + reach, n, method: `t, ${spread.clusters} clusters` };
}
