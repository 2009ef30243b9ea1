import type { Estimate } from '#core/estimate.ts';
import type { LearningCurvePoint } from '#core/evidence.ts';
import { studentCritical } from './distributions.ts';
import { moments } from './mean.ts';
import { wilsonInterval } from './proportion.ts';

/** All points of one number of training rows. */
export interface CurveSize {
  readonly rows: number;
  /** One error per seed; less is better, whatever the metric. */
  readonly errors: Float64Array;
  readonly mean: number;
  /** Variance between seeds, averaged with the neighbouring sizes. */
  readonly variance: number;
  /** Validation rows behind each value; the same ones for every point. */
  readonly n: number;
}

/** The points by number of training rows, fewest first. The error is 1 − value where more is better, else the value itself. */
export function sizesOf(points: readonly LearningCurvePoint[], better: 'higher' | 'lower'): CurveSize[] {
  const usable = points.filter(({ rows, value, n }) => rows > 0 && n > 0 && Number.isFinite(value));
  const groups = Map.groupBy(usable, (point) => point.rows);
  const ordered = [...groups].sort(([one], [other]) => one - other);
  const measured = ordered.map(([rows, group]) => {
    const errors = Float64Array.from(group, ({ value }) => (better === 'higher' ? 1 - value : value));
    const { mean, deviation } = moments(errors);
    return { rows, errors, mean, own: errors.length < 2 ? 0 : deviation ** 2, n: Math.min(...group.map(({ n }) => n)) };
  });
  // three seeds say little of their spread, and those of the largest size share all their rows: neighbours help out
  return measured.map(({ own, ...size }, index) => {
    const near = measured.slice(Math.max(0, index - 1), index + 2);
    return { ...size, variance: near.reduce((sum, other) => sum + other.own, 0) / near.length };
  });
}

/** Of the variance between seeds. */
export function degreesOfFreedom(sizes: readonly CurveSize[]): number {
  return sizes.reduce((sum, { errors }) => sum + errors.length - 1, 0);
}

export function isShare(errors: Float64Array): boolean {
  return errors.every((error) => error >= 0 && error <= 1);
}

/**
 * One estimate per number of rows: the mean over seeds with Wilson's interval of the validation rows, widened by the
 * spread between seeds. Seeds share their validation rows, so they do not add to n. Student's t where values leave [0, 1].
 */
export function summariseLearningCurve(
  points: readonly LearningCurvePoint[],
  confidence: number,
): ({ rows: number; seeds: number } & Estimate)[] {
  const sizes = sizesOf(points, 'lower');
  const critical = studentCritical(confidence, Math.max(1, degreesOfFreedom(sizes)));
  return sizes.map(({ rows, errors, mean, variance, n }) => {
    const spread = critical * Math.sqrt(variance / errors.length);
    const base = { rows, seeds: errors.length, value: mean, n };
    if (!isShare(errors)) return { ...base, low: mean - spread, high: mean + spread, method: 't over seeds' };
    const wilson = wilsonInterval(mean * n, n, confidence);
    const low = Math.max(0, mean - Math.hypot(mean - wilson.low, spread));
    const high = Math.min(1, mean + Math.hypot(wilson.high - mean, spread));
    return { ...base, low, high, method: 'wilson, widened by the spread over seeds' };
  });
}
