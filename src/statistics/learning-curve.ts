import type { Estimate } from '#core/estimate.ts';
import type { LearningCurvePoint } from '#core/evidence.ts';
import { normalCritical, normalQuantile, studentCritical } from './distributions.ts';
import { better, type Fit, fitLaw, power, rectified, startsOf } from './learning-curve-laws.ts';
import { type CurveSize, degreesOfFreedom, isShare, sizesOf } from './learning-curve-sizes.ts';
import { moments } from './mean.ts';
import { quantileOf } from './quantile.ts';
import { seededRandom } from './random.ts';

interface LearningCurveFit {
  readonly law: 'power' | 'rectified' | 'none';
  /** A clause: why this law, or why none. */
  readonly why: string;
  readonly forecast: readonly ({ readonly rows: number } & Estimate)[];
  /** What those rows bring over the largest measured number of rows, positive where better. */
  readonly gain: readonly ({ readonly rows: number } & Estimate)[];
}

interface LearningCurveOptions {
  readonly confidence: number;
  readonly seed: number;
  readonly better: 'higher' | 'lower';
  /** Numbers of training rows to forecast for; those beyond four times the largest measured, or below the smallest, are left out. */
  readonly at: readonly number[];
  /** Absent: 500. */
  readonly resamples?: number;
}

/** Fewer sizes cannot tell the shape of a curve, fewer seeds not its noise. */
const fewest = { sizes: 4, seeds: 3 };
/** Times the largest number of rows measured. Ours: farther out a forecast says more about the law than about the data. */
const furthest = 4;
const usualResamples = 500;

/**
 * Fits the error over the training rows by a power law and by a rectified law, larger sizes weighing more (Figueroa et
 * al. 2012), and takes the one with the smaller AICc (Hurvich and Tsai 1989) over single seeds. The error is 1 − value
 * for metrics of which more is better, which must lie in [0, 1], and the value itself otherwise. The band is a
 * parametric bootstrap that draws seeds anew within sizes and the validation rows as a whole, and chooses the law
 * afresh each time. A curve that does not clearly fall gets no law: a flat start is no evidence of a plateau.
 */
export function fitLearningCurve(points: readonly LearningCurvePoint[], options: LearningCurveOptions): LearningCurveFit {
  const sizes = sizesOf(points, options.better);
  const unfit = reasonAgainst(sizes, options);
  if (unfit !== undefined) return { law: 'none', why: unfit, forecast: [], gain: [] };
  const most = sizes.at(-1)!.rows;
  const fits = [power, rectified].map((law) => fitLaw(law, sizes, startsOf(law, sizes)));
  const best = better(fits);
  const rows = options.at.filter((at) => at >= sizes[0]!.rows && at <= furthest * most);
  const drawn = resample(sizes, fits, rows, options);
  const method = `${best.law.name} law, bootstrap over seeds and validation rows`;
  const n = Math.min(...sizes.map((size) => size.n));
  const tail = (1 - options.confidence) / 2;
  const sign = options.better === 'higher' ? -1 : 1;
  const estimate = (at: number, value: number, numbers: Float64Array, turn: (error: number) => number) => {
    numbers.sort();
    const ends = [value, quantileOf(numbers, tail), quantileOf(numbers, 1 - tail)].map(turn);
    return { rows: at, value: ends[0]!, low: Math.min(...ends), high: Math.max(...ends), n, method };
  };
  return {
    law: best.law.name,
    why: `a ${best.law.name} law fits ${best.law === power ? 'best' : 'better than a plain power law: the curve starts flat'}`,
    forecast: rows.map((at, index) =>
      estimate(at, best.errorAt(at / most), drawn.errors[index]!, (error) => (options.better === 'higher' ? 1 : 0) + sign * error),
    ),
    gain: rows.map((at, index) =>
      estimate(at, best.errorAt(1) - best.errorAt(at / most), drawn.gains[index]!, (gain) => (gain === 0 ? 0 : gain)),
    ),
  };
}

