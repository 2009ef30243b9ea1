import { clusterCount } from './clusters.ts';
import { normalCdf, normalQuantile, studentCritical, studentTails } from './distributions.ts';
import type { Interval } from './interval.ts';
import { quantileOf } from './quantile.ts';
import { seededRandom } from './random.ts';

/** A number computed from the rows of those indexes; a row may come more than once. */
export type Statistic = (rows: Int32Array) => number;

export interface BootstrapOptions {
  readonly confidence: number;
  readonly seed: number;
  /** Absent: 2,000, fewer for many rows so that 20 million row visits are not passed, never under 200. */
  readonly resamples?: number;
  /** Dense index of every row's cluster: whole clusters are then drawn and left out, never rows. */
  readonly clusters?: Int32Array | undefined;
}

export interface BootstrapResult extends Interval {
  readonly value: number;
  /** Two-sided p-value for "the statistic is 0": the smallest error rate at which the interval would leave 0 out. */
  readonly p: number;
  /** False where every resample gave the same number, so that the interval says nothing. */
  readonly varied: boolean;
}

const rowVisits = 20_000_000;
const jackknifeGroups = 200;

/**
 * Bias-corrected and accelerated bootstrap (Efron 1987; Efron and Tibshirani 1993, chapter 14). The acceleration comes
 * from a jackknife over at most 200 groups of rows or clusters, fewer for many rows. Its two tails are read where
 * Student's t puts them for that many rows or clusters, since a resample is narrower than the truth by √((n − 1)/n)
 * and knows nothing of the doubt about the spread (Hesterberg 2015, The American Statistician 69:371-386, section 4.3).
 * `n` is at least 1.
 */
export function bootstrap(n: number, statistic: Statistic, options: BootstrapOptions): BootstrapResult {
  const resamples = options.resamples ?? Math.min(2000, Math.max(200, Math.floor(rowVisits / n)));
  const random = seededRandom(options.seed);
  const units = unitsOf(n, options.clusters);
  const value = statistic(Int32Array.from({ length: n }, (_, row) => row));
  const drawn = new Float64Array(resamples);
  const picked = new Int32Array(units.count);
  for (let resample = 0; resample < resamples; resample++) {
    for (let pick = 0; pick < units.count; pick++) picked[pick] = Math.floor(random() * units.count);
    drawn[resample] = statistic(units.rowsOf(picked));
  }
  drawn.sort();
  const varied = drawn[resamples - 1]! > drawn[0]!;
  if (!varied) return { value, low: value, high: value, p: value === 0 ? 1 : 1 / (resamples + 1), varied };
  const correction = biasCorrection(drawn, value);
  const acceleration = accelerationOf(n, units, statistic);
  const degrees = Math.max(1, units.worth - 1);
  const widening = Math.sqrt((degrees + 1) / degrees);
  const critical = studentCritical(options.confidence, degrees) * widening;
  const end = (normal: number) => {
    const shifted = correction + normal;
    return quantileOf(drawn, clampProbability(normalCdf(correction + shifted / (1 - acceleration * shifted))));
  };
  // the place of 0 among the resamples, taken back through the same correction
  const away = normalQuantile(shareUnder(drawn, 0)) - correction;
  const p = studentTails((away / (1 + acceleration * away) - correction) / widening, degrees);
  // resampling of a skewed statistic may leave the estimate itself outside: an interval always contains it
  return { value, low: Math.min(value, end(-critical)), high: Math.max(value, end(critical)), p, varied };
}

/** What is drawn as a whole: rows, or clusters of rows. */
interface Units {
  readonly count: number;
  /** Clusters of one size that would tell as much: fewer the more the sizes differ (Kish 1965). */
  readonly worth: number;
  /** The rows of those units one after another; a view that the next call may overwrite. */
  rowsOf(picked: Int32Array): Int32Array;
}

function unitsOf(n: number, clusters: Int32Array | undefined): Units {
  if (clusters === undefined) return { count: n, worth: n, rowsOf: (picked) => picked };
  const members = Array.from({ length: clusterCount(clusters) }, (): number[] => []);
  for (const [row, cluster] of clusters.entries()) members[cluster]!.push(row);
  let buffer = new Int32Array(n);
  return {
    count: members.length,
    worth: n ** 2 / members.reduce((sum, { length }) => sum + length ** 2, 0),
    rowsOf(picked) {
      let length = 0;
      for (const unit of picked) length += members[unit]!.length;
      if (length > buffer.length) buffer = new Int32Array(2 * length);
      let at = 0;
      for (const unit of picked) for (const row of members[unit]!) buffer[at++] = row;
      return buffer.subarray(0, length);
    },
  };
}

function biasCorrection(drawn: Float64Array, value: number): number {
  return normalQuantile(shareUnder(drawn, value));
}

/** Share of resamples under a number, ties half; never so near 0 or 1 that so many resamples could not tell. */
function shareUnder(drawn: Float64Array, number: number): number {
  let under = 0;
  for (const other of drawn) under += other < number ? 1 : other === number ? 0.5 : 0;
  return Math.min(1 - 0.5 / drawn.length, Math.max(0.5 / drawn.length, under / drawn.length));
}

function accelerationOf(n: number, units: Units, statistic: Statistic): number {
  const groups = Math.min(units.count, jackknifeGroups, Math.max(50, Math.floor(rowVisits / (4 * n))));
  if (groups < 2) return 0;
  const left = Float64Array.from({ length: groups }, (_, group) => {
    const from = Math.floor((group * units.count) / groups);
    const to = Math.floor(((group + 1) * units.count) / groups);
    const kept = new Int32Array(units.count - (to - from));
    for (let unit = 0, at = 0; unit < units.count; unit++) if (unit < from || unit >= to) kept[at++] = unit;
    return statistic(units.rowsOf(kept));
  });
  const mean = left.reduce((sum, number) => sum + number, 0) / groups;
  let squares = 0;
  let cubes = 0;
  for (const number of left) {
    squares += (mean - number) ** 2;
    cubes += (mean - number) ** 3;
  }
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
}

function clampProbability(probability: number): number {
  return Number.isNaN(probability) ? 0.5 : Math.min(1, Math.max(0, probability));
}
