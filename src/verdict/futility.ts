import type { CandidateEvidence } from '#core/evidence.ts';
import { type Goal, isServiceGoal } from '#core/goal.ts';
import type { GoalStatus } from '#core/verdict.ts';
import { designEffect } from '#statistics/clusters.ts';
import { normalCdf, normalQuantile } from '#statistics/distributions.ts';
import { type CalibrationCounts, calibrationCounts } from '#statistics/judge.ts';
import { moments } from '#statistics/mean.ts';
import type { ErrorRates } from './error-rates.ts';
import type { Grounds } from './grounds.ts';

/** A rung whose rows that are left would decide it less often than this is not worth them. Ours: one in twenty. */
const leastChance = 0.05;

/**
 * True where the rows that are left would hardly decide a rung: some goal would hardly be met after the last row, and
 * none would be missed. By the predictive distribution of the final mean from the rows so far (stochastic curtailment;
 * Lan, Simon and Halperin 1982, Sequential Analysis 1:207-219). Giving up claims nothing, so it takes no part of the
 * error rate.
 */
export function wouldHardlyDecide(
  goals: readonly { readonly goal: Goal; readonly status: GoalStatus }[],
  candidate: CandidateEvidence,
  grounds: Grounds,
  { atEnd, of }: { readonly atEnd: ErrorRates; readonly of: number },
): boolean {
  const open = goals.filter(({ status }) => status === 'undecided');
  const chances = open.map(({ goal }) => chancesOf(goal, candidate, grounds, { atEnd, of }));
  if (chances.some((chance) => chance === undefined || chance.missed >= leastChance)) return false;
  return chances.some((chance) => chance!.met < leastChance);
}

/** The chances that a goal will be called met or missed at the last row; undefined where they cannot be told. */
function chancesOf(
  goal: Goal,
  candidate: CandidateEvidence,
  { task, clusters }: Grounds,
  { atEnd, of }: { readonly atEnd: ErrorRates; readonly of: number },
): { met: number; missed: number } | undefined {
  const column = columnOf(goal, candidate);
  if (column === undefined) return undefined;
  const { n, mean, deviation } = moments(column.values);
  if (!(deviation > 0) || n >= of) return undefined;
  const variance = deviation ** 2 * designEffect(column.values, clusters, task.confidence);
  // the final mean holds these rows and (of − n) new ones, whose own mean is known only through these
  const spread = ((of - n) / of) * Math.sqrt(variance * (1 / n + 1 / (of - n)));
  const marked = task.calibration[goal.measure];
  const bar = marked === undefined ? { bound: column.bound, variance: 0 } : judgedBar(column.bound, calibrationCounts(marked));
  const reach = (error: number) => -normalQuantile(error) * Math.sqrt(variance / of + bar.variance);
  const above = (error: number) => 1 - normalCdf((bar.bound + reach(error) - mean) / spread);
  const under = (error: number) => normalCdf((bar.bound - reach(error) - mean) / spread);
  return column.wantsMore ? { met: above(atEnd.met), missed: under(atEnd.missed) } : { met: under(atEnd.met), missed: above(atEnd.missed) };
}

/** A bound on the scale of a judge's own rate (see `judgedBound`), and the variance that its calibration leaves it. */
function judgedBar(
  bound: number,
  { humanRight, trueRight, humanWrong, trueWrong }: CalibrationCounts,
): { bound: number; variance: number } {
  const [right, wrong] = [(trueRight + 1) / (humanRight + 2), (trueWrong + 1) / (humanWrong + 2)];
  const varianceOf = (share: number, n: number) => (share * (1 - share)) / (n + 2);
  return {
    bound: bound * right + (1 - bound) * (1 - wrong),
    variance: bound ** 2 * varianceOf(right, humanRight) + (1 - bound) ** 2 * varianceOf(wrong, humanWrong),
  };
}

/** A goal as a bound on a mean: of a metric's scores, of what requests cost, or of how many are no slower than the bound. */
function columnOf(
  { measure, operator, bound }: Goal,
  candidate: CandidateEvidence,
): { values: Float64Array; bound: number; wantsMore: boolean } | undefined {
  const wantsMore = operator === '>=';
  if (measure === 'costPer1k') return { values: candidate.cost, bound: bound * 1e6, wantsMore };
  if (!isServiceGoal(measure)) {
    const values = candidate.scores[measure];
    return values === undefined ? undefined : { values, bound, wantsMore };
  }
  const values = candidate.latencyMs.map((latency) => (Number.isNaN(latency) ? Number.NaN : latency <= bound ? 1 : 0));
  return { values, bound: measure === 'latencyP95Ms' ? 0.95 : 0.5, wantsMore: !wantsMore };
}