function reasonAgainst(sizes: readonly CurveSize[], { confidence, better }: LearningCurveOptions): string | undefined {
  if (sizes.length < fewest.sizes) {
    return `a forecast needs ${fewest.sizes} or more different numbers of rows, and there are ${sizes.length}`;
  }
  const thin = sizes.find(({ errors }) => errors.length < fewest.seeds);
  if (thin !== undefined) return `a forecast needs ${fewest.seeds} or more seeds each, and ${thin.rows} rows have ${thin.errors.length}`;
  if (sizes.some(({ errors }) => errors.some((error) => error < 0 || (better === 'higher' && error > 1)))) {
    return better === 'higher' ? 'the metric leaves the range of 0 to 1' : 'the metric falls below 0';
  }
  if (clearlyFalls(sizes, confidence)) return undefined;
  return 'the curve is flat so far, within its noise: whether it has levelled off or has not yet begun to rise cannot be told';
}

/** A slope over the logarithm of the rows that seeds alone do not explain, over as many validation rows as a sign test would need. */
function clearlyFalls(sizes: readonly CurveSize[], confidence: number): boolean {
  const logs = sizes.map(({ rows }) => Math.log(rows));
  const centre = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  let slope = 0;
  let variance = 0;
  for (const [index, { mean, errors, variance: own }] of sizes.entries()) {
    const lever = logs[index]! - centre;
    slope += lever * mean;
    variance += (lever * lever * own) / errors.length;
  }
  if (-slope <= studentCritical(confidence, degreesOfFreedom(sizes)) * Math.sqrt(variance)) return false;
  const [first, last] = [sizes[0]!, sizes.at(-1)!];
  return !sizes.every(({ errors }) => isShare(errors)) || (first.mean - last.mean) * last.n >= normalCritical(confidence) ** 2;
}

function resample(
  sizes: readonly CurveSize[],
  fits: readonly Fit[],
  rows: readonly number[],
  { confidence, seed, resamples = usualResamples }: LearningCurveOptions,
): { errors: Float64Array[]; gains: Float64Array[] } {
  const random = seededRandom(seed);
  const normal = () => normalQuantile(Math.max(random(), 1e-9));
  // the spread of few seeds is itself uncertain, by as much as Student's t is wider than the normal distribution
  const caution = studentCritical(confidence, degreesOfFreedom(sizes)) / normalCritical(confidence);
  const most = sizes.at(-1)!.rows;
  const columns = () => rows.map(() => new Float64Array(resamples));
  const [errors, gains] = [columns(), columns()];
  for (let draw = 0; draw < resamples; draw++) {
    const luck = luckOfRows(sizes, normal);
    const drawn = sizes.map((size, index) => redraw(size, luck[index]!, () => caution * normal()));
    const best = better(fits.map(({ law, parameters }) => fitLaw(law, drawn, [parameters])));
    const now = best.errorAt(1);
    for (const [index, at] of rows.entries()) {
      const error = best.errorAt(at / most);
      errors[index]![draw] = error;
      gains[index]![draw] = now - error;
    }
  }
  return { errors, gains };
}

/**
 * How far other validation rows would move the error of each size: those are the same rows for every size. Where what
 * a larger size gets wrong is among what a smaller one does, errors are an empirical distribution function of how hard
 * rows are, whose noise is a Brownian bridge (Donsker 1952): each size as a binomial share, near sizes moving together.
 */
function luckOfRows(sizes: readonly CurveSize[], normal: () => number): number[] {
  if (!sizes.every(({ errors }) => isShare(errors))) return sizes.map(() => 0);
  // two rows right and two wrong are added (Agresti and Coull 1998), so that no error at all is not taken for certainty
  const shares = sizes.map(({ mean, n }) => (mean * n + 2) / (n + 4));
  const walked = shares.map(() => 0);
  let [height, at] = [0, 0];
  for (const index of [...shares.keys()].sort((one, other) => shares[one]! - shares[other]!)) {
    height += normal() * Math.sqrt(shares[index]! - at);
    at = shares[index]!;
    walked[index] = height;
  }
  const end = height + normal() * Math.sqrt(1 - at);
  return sizes.map(({ n }, index) => (walked[index]! - shares[index]! * end) / Math.sqrt(n + 4));
}

/** Other seeds, on other validation rows. */
function redraw(size: CurveSize, shift: number, deviate: () => number): CurveSize {
  const most = isShare(size.errors) ? 1 : Number.POSITIVE_INFINITY;
  const errors = size.errors.map(() => Math.min(most, Math.max(0, size.mean + shift + deviate() * Math.sqrt(size.variance))));
  return { ...size, errors, mean: moments(errors).mean };
}
