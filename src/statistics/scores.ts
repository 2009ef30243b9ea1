import type { Estimate } from '#core/estimate.ts';
import { bootstrap } from './bootstrap.ts';
import { clusterCount, clusterSpread, numbersOf } from './clusters.ts';
import type { PairedDifference } from './interval.ts';
import { meanEstimate } from './mean.ts';
import { oneGroup, wilsonInterval } from './proportion.ts';

interface ScoreOptions {
  readonly confidence: number;
  readonly seed: number;
  /** Index of every row's cluster, where rows share one: whole clusters are then resampled. */
  readonly clusters?: Int32Array | undefined;
}

/**
 * Mean of scores in [0, 1] by the bootstrap, NaN left out; undefined without numbers. Scores outside that range get
 * Student's t interval, and none where all are of one cluster. Where all scores are equal the bootstrap would claim
 * certainty: then Wilson's interval of the sum, which is conservative for such scores.
 */
export function scoreEstimate(scores: Float64Array, options: ScoreOptions): Estimate | undefined {
  const { numbers, clusters } = numbersOf(scores, options.clusters);
  if (numbers.length === 0) return undefined;
  if (beyondRange(numbers)) return meanEstimate(numbers, options.confidence, clusters);
  return setEstimate(numbers.length, (rows) => meanAt(numbers, rows), { ...options, clusters });
}

/**
 * A number in [0, 1] over a whole set, as macro-F1, by resampling its rows; Wilson's interval where no resample differs.
 * `clusters` are of the same n rows, dense.
 */
export function setEstimate(n: number, statistic: (rows: Int32Array) => number, options: ScoreOptions): Estimate {
  const { value, low, high, varied } = bootstrap(n, statistic, options);
  if (varied) return { value, low, high, n, method: `bca bootstrap${ofClusters(options.clusters)}` };
  const rows = rowsIfAlike(n, options.clusters);
  if (rows === 0) return { value, low: Math.min(0, value), high: Math.max(1, value), n, method: oneGroup };
  return { value, ...wilsonInterval(value * rows, rows, options.confidence), n, method: `wilson, all ${ofWhat(options.clusters)} alike` };
}

/** Difference of mean scores on the same rows, first minus second, over the rows where both are numbers. */
export function pairedScores(first: Float64Array, second: Float64Array, options: ScoreOptions): PairedDifference | undefined {
  const { numbers, clusters } = numbersOf(
    first.map((score, row) => score - second[row]!),
    options.clusters,
  );
  if (numbers.length === 0) return undefined;
  return pairedSets(numbers.length, (rows) => meanAt(numbers, rows), { ...options, clusters });
}

/** Difference of two numbers in [0, 1] over the same set of rows, resampled together. `clusters` are of the same n rows, dense. */
export function pairedSets(n: number, difference: (rows: Int32Array) => number, options: ScoreOptions): PairedDifference {
  const { value, low, high, p, varied } = bootstrap(n, difference, options);
  if (varied) return { value, low, high, p, n, method: `paired bca bootstrap${ofClusters(options.clusters)}` };
  const rows = rowsIfAlike(n, options.clusters);
  if (rows === 0) return { value, low: Math.min(-1, value), high: Math.max(1, value), p: 1, n, method: oneGroup };
  // rows alike do not show that the next one is: at most this share may differ, each by at most 1
  const unseen = wilsonInterval(0, rows, options.confidence).high;
  const method = `wilson, all ${ofWhat(options.clusters)} alike`;
  return { value, low: Math.max(-1, value - unseen), high: Math.min(1, value + unseen), p: value === 0 ? 1 : p, n, method };
}

/** Independent rows that rows alike are worth; 0 for one cluster. */
function rowsIfAlike(n: number, clusters: Int32Array | undefined): number {
  if (clusters === undefined) return n;
  const spread = clusterSpread(new Float64Array(n), clusters);
  return spread.clusters < 2 ? 0 : spread.fewest;
}

function ofClusters(clusters: Int32Array | undefined): string {
  return clusters === undefined ? '' : `, ${clusterCount(clusters)} clusters`;
}

function ofWhat(clusters: Int32Array | undefined): string {
  return clusters === undefined ? 'rows' : `${clusterCount(clusters)} clusters`;
}

function beyondRange(numbers: Float64Array): boolean {
  return numbers.some((score) => score < 0 || score > 1);
}

function meanAt(values: Float64Array, rows: Int32Array): number {
  let sum = 0;
  for (const row of rows) sum += values[row]!;
  return sum / rows.length;
}
