import { levenbergMarquardt } from 'ml-levenberg-marquardt';
import type { CurveSize } from './learning-curve-sizes.ts';

/** A law of the error over x, the training rows as a share of the most measured. `cap` bounds the error that stays. */
export interface Law {
  readonly name: 'power' | 'rectified';
  readonly starts: readonly (readonly [floor: number, exponent: number, delay?: number])[];
  at(parameters: readonly number[], cap: number): (x: number) => { value: number; slopes: number[] };
}

/** A law with its parameters for one set of sizes. */
export interface Fit {
  readonly law: Law;
  readonly parameters: readonly number[];
  readonly criterion: number;
  errorAt(x: number): number;
}

const steepest = 3;
const iterations = { perRound: 5, rounds: 12 };
/** The library keeps steps that make things worse: a bold beginning may strand at a bound where a careful one does not. */
const dampings = [100, 0.01];
const lowest = [-12, -25, -8, -25];
const highest = [12, 8, 8, 12];

/** E + B x^-β (Figueroa et al. 2012, BMC Medical Informatics and Decision Making 12:8). Logarithms and logits keep parameters in range. */
export const power: Law = {
  name: 'power',
  starts: [
    [0.1, 0.3],
    [0.1, 1],
    [0.7, 0.5],
    [0.7, 1.2],
  ],
  at([floor = 0, scale = 0, exponent = 0], cap) {
    const [share, part, size] = [logistic(floor), logistic(exponent), Math.exp(scale)];
    return (x) => {
      const falling = size * x ** (-steepest * part);
      const slopes = [cap * share * (1 - share), falling, -falling * Math.log(x) * steepest * part * (1 - part)];
      return { value: cap * share + falling, slopes };
    };
  },
};

/** E + B / (D + x^β): flat at first, then a power law (Lin et al. 2024, arXiv 2402.02314). */
export const rectified: Law = {
  name: 'rectified',
  starts: power.starts.flatMap(([floor, exponent]) => [
    [floor, exponent, 0.05],
    [floor, 2 * exponent, 0.5],
  ]),
  at([floor = 0, scale = 0, exponent = 0, delay = 0], cap) {
    const [share, part, size, late] = [logistic(floor), logistic(exponent), Math.exp(scale), Math.exp(delay)];
    return (x) => {
      const grown = x ** (steepest * part);
      const falling = size / (late + grown);
      const bend = -falling / (late + grown);
      const slopes = [cap * share * (1 - share), falling, bend * grown * Math.log(x) * steepest * part * (1 - part), bend * late];
      return { value: cap * share + falling, slopes };
    };
  },
};

/** Parameters to begin with, from easy to odd. */
export function startsOf(law: Law, sizes: readonly CurveSize[]): number[][] {
  const [cap, last] = [capOf(sizes), sizes.at(-1)!.mean];
  return law.starts.map(([floor, exponent, delay]) => {
    const scale = Math.log(Math.max(1e-6, last - cap * floor) * (1 + (delay ?? 0)));
    const [logitFloor, logitExponent] = [logit(floor), logit(exponent / steepest)];
    return delay === undefined ? [logitFloor, scale, logitExponent] : [logitFloor, scale, logitExponent, Math.log(delay)];
  });
}

/** The error that stays is at most the smallest one seen. */
function capOf(sizes: readonly CurveSize[]): number {
  return Math.max(0, Math.min(...sizes.map(({ mean }) => mean)));
}

/** Least squares over the means of sizes by Levenberg and Marquardt, from the best of several starts. */
export function fitLaw(law: Law, sizes: readonly CurveSize[], starts: readonly (readonly number[])[]): Fit {
  const cap = capOf(sizes);
  const most = sizes.at(-1)!.rows;
  // sizes in their order weigh 1, 2, 3 …, each as often as it has seeds; residuals are scaled to about 1, and carry the
  // weights themselves because the library's own enter its steps and its sums of squares differently
  const units = sizes.map(({ errors }, index) => (100 * Math.sqrt((index + 1) * errors.length)) / Math.max(1e-6, sizes[0]!.mean));
  const data = { x: [...sizes.keys()], y: sizes.map(({ mean }, index) => mean * units[index]!) };
  const options = { minValues: lowest, maxValues: highest, errorTolerance: 1e-9, maxIterations: iterations.perRound };
  const share = sizes.map(({ rows }) => rows / most);
  const value = (parameters: number[]) => {
    const curve = law.at(parameters, cap);
    return (index: number) => curve(share[index]!).value * units[index]!;
  };
  const jacobianFunction = (parameters: number[]) => {
    const curve = law.at(parameters, cap);
    return (index: number) => curve(share[index]!).slopes.map((slope) => slope * units[index]!);
  };
  let parameters: readonly number[] = starts[0]!;
  let misfit = Number.POSITIVE_INFINITY;
  for (const start of starts) {
    let [reached, error] = [start, Number.POSITIVE_INFINITY];
    for (const damping of dampings) {
      for (let round = 0; round < iterations.rounds; round++) {
        const result = levenbergMarquardt(data, value, { ...options, damping, initialValues: reached, jacobianFunction });
        const gained = error - result.parameterError;
        [reached, error] = [result.parameterValues, result.parameterError];
        if (!(gained > 1e-4 * error)) break;
      }
    }
    if (error < misfit) [parameters, misfit] = [reached, error];
  }
  const curve = law.at(parameters, cap);
  return { law, parameters, criterion: correctedAkaike(sizes, (x) => curve(x).value, parameters.length), errorAt: (x) => curve(x).value };
}

/** AICc over single seeds, weighted as the fit is. */
function correctedAkaike(sizes: readonly CurveSize[], errorAt: (x: number) => number, parameters: number): number {
  let [squares, weights, n] = [0, 0, 0];
  const most = sizes.at(-1)!.rows;
  for (const [index, { errors, rows }] of sizes.entries()) {
    const fitted = errorAt(rows / most);
    for (const error of errors) squares += (index + 1) * (error - fitted) ** 2;
    weights += (index + 1) * errors.length;
    n += errors.length;
  }
  const k = parameters + 1;
  const free = n - k - 1;
  return free < 1 ? Number.POSITIVE_INFINITY : n * Math.log(Math.max(squares / weights, 1e-12)) + 2 * k + (2 * k * (k + 1)) / free;
}

/** The fit with the smaller AICc. */
export function better(fits: readonly Fit[]): Fit {
  return fits.reduce((best, fit) => (fit.criterion < best.criterion ? fit : best));
}

function logistic(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

function logit(share: number): number {
  return Math.log(share / (1 - share));
}
