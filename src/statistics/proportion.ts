import type { Estimate } from '#core/estimate.ts';
import { clusterSpread, effectiveSize, numbersOf } from './clusters.ts';
import { betaQuantile, normalCritical } from './distributions.ts';
import type { Interval } from './interval.ts';

/**
 * Wilson's score interval (Wilson 1927; recommended by Newcombe 1998, Statistics in Medicine 17:857-872).
 * `successes` may be a sum of scores in [0, 1]: their variance is at most p(1 − p), so the interval is then conservative.
 */
export function wilsonInterval(successes: number, n: number, confidence: number): Interval {
  if (n === 0) return { low: 0, high: 1 };
  const z2 = normalCritical(confidence) ** 2;
  const share = successes / n;
  const centre = share + z2 / (2 * n);
  const reach = Math.sqrt(z2 * ((share * (1 - share)) / n + z2 / (4 * n * n)));
  const scale = 1 + z2 / n;
  // at the ends the two terms are equal on paper and differ by rounding in binary
  const low = successes <= 0 ? 0 : Math.max(0, (centre - reach) / scale);
  const high = successes >= n ? 1 : Math.min(1, (centre + reach) / scale);
  return { low, high };
}

/** A share of rows with its Wilson interval; undefined without rows. */
export function proportionEstimate(successes: number, n: number, confidence: number): Estimate | undefined {
  if (n === 0) return undefined;
  return { value: successes / n, ...wilsonInterval(successes, n, confidence), n, method: 'wilson' };
}

export interface ShareOptions {
  readonly confidence: number;
  /** Index of every row's cluster, where rows share one. */
  readonly clusters?: Int32Array | undefined;
}

/** Says that all rows belong together, so that nothing is known of how the next ones would differ. */
export const oneGroup = 'one group: no interval';

/** Mean of 0/1 scores with Wilson's interval, NaN left out; of as many rows as the clusters are worth. Undefined without numbers. */
export function shareEstimate(scores: Float64Array, options: ShareOptions): Estimate | undefined {
  return shareWith(scores, options, 'wilson', wilsonInterval);
}

/**
 * Mean of 0/1 scores with Jeffreys' interval: the Beta distribution that the rows leave of an even prior, whose average
 * coverage is nearest to the stated one (Brown, Cai and DasGupta 2001, Statistical Science 16:101-133).
 */
export function betaEstimate(scores: Float64Array, options: ShareOptions): Estimate | undefined {
  return shareWith(scores, options, 'jeffreys', jeffreysInterval);
}

/**
 * Mean of 0/1 scores with the interval of Clopper and Pearson (1934, Biometrika 26:404-413), which never errs more often
 * than stated on either side: for claims, where Wilson's one-sided errors are off near 0 and 1 (Cai 2005, Journal of
 * Statistical Planning and Inference 131:63-88).
 */
export function exactEstimate(scores: Float64Array, options: ShareOptions): Estimate | undefined {
  return shareWith(scores, options, 'clopper-pearson', exactInterval);
}

/** Clopper and Pearson's interval; `n` need not be whole, as an effective size is not. */
export function exactInterval(successes: number, n: number, confidence: number): Interval {
  const tail = (1 - confidence) / 2;
  return {
    low: successes <= 0 ? 0 : betaQuantile(tail, successes, n - successes + 1),
    high: successes >= n ? 1 : betaQuantile(1 - tail, successes + 1, n - successes),
  };
}

function jeffreysInterval(successes: number, n: number, confidence: number): Interval {
  const tail = (1 - confidence) / 2;
  const end = (probability: number) => betaQuantile(probability, successes + 0.5, n - successes + 0.5);
  return { low: successes <= 0 ? 0 : end(tail), high: successes >= n ? 1 : end(1 - tail) };
}

function shareWith(
  scores: Float64Array,
  options: ShareOptions,
  method: string,
  interval: (successes: number, n: number, confidence: number) => Interval,
): Estimate | undefined {
  const { numbers, clusters } = numbersOf(scores, options.clusters);
  const n = numbers.length;
  if (n === 0) return undefined;
  const value = numbers.reduce((sum, score) => sum + score, 0) / n;
  if (clusters === undefined) return { value, ...interval(value * n, n, options.confidence), n, method };
  const spread = clusterSpread(numbers, clusters);
  if (spread.clusters < 2) return { value, low: 0, high: 1, n, method: oneGroup };
  const rows = effectiveSize(spread, value * (1 - value), options.confidence);
  return { value, ...interval(value * rows, rows, options.confidence), n, method: `${method}, ${spread.clusters} clusters` };
}
