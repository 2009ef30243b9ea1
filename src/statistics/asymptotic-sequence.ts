import type { Estimate } from '#core/estimate.ts';
import { clusterSpread, numbersOf } from './clusters.ts';
import { normalCritical, studentCritical } from './distributions.ts';
import { moments } from './mean.ts';

interface AsymptoticOptions {
  readonly confidence: number;
  /** Rows at which the interval is to be narrowest; fixed before the first row. 1,000 by default. */
  readonly tunedTo?: number | undefined;
  readonly clusters?: Int32Array | undefined;
}

/**
 * Interval of the mean of numbers without bounds, in the order drawn, that may be looked at after every row: the
 * asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024 (Annals of Statistics
 * 52:2613-2640), with the parameter that makes it narrowest at `tunedTo` rows. Valid for many rows, and widened as
 * Student's t interval is for few; looks at few very skewed numbers err more often than stated. NaN is left out; with
 * clusters the standard error is the cluster-robust one. Undefined for fewer than two numbers and for a single cluster.
 */
export function asymptoticInterval(values: Float64Array, options: AsymptoticOptions): Estimate | undefined {
  const { numbers, clusters } = numbersOf(values, options.clusters);
  const n = numbers.length;
  if (n < 2) return undefined;
  const time = n / (options.tunedTo ?? 1000);
  const method = 'asymptotic confidence sequence';
  if (clusters === undefined) {
    const { mean, deviation } = moments(numbers);
    const reach = (timeUniformCritical(options.confidence, time, n - 1) * deviation) / Math.sqrt(n);
    return { value: mean, low: mean - reach, high: mean + reach, n, method };
  }
  const { mean, variance, degrees, clusters: count } = clusterSpread(numbers, clusters);
  if (count < 2) return undefined;
  const reach = timeUniformCritical(options.confidence, time, degrees) * Math.sqrt(variance);
  return { value: mean, low: mean - reach, high: mean + reach, n, method: `${method}, ${count} clusters` };
}

/**
 * Standard errors that the interval reaches at `time`, as a part of the time it is tuned to: the two-sided boundary of
 * the normal mixture (Robbins 1970, Annals of Mathematical Statistics 41:1397-1409), where spread² is the variance of
 * the mixture times the time, and wider for few degrees of freedom in the ratio of Student's t to the normal.
 */
function timeUniformCritical(confidence: number, time: number, degrees: number): number {
  const evidence = -2 * Math.log(1 - confidence);
  const spread2 = (evidence + Math.log(1 + evidence)) * time;
  const few = studentCritical(confidence, degrees) / normalCritical(confidence);
  return few * Math.sqrt((1 + 1 / spread2) * (evidence + Math.log(1 + spread2)));
}
