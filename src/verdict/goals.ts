import type { CandidateEvidence } from '#core/evidence.ts';
import { type Goal, isServiceGoal } from '#core/goal.ts';
import type { GoalBounds, GoalStatus } from '#core/verdict.ts';
import { rowsToLeaveBound, rowsToShrink } from '#statistics/power.ts';
import { exactInterval } from '#statistics/proportion.ts';
import { rowsToBoundQuantile } from '#statistics/quantile.ts';
import type { ErrorRates, SharedRates } from './error-rates.ts';
import { type MeasureEstimate, metricEstimate, serviceEstimate } from './estimates.ts';
import { goalStanding } from './goal-standing.ts';
import type { Grounds } from './grounds.ts';
import { outcomesToDecide, probeEstimate } from './probe-estimate.ts';

/** A goal as one rung stands to it. */
export interface JudgedGoal {
  readonly goal: Goal;
  readonly status: GoalStatus;
  /** At the task's confidence; absent where the measure has no rows. */
  readonly estimate?: MeasureEstimate;
  /** The bounds that the status was read from. */
  readonly bounds?: GoalBounds;
  /** More rows, or judged answers of its probe, that would decide an undecided goal if the value stays; absent where that is not known. */
  readonly moreRows?: number;
}

/**
 * Met only where the whole interval satisfies the bound, not met only where none of it does; each end is taken at the
 * error rate of the claim that it would make. A rung that was stopped early is judged as it was when it was stopped; what
 * probes measure is judged at the rates of the last row, since nobody looks at it before its end.
 */
export function judgeGoals(candidate: CandidateEvidence, grounds: Grounds, { atLook, atEnd }: SharedRates): JudgedGoal[] {
  return grounds.task.goals.map((goal) => {
    const isWhole = candidate.stopped === undefined || goal.probe !== undefined;
    const rates = isWhole ? atEnd : atLook;
    const at = (confidence: number, claim = true) => estimateOf(goal, candidate, grounds, { confidence, claim });
    const estimate = at(grounds.task.confidence, false);
    if (estimate === undefined) return { goal, status: 'undecided' };
    const passing = at(1 - 2 * rates.met) ?? estimate;
    const failing = at(1 - 2 * rates.missed) ?? estimate;
    const [low, high] = goal.operator === '>=' ? [passing.low, failing.high] : [failing.low, passing.high];
    const bounds: GoalBounds = { low, high, n: estimate.n, method: passing.method };
    const status = isWhole ? statusOf(goal, bounds) : goalStanding(goal, candidate, grounds, rates);
    const moreRows = status === 'undecided' ? moreRowsToDecide(goal, candidate, grounds, atEnd) : undefined;
    return { goal, status, estimate, bounds, ...(moreRows === undefined ? {} : { moreRows }) };
  });
}

/** Rows beyond those there are, or outcomes, that would decide a goal at the last of them, if its value stays. */
function moreRowsToDecide(goal: Goal, candidate: CandidateEvidence, grounds: Grounds, atEnd: ErrorRates): number | undefined {
  const { stopped, ...measured } = candidate;
  const shown = estimateOf(goal, measured, grounds, { confidence: grounds.task.confidence, claim: true });
  if (shown === undefined) return undefined;
  const wouldMeet = shown.value >= goal.bound === (goal.operator === '>=');
  const confidence = 1 - 2 * (wouldMeet ? atEnd.met : atEnd.missed);
  const estimate = estimateOf(goal, measured, grounds, { confidence, claim: true }) ?? shown;
  const isShared = goal.probe !== undefined && estimate.method.startsWith('clopper-pearson');
  const rows = isShared ? outcomesToDecide(goal, measured, confidence) : rowsToDecide(goal, estimate, confidence);
  const planned = goal.probe === undefined ? (stopped?.of ?? 0) : 0;
  return rows === undefined ? undefined : Math.max(1, rows - Math.max(estimate.n, planned));
}

function estimateOf(
  goal: Goal,
  candidate: CandidateEvidence,
  grounds: Grounds,
  options: { readonly confidence: number; readonly claim: boolean },
): MeasureEstimate | undefined {
  const { measure } = goal;
  if (goal.probe !== undefined) return probeEstimate(goal, candidate, { ...options, seed: grounds.task.seed });
  if (isServiceGoal(measure)) return serviceEstimate(measure, candidate, grounds, options.confidence);
  const metric = grounds.metrics.find(({ id }) => id === measure);
  return metric === undefined ? undefined : metricEstimate(metric, candidate, grounds, options);
}

/** One status for all goals of a measure: the worst of them. */
export function statusByMeasure(judged: readonly JudgedGoal[]): Record<string, GoalStatus> {
  const statuses: Record<string, GoalStatus> = {};
  for (const { goal, status } of judged) statuses[goal.measure] = worse(statuses[goal.measure], status);
  return statuses;
}

/** The bounds by measure: the narrowest reading where a measure has two goals. */
export function boundsByMeasure(judged: readonly JudgedGoal[]): Record<string, GoalBounds> {
  return Object.fromEntries(judged.flatMap(({ goal, bounds }) => (bounds === undefined ? [] : [[goal.measure, bounds]])));
}

export function overallStatus(judged: readonly JudgedGoal[]): GoalStatus {
  return judged.reduce<GoalStatus>((status, goal) => worse(status, goal.status), 'met');
}

function worse(one: GoalStatus | undefined, other: GoalStatus): GoalStatus {
  if (one === 'not-met' || other === 'not-met') return 'not-met';
  return one === 'undecided' || other === 'undecided' ? 'undecided' : 'met';
}

function statusOf(goal: Goal, { low, high }: GoalBounds): GoalStatus {
  if (goal.operator === '>=') {
    if (low !== null && low >= goal.bound) return 'met';
    return high !== null && high < goal.bound ? 'not-met' : 'undecided';
  }
  if (high !== null && high <= goal.bound) return 'met';
  return low !== null && low > goal.bound ? 'not-met' : 'undecided';
}

function rowsToDecide(goal: Goal, estimate: MeasureEstimate, confidence: number): number | undefined {
  const { value, low, high, n, method } = estimate;
  if (low === null || high === null) return rowsToBoundQuantile(goal.measure === 'latencyP95Ms' ? 0.95 : 0.5, confidence);
  if (method === 'clopper-pearson') return rowsToLeaveBound(value, goal.bound, confidence, exactInterval);
  return rowsToShrink({ value, low, high, n }, goal.bound);
}
