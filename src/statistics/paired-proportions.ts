import { clusterSpread, clusterSums, effectiveSize, numbersOf } from './clusters.ts';
import { binomialAtMost, binomialExactly, normalCdf } from './distributions.ts';
import type { Interval, PairedDifference } from './interval.ts';
import { oneGroup, type ShareOptions, wilsonInterval } from './proportion.ts';

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

/**
 * Difference of two columns of 0/1 scores over the rows where both are numbers, first minus second; undefined without
 * such rows. With clusters the counts of Newcombe's interval are scaled to the size that the clusters are worth for this
 * difference (as Korn and Graubard 1998 do for one share), and the p-value is that of `signFlipMidP`.
 */
export function pairedShares(first: Float64Array, second: Float64Array, options: ShareOptions): PairedDifference | undefined {
  const { confidence } = options;
  const { numbers, clusters } = numbersOf(
    first.map((score, row) => score - second[row]!),
    options.clusters,
  );
  const counts = countPairs(first, second);
  const plain = pairedProportions(counts, confidence);
  if (plain === undefined || clusters === undefined) return plain;
  const { value, n } = plain;
  const spread = clusterSpread(numbers, clusters);
  if (spread.clusters < 2) return { value, low: -1, high: 1, p: 1, n, method: oneGroup };
  const scale = effectiveSize(spread, (counts.onlyFirst + counts.onlySecond) / n - value ** 2, confidence) / n;
  const scaled = {
    both: counts.both * scale,
    onlyFirst: counts.onlyFirst * scale,
    onlySecond: counts.onlySecond * scale,
    neither: counts.neither * scale,
  };
  const { low, high } = pairedProportionsInterval(scaled, confidence);
  const p = signFlipMidP(clusterSums(numbers, clusters));
  return { value, low, high, p, n, method: `newcombe paired, sign flips, ${spread.clusters} clusters` };
}

/** Additions that an exact distribution of sign flips may take. */
const mostAdditions = 20_000_000;

/**
 * Two-sided mid-p value of "no difference" from the differences of the clusters (wins less losses, whole numbers): were
 * the candidates alike, each cluster's difference could as well have the other sign. For clusters of one row this is
 * McNemar's mid-p test. Exact by convolution (Gail, Mark, Carroll, Green and Pee 1996, Statistics in Medicine
 * 15:1069-1092, on flipping whole communities); for many clusters its normal approximation, which is the test of Yang,
 * Sun and Hardin 2010 (Biometrical Journal 52:638-652).
 */
function signFlipMidP(differences: Float64Array): number {
  const sizes = differences.map(Math.abs).filter((size) => size > 0);
  const seen = Math.abs(differences.reduce((sum, difference) => sum + difference, 0));
  if (seen === 0) return 1;
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (sizes.length * total > mostAdditions) {
    return 2 * normalCdf(-seen / Math.sqrt(sizes.reduce((sum, size) => sum + size * size, 0)));
  }
  const chances = flippedSums(sizes, total);
  // a sum of s is (total + s) / 2 on the plus side
  const at = (total + seen) / 2;
  let beyond = 0;
  for (let plus = at + 1; plus <= total; plus++) beyond += chances[plus]!;
  return 2 * beyond + chances[at]!;
}

/** Chance of every total of the sizes that get a plus, each with probability 1/2. */
function flippedSums(sizes: Float64Array, total: number): Float64Array {
  const chances = new Float64Array(total + 1);
  chances[0] = 1;
  let reached = 0;
  for (const size of sizes) {
    reached += size;
    for (let plus = reached; plus >= 0; plus--) chances[plus] = (chances[plus]! + (plus < size ? 0 : chances[plus - size]!)) / 2;
  }
  return chances;
}
