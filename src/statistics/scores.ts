import type { Estimate } from '#core/estimate.ts';
import { bootstrap } from './bootstrap.ts';
import type { PairedDifference } from './interval.ts';
import { meanEstimate } from './mean.ts';
import { wilsonInterval } from './proportion.ts';

interface ScoreOptions {
  readonly confidence: number;
  readonly seed: number;
}

/**
 * Mean of scores in [0, 1] by the bootstrap, NaN left out; undefined without numbers. Scores outside that range get
 * Student's t interval. Where all scores are equal the
 * bootstrap would claim certainty: then Wilson's interval of the sum, which is conservative for such scores.
 */
export function scoreEstimate(scores: Float64Array, options: ScoreOptions): Estimate | undefined {
  const numbers = scores.filter((score) => !Number.isNaN(score));
  if (numbers.length === 0) return undefined;
  if (numbers.some((score) => score < 0 || score > 1)) return meanEstimate(numbers, options.confidence);
  return setEstimate(numbers.length, (rows) => meanAt(numbers, rows), options);
}

/** A number in [0, 1] over a whole set, as macro-F1, by resampling its rows; Wilson's interval where no resample differs. */
export function setEstimate(n: number, statistic: (rows: Int32Array) => number, options: ScoreOptions): Estimate {
  const { value, low, high, varied } = bootstrap(n, statistic, options);
  if (varied) return { value, low, high, n, method: 'bca bootstrap' };
  return { value, ...wilsonInterval(value * n, n, options.confidence), n, method: 'wilson, all rows alike' };
}

/** Difference of mean scores on the same rows, first minus second, over the rows where both are numbers. */
export function pairedScores(first: Float64Array, second: Float64Array, options: ScoreOptions): PairedDifference | undefined {
  const differences = first.map((score, row) => score - second[row]!).filter((difference) => !Number.isNaN(difference));
  if (differences.length === 0) return undefined;
  return pairedSets(differences.length, (rows) => meanAt(differences, rows), options);
}

/** Difference of two numbers over the same set of rows, resampled together. */
export function pairedSets(n: number, difference: (rows: Int32Array) => number, options: ScoreOptions): PairedDifference {
  const { value, low, high, p, varied } = bootstrap(n, difference, options);
  if (varied) return { value, low, high, p, n, method: 'paired bca bootstrap' };
  // n rows alike do not show that the next one is: at most this share may differ, each by at most 1
  const unseen = wilsonInterval(0, n, options.confidence).high;
  const method = 'wilson, all rows alike';
  return { value, low: Math.max(-1, value - unseen), high: Math.min(1, value + unseen), p: value === 0 ? 1 : p, n, method };
}

function meanAt(values: Float64Array, rows: Int32Array): number {
  let sum = 0;
  for (const row of rows) sum += values[row]!;
  return sum / rows.length;
}
