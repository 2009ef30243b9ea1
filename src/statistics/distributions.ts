import betaQuantileOf from '@stdlib/stats-base-dists-beta-quantile';
import binomialCdf from '@stdlib/stats-base-dists-binomial-cdf';
import binomialPmf from '@stdlib/stats-base-dists-binomial-pmf';
import normalQuantileOf from '@stdlib/stats-base-dists-normal-quantile';

/** Quantile of the standard normal distribution. */
export function normalQuantile(probability: number): number {
  return normalQuantileOf(probability, 0, 1);
}

/** Half of the two-sided error goes to each side: 1.96 for a confidence of 0.95. */
export function normalCritical(confidence: number): number {
  return normalQuantile(1 - (1 - confidence) / 2);
}

/** Standard normal distribution function, by the complementary error function's expansion (Abramowitz and Stegun 26.2.17, error < 7.5e-8). */
export function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return z >= 0 ? 1 - tail : tail;
}

/** Two-sided critical value of Student's t: with x from Beta(ν/2, 1/2), t² = ν(1 − x)/x. */
export function studentCritical(confidence: number, degreesOfFreedom: number): number {
  const x = betaQuantileOf(1 - confidence, degreesOfFreedom / 2, 0.5);
  return Math.sqrt((degreesOfFreedom * (1 - x)) / x);
}

/** Chance that Student's t lies at least so far from 0 on either side, by halving: the inverse of `studentCritical`. */
export function studentTails(t: number, degreesOfFreedom: number): number {
  let [low, high] = [Math.log(1e-12), 0];
  for (let halving = 0; halving < 40; halving++) {
    const middle = (low + high) / 2;
    if (studentCritical(1 - Math.exp(middle), degreesOfFreedom) > Math.abs(t)) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
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
