import type { EvidenceSet } from '#core/evidence.ts';
import type { Goal } from '#core/goal.ts';
import type { Metric } from '#core/metric.ts';
import type { Task } from '#core/task.ts';
import type { Trigger, VerdictLearningCurve } from '#core/verdict.ts';
import { horizonCost } from '#economics/horizon.ts';
import type { Choice, JudgedRung } from './choose.ts';
import { count, measureName, scoreText } from './figures.ts';
import { triggerOf } from './trigger-condition.ts';
import { economyTriggers } from './trigger-economy.ts';

/**
 * Population stability index from which on a population counts as shifted (Siddiqi 2006, Credit Risk Scorecards, Wiley:
 * under 0.10 stable, over 0.25 a significant shift).
 */
const driftBound = 0.25;

/** Days before a model is switched off at which to begin: time to climb again, confirm and roll out. Ours. */
const switchOffLead = 60;

const kindsWithTriggers: readonly Choice['kind'][] = ['goals-met', 'no-goals', 'undecided', 'not-met'];

/**
 * Conditions under which the decision should be made again, with the figures as they are now. `metric` leads the task;
 * `curve` is the learning curve of the verdict. Figures that nothing at hand measures (drift) start at the value that
 * they have by definition on the day of the decision.
 */
export function triggersOf(
  choice: Choice,
  task: Task,
  evidence: EvidenceSet,
  { metric, curve }: { readonly metric?: Metric; readonly curve?: VerdictLearningCurve | null } = {},
): Trigger[] {
  const { chosen } = choice;
  if (!kindsWithTriggers.includes(choice.kind)) return [];
  return [
    ...(chosen === undefined ? [] : economyTriggers(choice, chosen, task)),
    ...(chosen === undefined ? [] : qualityTriggers(chosen, metric)),
    ...(chosen === undefined ? [] : [driftTrigger()]),
    ...switchOffTriggers(chosen ?? choice.open[0], evidence),
    ...rowTriggers(choice, task, evidence),
    ...(curve == null ? [] : curveTriggers(choice, task, evidence, curve)),
    triggerOf(
      'new-rung',
      { figure: 'newRungs', operator: '>', bound: 0 },
      0,
      'this Rung has rungs that the one that decided had not: climb with them on the ladder',
    ),
  ];
}

/** The goals that the chosen rung met; without goals, the lower end of what it was measured at. */
function qualityTriggers({ goals, measures }: JudgedRung, metric: Metric | undefined): Trigger[] {
  if (goals.length > 0) {
    const repeated = (goal: Goal) => goals.filter((other) => other.goal.measure === goal.measure).length > 1;
    return goals.flatMap(({ goal, estimate }) => {
      if (estimate === undefined) return [];
      const operator = goal.operator === '>=' ? '<' : '>';
      const id = `goal-${goal.measure}${repeated(goal) ? (operator === '<' ? '-below' : '-above') : ''}`;
      const condition = { figure: goal.measure, operator, bound: goal.bound } as const;
      const then =
        goal.probe === undefined
          ? 'the goal is missed in use: climb again with recent examples'
          : `the probe ${goal.probe} finds the goal missed: climb again`;
      return [triggerOf(id, condition, estimate.value, then)];
    });
  }
  const estimate = metric === undefined ? undefined : measures.metrics[metric.id];
  if (metric === undefined || estimate === undefined) return [];
  const [operator, end] = metric.better === 'higher' ? (['<', estimate.low] as const) : (['>', estimate.high] as const);
  return [
    triggerOf(
      `quality-${metric.id}`,
      { figure: metric.id, operator, bound: Number(end.toPrecision(4)) },
      estimate.value,
      'it does worse in use than its interval allowed for: climb again with recent examples',
    ),
  ];
}

function driftTrigger(): Trigger {
  const then = 'the traffic no longer resembles the examples: collect recent ones and climb again';
  return triggerOf('drift', { figure: 'driftScore', operator: '>', bound: driftBound }, 0, then);
}

/** `now` is the day of registration: a verdict knows no other date; a check puts the day in. */
function switchOffTriggers(rung: JudgedRung | undefined, { registration }: EvidenceSet): Trigger[] {
  const date = rung?.measures.evidence.retiresOn;
  const at = date === undefined ? Number.NaN : Date.parse(date);
  if (rung === undefined || Number.isNaN(at)) return [];
  const { model, rung: name } = rung.measures.evidence;
  const [lead, end] = [at - switchOffLead * 86_400_000, at].map(dayOf) as [string, string];
  const now = dayOf(registration.at);
  const off = `the service switches ${model ?? `the model of ${name}`} off on ${end}`;
  return [
    triggerOf(
      'switch-off-near',
      { figure: 'date', operator: '>=', bound: lead },
      now,
      `${off}: climb again with another model before then`,
    ),
    triggerOf('switch-off', { figure: 'date', operator: '>=', bound: end }, now, `${off}: ${name} no longer answers`),
  ];
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** Rows of the measured split that would decide an open verdict, or a rung that is cheaper than the chosen one and still open. */
function rowTriggers({ kind, chosen, open }: Choice, task: Task, evidence: EvidenceSet): Trigger[] {
  const rung = kind === 'undecided' ? open[0] : open.find((other) => chosen !== undefined && isCheaper(other, chosen, task));
  const pending = rung?.goals.filter(({ status }) => status === 'undecided') ?? [];
  const needed = pending.map(({ estimate, moreRows }) =>
    estimate === undefined || moreRows === undefined ? Number.NaN : estimate.n + moreRows,
  );
  const most = Math.max(...needed);
  // what a probe leaves open, no row decides
  if (rung === undefined || !Number.isFinite(most) || pending.some(({ goal }) => goal.probe !== undefined)) return [];
  const { split, counts } = evidence;
  const costsLess = chosen === undefined ? '' : 'costs less, and ';
  const then = `${rung.measures.evidence.rung} ${costsLess}can probably be decided with that many rows of the ${split} split: climb again`;
  return [
    triggerOf(`${split}-rows`, { figure: `${split}Rows`, operator: '>=', bound: Math.max(most, counts[split] + 1) }, counts[split], then),
  ];
}

function isCheaper(rung: JudgedRung, chosen: JudgedRung, task: Task): boolean {
  const [cost, own] = [rung.measures.cost, chosen.measures.cost];
  return cost !== undefined && own !== undefined && horizonCost(cost, task.traffic) < horizonCost(own, task.traffic);
}

/** Training rows at which a rung that does not do yet would reach its goal, as its learning curve forecasts. */
function curveTriggers({ sufficient }: Choice, task: Task, evidence: EvidenceSet, curve: VerdictLearningCurve): Trigger[] {
  if (sufficient.some(({ measures }) => measures.evidence.rung === curve.rung)) return [];
  const goal = task.goals.find(({ measure }) => measure === curve.metric);
  if (goal === undefined) return [];
  const reaches = (value: number) => (goal.operator === '>=' ? value >= goal.bound : value <= goal.bound);
  const point = curve.forecast.find(({ rows, value }) => rows > evidence.counts.train && reaches(value));
  if (point === undefined) return [];
  const then = `the learning curve of ${curve.rung} forecasts ${scoreText(point.value)} ${measureName(curve.metric)} (${scoreText(point.low)} to ${scoreText(point.high)}) with ${count(point.rows)} training rows: climb again with them`;
  return [triggerOf('training-rows', { figure: 'trainRows', operator: '>=', bound: point.rows }, evidence.counts.train, then)];
}
