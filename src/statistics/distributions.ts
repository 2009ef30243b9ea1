import betaQuantileOf from '@stdlib/stats-base-dists-beta-quantile';
import binomialCdf from '@stdlib/stats-base-dists-binomial-cdf';
import binomialPmf from '@stdlib/stats-base-dists-binomial-pmf';
import normalCdfOf from '@stdlib/stats-base-dists-normal-cdf';
import normalQuantileOf from '@stdlib/stats-base-dists-normal-quantile';
import studentCdfOf from '@stdlib/stats-base-dists-t-cdf';

/** Quantile of the standard normal distribution. */
export function normalQuantile(probability: number): number {
  return normalQuantileOf(probability, 0, 1);
}

/** Half of the two-sided error goes to each side: 1.96 for a confidence of 0.95. */
export function normalCritical(confidence: number): number {
  return normalQuantile(1 - (1 - confidence) / 2);
}

/** Standard normal distribution function. */
export function normalCdf(z: number): number {
  return normalCdfOf(z, 0, 1);
}

/** Two-sided critical value of Student's t: with x from Beta(ν/2, 1/2), t² = ν(1 − x)/x. */
export function studentCritical(confidence: number, degreesOfFreedom: number): number {
  const x = betaQuantileOf(1 - confidence, degreesOfFreedom / 2, 0.5);
  return Math.sqrt((degreesOfFreedom * (1 - x)) / x);
}

/** Chance that Student's t lies at least so far from 0, on either side. */
export function studentTails(t: number, degreesOfFreedom: number): number {
  return 2 * studentCdfOf(-Math.abs(t), degreesOfFreedom);
}

/** Quantile of the Beta distribution. */
export function betaQuantile(probability: number, a: number, b: number): number {
  return betaQuantileOf(probability, a, b);
}

/** P(X ≤ k) for X from Binomial(n, p). */
export function binomialAtMost(k: number, n: number, p: number): number {
  return k < 0 ? 0 : binomialCdf(k, n, p);
}

/** P(X = k) for X from Binomial(n, p). */
export function binomialExactly(k: number, n: number, p: number): number {
  return binomialPmf(k, n, p);
}
