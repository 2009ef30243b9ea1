import type { CalibrationFigures } from '#core/routing.ts';
import { seededRandom } from './random.ts';

/** A score, higher surer, and how right the answer was, in [0, 1]. No NaN. */
export interface ScoredAnswer {
  readonly score: number;
  readonly right: number;
}

/** Probability = 1 / (1 + exp(−(slope · score + intercept))); the slope is above 0, so that the order of scores stays. */
export interface Calibration {
  readonly slope: number;
  readonly intercept: number;
}

export function calibrated({ slope, intercept }: Calibration, score: number): number {
  return 1 / (1 + Math.exp(-(slope * score + intercept)));
}

const smallestSlope = 1e-3;
const steps = 50;
/** Curvature that rows hardly ever lack; keeps separable rows from asking for certainty. */
const ridge = 1e-3;

/**
 * Platt scaling (Platt 1999, Advances in Large Margin Classifiers) by Newton's method over the standardised score, with his
 * smoothed targets (n₊ + 1)/(n₊ + 2) and 1/(n₋ + 2). Even odds where there are no rows.
 */
export function fitCalibration(rows: readonly ScoredAnswer[]): Calibration {
  if (rows.length === 0) return { slope: smallestSlope, intercept: 0 };
  const mean = rows.reduce((sum, { score }) => sum + score, 0) / rows.length;
  const deviation = Math.sqrt(rows.reduce((sum, { score }) => sum + (score - mean) ** 2, 0) / rows.length) || 1;
  const right = rows.reduce((sum, row) => sum + row.right, 0);
  const [most, least] = [(right + 1) / (right + 2), 1 / (rows.length - right + 2)];
  const points = rows.map(({ score, right: truth }) => ({ x: (score - mean) / deviation, target: least + truth * (most - least) }));
  let [slope, intercept] = [0, Math.log((right + 1) / (rows.length - right + 1))];
  for (let step = 0; step < steps; step++) {
    let [slopeGradient, interceptGradient, ss, si, ii] = [ridge * slope, 0, ridge, 0, ridge];
    for (const { x, target } of points) {
      const probability = 1 / (1 + Math.exp(-(slope * x + intercept)));
      const weight = Math.max(1e-12, probability * (1 - probability));
      slopeGradient += (probability - target) * x;
      interceptGradient += probability - target;
      ss += weight * x * x;
      si += weight * x;
      ii += weight;
    }
    const determinant = ss * ii - si * si;
    const [down, aside] = [
      (ii * slopeGradient - si * interceptGradient) / determinant,
      (ss * interceptGradient - si * slopeGradient) / determinant,
    ];
    // long steps of Newton's method may leave the valley
    const length = Math.max(1, Math.abs(down) / 2, Math.abs(aside) / 2);
    slope -= down / length;
    intercept -= aside / length;
    if (Math.abs(down) + Math.abs(aside) < 1e-9) break;
  }
  const plain = { slope: rounded(Math.max(smallestSlope, slope / deviation)), intercept: 0 };
  if (slope / deviation > smallestSlope) return { ...plain, intercept: rounded(intercept - (slope * mean) / deviation) };
  // a score that says nothing, or the contrary: everybody gets the share of right answers
  return { ...plain, intercept: rounded(Math.log((right + 1) / (rows.length - right + 1)) - plain.slope * mean) };
}

/** Nine digits, so that the last bits of a search do not change a manifest. */
function rounded(value: number): number {
  return Number(value.toPrecision(9));
}

const folds = 5;
const mostBins = 10;
const fewestPerBin = 10;
const simulations = 200;

/**
 * Expected calibration error (Naeini, Cooper and Hauskrecht 2015, AAAI) of probabilities that were each fitted without
 * their own fifth of the rows, over bins of equally many rows. It is above 0 for perfect probabilities too, so what those
 * would show is told beside it, by drawing truths from the probabilities themselves (consistency resampling, Bröcker and
 * Smith 2007, Weather and Forecasting 22:651-661).
 */
export function calibrationFigures(rows: readonly ScoredAnswer[], seed: number): CalibrationFigures {
  const fits = Array.from({ length: folds }, (_, fold) => fitCalibration(rows.filter((_row, index) => index % folds !== fold)));
  const confidence = Float64Array.from(rows, ({ score }, row) => calibrated(fits[row % folds]!, score));
  const bins = Math.max(1, Math.min(mostBins, Math.floor(rows.length / fewestPerBin)));
  const order = Int32Array.from(confidence.keys()).sort((a, b) => confidence[a]! - confidence[b]! || a - b);
  const error = (right: ArrayLike<number>) => binnedError(confidence, right, order, bins);
  const random = seededRandom(seed);
  const drawn = Float64Array.from({ length: simulations }, () => error(confidence.map((chance) => (random() < chance ? 1 : 0)))).sort();
  return {
    error: error(rows.map(({ right }) => right)),
    expected: drawn.reduce((sum, value) => sum + value, 0) / simulations,
    expectedHigh: drawn[Math.ceil(0.95 * simulations) - 1]!,
    n: rows.length,
    bins,
    method: 'expected calibration error, bins of equally many rows, cross-fitted',
  };
}

function binnedError(confidence: Float64Array, right: ArrayLike<number>, order: Int32Array, bins: number): number {
  let total = 0;
  for (let bin = 0; bin < bins; bin++) {
    const [from, to] = [Math.floor((bin * order.length) / bins), Math.floor(((bin + 1) * order.length) / bins)];
    let away = 0;
    for (let place = from; place < to; place++) away += confidence[order[place]!]! - right[order[place]!]!;
    total += Math.abs(away);
  }
  return order.length === 0 ? 0 : total / order.length;
}
