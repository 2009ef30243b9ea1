import type { Estimate } from '#core/estimate.ts';
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

/** Student's t interval of a mean, NaN left out; undefined for fewer than two numbers. */
export function meanEstimate(values: Float64Array, confidence: number): Estimate | undefined {
  const { n, mean, deviation } = moments(values);
  if (n < 2) return undefined;
  const reach = (studentCritical(confidence, n - 1) * deviation) / Math.sqrt(n);
  return { value: mean, low: mean - reach, high: mean + reach, n, method: 't' };
}
