import { binomialAtMost, binomialExactly } from './distributions.ts';
import type { Interval, PairedDifference } from './interval.ts';
import { wilsonInterval } from './proportion.ts';

/** How two candidates did on the same rows. */
export interface PairedCounts {
  readonly both: number;
  readonly onlyFirst: number;
  readonly onlySecond: number;
  readonly neither: number;
}

/**
 * Two-sided mid-p value of McNemar's exact test: the exact test is needlessly conservative, the mid-p version is not
 * and holds its level in practice (Fagerland, Lydersen and Laake 2013, BMC Medical Research Methodology 13:91).
 */
export function mcnemarMidP(onlyFirst: number, onlySecond: number): number {
  const discordant = onlyFirst + onlySecond;
  if (discordant === 0) return 1;
  const fewer = Math.min(onlyFirst, onlySecond);
  const exact = Math.min(1, 2 * binomialAtMost(fewer, discordant, 0.5));
  const point = binomialExactly(fewer, discordant, 0.5);
  return onlyFirst === onlySecond ? 1 - point : exact - point;
}

/**
 * Interval of the difference of two proportions on the same rows, first minus second: Newcombe's square-and-add of the
 * two Wilson intervals with their continuity-corrected correlation (Newcombe 1998, Statistics in Medicine 17:2635-2650,
 * method 10; recommended by Fagerland, Lydersen and Laake 2014, Statistics in Medicine 33:2850-2875).
 */
export function pairedProportionsInterval(counts: PairedCounts, confidence: number): Interval {
  const { both, onlyFirst, onlySecond, neither } = counts;
  const n = both + onlyFirst + onlySecond + neither;
  if (n === 0) return { low: -1, high: 1 };
  const first = both + onlyFirst;
  const second = both + onlySecond;
  const firstWilson = wilsonInterval(first, n, confidence);
  const secondWilson = wilsonInterval(second, n, confidence);
  const marginals = first * (n - first) * second * (n - second);
  const association = both * neither - onlyFirst * onlySecond;
  const corrected = association > 0 ? Math.max(0, association - n / 2) : association;
  const phi = marginals === 0 ? 0 : corrected / Math.sqrt(marginals);
  const reach = (a: number, b: number) => Math.sqrt(Math.max(0, a * a - 2 * phi * a * b + b * b));
  const difference = (onlyFirst - onlySecond) / n;
  return {
    low: Math.max(-1, difference - reach(first / n - firstWilson.low, secondWilson.high - second / n)),
    high: Math.min(1, difference + reach(firstWilson.high - first / n, second / n - secondWilson.low)),
  };
}

/** Difference of two right/wrong candidates on the same rows; undefined without rows. */
export function pairedProportions(counts: PairedCounts, confidence: number): PairedDifference | undefined {
  const n = counts.both + counts.onlyFirst + counts.onlySecond + counts.neither;
  if (n === 0) return undefined;
  return {
    value: (counts.onlyFirst - counts.onlySecond) / n,
    ...pairedProportionsInterval(counts, confidence),
    p: mcnemarMidP(counts.onlyFirst, counts.onlySecond),
    n,
    method: 'newcombe paired, mcnemar mid-p',
  };
}

/** Counts of two columns of 0/1 scores, over the rows where both are numbers. */
export function countPairs(first: Float64Array, second: Float64Array): PairedCounts {
  let both = 0;
  let onlyFirst = 0;
  let onlySecond = 0;
  let neither = 0;
  for (let row = 0; row < first.length; row++) {
    const a = first[row]!;
    const b = second[row]!;
    if (Number.isNaN(a) || Number.isNaN(b)) continue;
    if (a > 0.5) b > 0.5 ? both++ : onlyFirst++;
    else b > 0.5 ? onlySecond++ : neither++;
  }
  return { both, onlyFirst, onlySecond, neither };
}
