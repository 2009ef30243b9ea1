import type { CandidateEvidence } from '#core/evidence.ts';
import { type Goal, isServiceGoal } from '#core/goal.ts';
import type { GoalStatus } from '#core/verdict.ts';
import { quantileSurelyAbove, quantileSurelyAtMost, surelyAbove, surelyBelow } from '#statistics/betting.ts';
import { calibrationCounts, judgeQuality } from '#statistics/judge.ts';
import { judgedBound } from '#statistics/judge-sequence.ts';
import type { ErrorRates } from './error-rates.ts';
import { isRightWrong, serviceEstimate } from './estimates.ts';
import type { Grounds } from './grounds.ts';

/**
 * How a candidate stands to a goal after some of its rows, at anytime-valid bounds: asking again after more rows costs
 * nothing in error. Open for what no sequence is known for: numbers over a whole set, scores outside [0, 1].
 */
export function goalStanding(goal: Goal, candidate: CandidateEvidence, grounds: Grounds, rates: ErrorRates): GoalStatus {
  const sides = sidesOf(goal, candidate, grounds);
  if (sides === undefined) return 'undecided';
  const [good, bad] = goal.operator === '>=' ? [sides.above, sides.under] : [sides.under, sides.above];
  if (good(rates.met)) return 'met';
  return bad(rates.missed) ? 'not-met' : 'undecided';
}

interface Sides {
  /** Whether the measure is surely above the bound, wrongly with a chance of at most `error`. */
  above(error: number): boolean;
  under(error: number): boolean;
}

function sidesOf({ measure, bound }: Goal, candidate: CandidateEvidence, grounds: Grounds): Sides | undefined {
  const { clusters } = grounds;
  if (measure === 'costPer1k') {
    const ends = (error: number) => serviceEstimate('costPer1k', candidate, grounds, 1 - 2 * error);
    return { above: (error) => (ends(error)?.low ?? bound) > bound, under: (error) => (ends(error)?.high ?? bound + 1) <= bound };
  }
  if (isServiceGoal(measure)) {
    const probability = measure === 'latencyP95Ms' ? 0.95 : 0.5;
    return {
      above: (error) => quantileSurelyAbove(candidate.latencyMs, probability, bound, error, clusters),
      under: (error) => quantileSurelyAtMost(candidate.latencyMs, probability, bound, error, clusters),
    };
  }
  const scores = candidate.scores[measure];
  if (scores === undefined) return undefined;
  const marked = grounds.task.calibration[measure];
  if (marked !== undefined) {
    const calibration = calibrationCounts(marked);
    // both of the judge's shares and the judged rate may err: a third each
    const bar = (error: number) => judgedBound(bound, calibration, error / 3);
    const usable = judgeQuality(calibration, grounds.task.confidence).usable && isRightWrong(scores);
    return {
      above: (error) => usable && surelyAbove(scores, bar(error).high, error / 3, clusters),
      under: (error) => usable && surelyBelow(scores, bar(error).low, error / 3, clusters),
    };
  }
  return {
    above: (error) => surelyAbove(scores, bound, error, clusters),
    under: (error) => surelyBelow(scores, bound, error, clusters),
  };
}
