import type { Estimate } from '#core/estimate.ts';
import { normalCritical } from './distributions.ts';
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
