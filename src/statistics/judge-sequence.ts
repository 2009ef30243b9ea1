import type { Estimate } from '#core/estimate.ts';
import { bettingInterval } from './betting.ts';
import type { Interval } from './interval.ts';
import { type CalibrationCounts, judgeQuality } from './judge.ts';
import { exactInterval } from './proportion.ts';

/** The judge's shares of right and of wrong answers that it recognises, each within its interval at that confidence. */
function shares(
  { humanRight, trueRight, humanWrong, trueWrong }: CalibrationCounts,
  confidence: number,
): { right: Interval; wrong: Interval } {
  return { right: exactInterval(trueRight, humanRight, confidence), wrong: exactInterval(trueWrong, humanWrong, confidence) };
}

/** A confidence at which three intervals together hold at the given one (Bonferroni). */
function ofThree(confidence: number): number {
  return 1 - (1 - confidence) / 3;
}

/**
 * Where a bound on the share that people would call right lies on the scale of the judge's own rate: of a share θ the
 * judge calls θ·q1 + (1 − θ)(1 − q0) right (Rogan and Gladen 1978). Both ends, for what the calibration leaves open;
 * wrong with a chance of at most `error` on each side.
 */
export function judgedBound(bound: number, calibration: CalibrationCounts, error: number): Interval {
  const { right, wrong } = shares(calibration, 1 - error);
  const at = (recognised: number, rejected: number) => bound * recognised + (1 - bound) * (1 - rejected);
  return { low: at(right.low, wrong.high), high: at(right.high, wrong.low) };
}

/**
 * The share that people would call right from a judge's 0/1 scores in the order drawn, valid however often it is looked
 * at: a third of the error goes to the sequence of the judged rate, a third to each of the judge's shares. Undefined
 * without scores and where the judge is not usable.
 */
export function correctedSequence(
  scores: Float64Array,
  calibration: CalibrationCounts,
  { confidence, clusters }: { readonly confidence: number; readonly clusters?: Int32Array },
): Estimate | undefined {
  const { right, wrong, usable } = judgeQuality(calibration, confidence);
  const judged = bettingInterval(scores, { confidence: ofThree(confidence), clusters });
  if (judged === undefined || right === undefined || wrong === undefined || !usable) return undefined;
  const ends = shares(calibration, ofThree(confidence));
  // rises with the judged rate and with the share of wrong answers recognised, falls with that of right ones
  const corrected = (rate: number, recognised: number, rejected: number, otherwise: number) => {
    const better = recognised + rejected - 1;
    return better > 0 ? Math.min(1, Math.max(0, (rate + rejected - 1) / better)) : otherwise;
  };
  const value = corrected(judged.value, right.value, wrong.value, judged.value);
  return {
    value,
    low: Math.min(value, corrected(judged.low, ends.right.high, ends.wrong.low, 0)),
    high: Math.max(value, corrected(judged.high, ends.right.low, ends.wrong.high, 1)),
    n: judged.n,
    method: `${judged.method}, judge calibrated on ${right.n + wrong.n}`,
  };
}
