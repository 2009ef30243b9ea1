import type { CalibrationRow } from '#core/calibration.ts';
import type { Estimate } from '#core/estimate.ts';
import { normalCritical } from './distributions.ts';
import type { Interval, PairedDifference } from './interval.ts';
import { proportionEstimate, wilsonInterval } from './proportion.ts';

/** How a judge marked answers that people marked too. */
export interface CalibrationCounts {
  /** Answers that people call right, and how many of them the judge does too. */
  readonly humanRight: number;
  readonly trueRight: number;
  /** Answers that people call wrong, and how many of them the judge does too. */
  readonly humanWrong: number;
  readonly trueWrong: number;
}

export function calibrationCounts(rows: readonly CalibrationRow[]): CalibrationCounts {
  const right = rows.filter(({ human }) => human === 1);
  const wrong = rows.filter(({ human }) => human === 0);
  return {
    humanRight: right.length,
    trueRight: right.filter(({ judge }) => judge === 1).length,
    humanWrong: wrong.length,
    trueWrong: wrong.filter(({ judge }) => judge === 0).length,
  };
}

/** How far a judge can be trusted. */
export interface JudgeQuality {
  /** Share of right answers that the judge calls right; undefined where people called none right. */
  readonly right: Estimate | undefined;
  /** Share of wrong answers that the judge calls wrong; undefined where people called none wrong. */
  readonly wrong: Estimate | undefined;
  /** The two shares less 1 (Youden 1950): 0 for a judge that tosses a coin, 1 for one that never errs. */
  readonly better: Estimate | undefined;
  /** True where that is above 0 at the confidence: only then can a judged rate be corrected. */
  readonly usable: boolean;
  /** A sentence. */
  readonly why: string;
}

/**
 * Quality of a judge from its calibration. The interval of `better` is Newcombe's for a difference of two independent
 * shares, by squaring and adding Wilson's (1998, Statistics in Medicine 17:873-890, method 10).
 */
export function judgeQuality(counts: CalibrationCounts, confidence: number): JudgeQuality {
  const right = proportionEstimate(counts.trueRight, counts.humanRight, confidence);
  const wrong = proportionEstimate(counts.trueWrong, counts.humanWrong, confidence);
  if (right === undefined || wrong === undefined) {
    const missing = right === undefined ? 'right' : 'wrong';
    const why = `People called no answer of the calibration ${missing}, so it does not show what the judge makes of such answers.`;
    return { right, wrong, better: undefined, usable: false, why };
  }
  const value = right.value + wrong.value - 1;
  const better = {
    value,
    low: Math.max(-1, value - Math.hypot(right.value - right.low, wrong.value - wrong.low)),
    high: Math.min(1, value + Math.hypot(right.high - right.value, wrong.high - wrong.value)),
    n: right.n + wrong.n,
    method: 'newcombe',
  };
  const usable = better.low > 0;
  const why = usable
    ? 'The judge tells right from wrong better than chance.'
    : `The ${better.n} answers that people marked do not show that the judge tells right from wrong better than chance.`;
  return { right, wrong, better, usable, why };
}

export interface JudgedRate {
  readonly right: number;
  readonly n: number;
  /** Rows that one independent row stands for where rows come in clusters; absent: 1. */
  readonly designEffect?: number;
}

/**
 * The share that people would call right, from the share that a judge does: (p + q0 − 1) / (q0 + q1 − 1), q1 and q0 being
 * the judge's shares of right and wrong answers that it recognises (Rogan and Gladen 1978, American Journal of
 * Epidemiology 107:71-76). The interval carries the calibration's own uncertainty (Lang and Reiczigel 2014, Preventive
 * Veterinary Medicine 113:13-22; for judges Lee et al. 2025, arXiv 2511.21140). Undefined without judged rows, and where
 * `judgeQuality` does not find the judge usable.
 */
export function correctedRate(
  input: { readonly judged: JudgedRate; readonly calibration: CalibrationCounts },
  confidence: number,
): Estimate | undefined {
  const { judged, calibration } = input;
  const { right, wrong, usable } = judgeQuality(calibration, confidence);
  if (judged.n === 0 || right === undefined || wrong === undefined || !usable) return undefined;
  const value = within((judged.right / judged.n + wrong.value - 1) / (right.value + wrong.value - 1), 0, 1);
  const ends = correctedInterval(judged, calibration, confidence);
  return {
    value,
    low: Math.min(value, within(ends.low, 0, 1)),
    high: Math.max(value, within(ends.high, 0, 1)),
    n: judged.n,
    method: `lang-reiczigel, judge calibrated on ${right.n + wrong.n}`,
  };
}

