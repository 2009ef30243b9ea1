import { type Goal, type ServiceGoal, serviceGoals } from '#core/goal.ts';
import type { Task } from '#core/task.ts';
import type { GoalStatus } from '#core/verdict.ts';
import { rowsToLeaveBound, rowsToShrink } from '#statistics/power.ts';
import { rowsToBoundQuantile } from '#statistics/quantile.ts';
import type { RungMeasures, ServiceEstimate } from './rung-measures.ts';

/** A goal as one rung stands to it. */
export interface JudgedGoal {
  readonly goal: Goal;
  readonly status: GoalStatus;
  /** Absent where the measure has no rows. */
  readonly estimate?: ServiceEstimate;
  /** More rows that would decide an undecided goal if the value stays; absent where that is not known. */
  readonly moreRows?: number;
}

/** Met only where the whole interval satisfies the bound, not met only where none of it does. */
function judgeGoal(goal: Goal, measures: RungMeasures, confidence: number): JudgedGoal {
  const estimate = isServiceGoal(goal.measure) ? measures.service[goal.measure] : measures.metrics[goal.measure];
  if (estimate === undefined) return { goal, status: 'undecided' };
  const status = statusOf(goal, estimate);
  if (status !== 'undecided') return { goal, status, estimate };
  const rows = rowsToDecide(goal, estimate, confidence);
  const moreRows = rows === undefined ? undefined : Math.max(1, rows - estimate.n);
  return moreRows === undefined ? { goal, status, estimate } : { goal, status, estimate, moreRows };
}

export function judgeGoals(task: Task, measures: RungMeasures): JudgedGoal[] {
  return task.goals.map((goal) => judgeGoal(goal, measures, task.confidence));
}

export function isServiceGoal(measure: string): measure is ServiceGoal {
  return serviceGoals.some((goal) => goal === measure);
}

/** One status for all goals of a measure: the worst of them. */
export function statusByMeasure(judged: readonly JudgedGoal[]): Record<string, GoalStatus> {
  const statuses: Record<string, GoalStatus> = {};
  for (const { goal, status } of judged) statuses[goal.measure] = worse(statuses[goal.measure], status);
  return statuses;
}

export function overallStatus(judged: readonly JudgedGoal[]): GoalStatus {
  return judged.reduce<GoalStatus>((status, goal) => worse(status, goal.status), 'met');
}

function worse(one: GoalStatus | undefined, other: GoalStatus): GoalStatus {
  if (one === 'not-met' || other === 'not-met') return 'not-met';
  return one === 'undecided' || other === 'undecided' ? 'undecided' : 'met';
}

function statusOf(goal: Goal, { low, high }: ServiceEstimate): GoalStatus {
  if (goal.operator === '>=') {
    if (low !== null && low >= goal.bound) return 'met';
    return high !== null && high < goal.bound ? 'not-met' : 'undecided';
  }
  if (high !== null && high <= goal.bound) return 'met';
  return low !== null && low > goal.bound ? 'not-met' : 'undecided';
}

function rowsToDecide(goal: Goal, estimate: ServiceEstimate, confidence: number): number | undefined {
  const { value, low, high, n, method } = estimate;
  if (low === null || high === null) return rowsToBoundQuantile(goal.measure === 'latencyP95Ms' ? 0.95 : 0.5, confidence);
  if (method === 'wilson') return rowsToLeaveBound(value, goal.bound, confidence);
  return rowsToShrink({ value, low, high, n }, goal.bound);
}