function correctedInterval(judged: JudgedRate, calibration: CalibrationCounts, confidence: number): Interval {
  const z = normalCritical(confidence);
  const rows = judged.n / Math.max(1, judged.designEffect ?? 1);
  // Agresti and Coull's added successes and failures, z²/2 for the rate and 1 for each of the judge's shares
  const rate = padded((judged.right / judged.n) * rows, rows, z * z);
  const right = padded(calibration.trueRight, calibration.humanRight, 2);
  const wrong = padded(calibration.trueWrong, calibration.humanWrong, 2);
  const better = right.share + wrong.share - 1;
  const centre = (rate.share + wrong.share - 1) / better;
  const shift = 2 * z * z * (centre * right.variance - (1 - centre) * wrong.variance);
  const reach = (z * Math.sqrt(rate.variance + centre ** 2 * right.variance + (1 - centre) ** 2 * wrong.variance)) / better;
  return { low: centre + shift - reach, high: centre + shift + reach };
}

function padded(successes: number, n: number, added: number): { share: number; variance: number } {
  const share = (successes + added / 2) / (n + added);
  return { share, variance: (share * (1 - share)) / (n + added) };
}

/**
 * The difference that people would see between two candidates, from what a judge sees on the same rows: d / (q0 + q1 − 1),
 * since what the judge adds to both cancels. Takes it that the judge errs alike on both. The interval is of a ratio of two
 * independent numbers that each have one (MOVER; Donner and Zou 2012, Statistical Methods in Medical Research 21:347-359),
 * so it leaves 0 out exactly where the judged difference does; the p-value is the judged one. Undefined where the judge is
 * not usable.
 */
export function correctedDifference(
  input: { readonly judged: PairedDifference; readonly calibration: CalibrationCounts },
  confidence: number,
): PairedDifference | undefined {
  const { judged, calibration } = input;
  const { better, usable } = judgeQuality(calibration, confidence);
  if (better === undefined || !usable) return undefined;
  // the ends of d − R·better, which leave 0 outside for every R beyond the interval
  const bottom = (ratio: number) =>
    judged.value -
    ratio * better.value -
    Math.hypot(judged.value - judged.low, ratio * (ratio > 0 ? better.high - better.value : better.value - better.low));
  const top = (ratio: number) =>
    judged.value -
    ratio * better.value +
    Math.hypot(judged.high - judged.value, ratio * (ratio > 0 ? better.value - better.low : better.high - better.value));
  const value = within(judged.value / better.value, -1, 1);
  return {
    value,
    low: crossing(-1, value, bottom),
    high: crossing(value, 1, top),
    p: judged.p,
    n: judged.n,
    method: `${judged.method}, judge calibrated on ${better.n}`,
  };
}

/** Where a falling function passes 0 between two points; the nearer point where it does not. */
function crossing(from: number, to: number, falling: (at: number) => number): number {
  if (falling(from) <= 0) return from;
  if (falling(to) >= 0) return to;
  let low = from;
  let high = to;
  for (let halving = 0; halving < 50; halving++) {
    const middle = (low + high) / 2;
    if (falling(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function within(number: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, number));
}

/** What a judge and a person called the same answer. */
export interface JudgedPair {
  readonly judge: string | number;
  readonly human: string | number;
}

/**
 * Agreement beyond chance of a judge and people (Cohen 1960, Educational and Psychological Measurement 20:37-46) with the
 * interval of Fleiss, Cohen and Everitt (1969, Psychological Bulletin 72:323-327). Where they always agree that interval
 * has no width: then from Wilson's of the agreement. Undefined without pairs, and where both only ever use one and the
 * same mark, so that chance explains everything.
 */
export function cohenKappa(pairs: readonly JudgedPair[], options: { readonly confidence: number }): Estimate | undefined {
  const n = pairs.length;
  const judge = sharesOf(pairs.map((pair) => pair.judge));
  const human = sharesOf(pairs.map((pair) => pair.human));
  const agreed = pairs.filter((pair) => pair.judge === pair.human).length / n;
  const chance = [...judge].reduce((sum, [mark, share]) => sum + share * (human.get(mark) ?? 0), 0);
  if (n === 0 || chance >= 1 - 1e-12) return undefined;
  const kappa = (share: number) => (share - chance) / (1 - chance);
  const value = kappa(agreed);
  const spread = pairs.reduce((sum, pair) => {
    const margins = (judge.get(pair.human) ?? 0) + (human.get(pair.judge) ?? 0);
    return sum + ((pair.judge === pair.human ? 1 : 0) - margins * (1 - value)) ** 2 / n;
  }, 0);
  const variance = Math.max(0, spread - (value - chance * (1 - value)) ** 2) / (n * (1 - chance) ** 2);
  if (variance < 1e-15) {
    const { low, high } = wilsonInterval(agreed * n, n, options.confidence);
    return { value, low: Math.max(-1, kappa(low)), high: Math.min(1, kappa(high)), n, method: 'cohen kappa, wilson of the agreement' };
  }
  const reach = normalCritical(options.confidence) * Math.sqrt(variance);
  return { value, low: Math.max(-1, value - reach), high: Math.min(1, value + reach), n, method: 'cohen kappa' };
}

function sharesOf(marks: readonly (string | number)[]): ReadonlyMap<string | number, number> {
  const shares = new Map<string | number, number>();
  for (const mark of marks) shares.set(mark, (shares.get(mark) ?? 0) + 1 / marks.length);
  return shares;
}
