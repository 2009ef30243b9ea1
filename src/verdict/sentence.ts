import type { CandidateEvidence, EvidenceSet } from '#core/evidence.ts';
import type { Metric } from '#core/metric.ts';
import { toDollars } from '#core/money.ts';
import type { Task } from '#core/task.ts';
import { horizonCost } from '#economics/horizon.ts';
import { type Choice, cheapestFirst, type JudgedRung } from './choose.ts';
import { count, dollars, estimateText, goalText, measureName, measureText, percent, scoreText } from './figures.ts';
import type { JudgedGoal } from './goals.ts';
import { guardFigures, triesText } from './guarded.ts';
import { bestOf } from './plateau.ts';
import { wantedText } from './undecided.ts';

/** The verdict in one sentence that a manager can read. */
export function sentenceOf(choice: Choice, metric: Metric | undefined, task: Task): string {
  const { best, chosen } = choice;
  if (choice.kind === 'all-failed') {
    return 'No request brought an answer: check the model and the connection to it before reading anything into the numbers.';
  }
  if (choice.kind === 'no-scores' || best === undefined || metric === undefined) {
    return 'Nothing can be said: none of the metrics applies to any of the rows.';
  }
  if (choice.kind === 'below-floor') {
    return `Something is wrong with the task, the model or the metric: the best rung, ${reached(best, metric, task)}, stays under the floor of ${percent(task.floor)}; look at the confusion table and the labels before climbing further.`;
  }
  if (choice.kind === 'undecided') return undecided(choice, metric, task);
  if (choice.kind === 'blocked') return keptBack(choice, metric, task);
  if (choice.kind === 'not-met' || chosen === undefined) {
    return `No rung meets every goal: the best, ${reached(best, metric, task)}, misses ${missed(best.goals, metric)}.`;
  }
  const cost = costText(chosen);
  if (choice.kind === 'no-goals') {
    const priced = cost === '' ? '' : `,${cost},`;
    return `${capital(reached(chosen, metric, task))}${priced} ${withoutGoals(choice, chosen, best, metric, task)}; no goals are set.`;
  }
  return `${capital(reached(chosen, metric, task))} meets every goal${cost}${alternative(choice, chosen, metric, task)}.`;
}

/** Where only rungs that a guard keeps back would do. */
function keptBack({ blocked }: Choice, metric: Metric, task: Task): string {
  const rung = blocked[0]!;
  const { evidence } = rung.measures;
  const would =
    task.goals.length === 0
      ? 'was measured'
      : rung.goals.every(({ status }) => status === 'met')
        ? 'meets every goal'
        : 'may meet every goal';
  return `No rung may be chosen: ${reached(rung, metric, task)} ${would}, but ${guardFigures(evidence)}; try ${triesText(evidence, 1)}.`;
}

/** A run without a single measured row. */
export function nothingMeasured(evidence: EvidenceSet): string {
  const skipped = evidence.candidates.filter((candidate) => candidate.skipped !== undefined);
  if (evidence.candidates.length === 0) return 'Nothing was measured: the ladder has no rungs.';
  if (skipped.length === evidence.candidates.length) {
    return `Nothing was measured: every rung was skipped (${skipped.map(({ rung, skipped: why }) => `${rung}: ${why}`).join('; ')}).`;
  }
  if (evidence.examples.length === 0) return `Nothing was measured: the ${evidence.split} split has no examples.`;
  return 'Nothing was measured: no row was answered.';
}

/** "fine-tuned (nano): 93.3 % accuracy (95 % interval 89.4–95.8 %, n 240)". */
function reached(rung: JudgedRung, metric: Metric, task: Task): string {
  const { evidence, metrics } = rung.measures;
  const estimate = metrics[metric.id];
  const model = modelText(evidence);
  if (estimate === undefined) return `${evidence.rung}${model}`;
  const text = estimateText(estimate, task.confidence);
  return `${evidence.rung}${model}: ${text.replace(' (', ` ${measureName(metric.id)} (`)}`;
}

/** " (nano)"; of a cascade both, as it asks them. */
function modelText({ model, routing }: CandidateEvidence): string {
  const asked = routing === undefined ? [model] : [routing.plan.cheap.model, routing.plan.strong.model];
  const names = [...new Set(asked.filter((name) => name !== null))];
  return names.length === 0 ? '' : ` (${names.join(', then ')})`;
}

function undecided({ open }: Choice, metric: Metric, task: Task): string {
  const rung = open[0]!;
  const pending = rung.goals.filter(({ status }) => status === 'undecided');
  const more = wantedText(rung);
  const wanted =
    more === undefined ? 'no reasonable number of rows would decide it at these values' : `${more} would decide it if these values stay`;
  return `The evidence does not decide yet: ${reached(rung, metric, task)} may or may not meet ${pending.map((goal) => goalStanding(goal, metric)).join(' and ')}; ${wanted}.`;
}

/** Why a rung was chosen where there are no goals. */
function withoutGoals(choice: Choice, chosen: JudgedRung, best: JudgedRung, metric: Metric, task: Task): string {
  const back = choice.blocked[0];
  const kept =
    back === undefined
      ? ''
      : `; ${back.measures.evidence.rung} reached ${scoreOf(back, metric)} and ${guardFigures(back.measures.evidence)}`;
  return `${whyChosen(choice, chosen, best, metric, task)}${kept}`;
}

function whyChosen({ sufficient, missing, blocked }: Choice, chosen: JudgedRung, best: JudgedRung, metric: Metric, task: Task): string {
  if (sufficient.length + missing.length === 1) return `is the only rung that ${blocked.length === 0 ? 'was measured' : 'may be chosen'}`;
  if (chosen !== best) {
    return `is the cheapest rung that is not significantly worse than the best (${best.measures.evidence.rung}, ${scoreOf(best, metric)})`;
  }
  const isCheapest = cheapestFirst([chosen, ...missing], task)[0] === chosen;
  return isCheapest ? 'has the best result, and no rung is cheaper' : 'has the best result, and every cheaper rung is significantly worse';
}

/** What was passed over: the best rung that does not do, or else the next one that would. */
function alternative({ sufficient, open, missing, blocked }: Choice, chosen: JudgedRung, metric: Metric, task: Task): string {
  const back = blocked[0]?.measures.evidence;
  if (back !== undefined) return `; ${back.rung} reached ${scoreOf(blocked[0]!, metric)} and ${guardFigures(back)}`;
  // a rung that was stopped because the chosen one costs less says nothing of what it would have reached
  const short = [...missing, ...open].filter(({ measures }) => measures.evidence.stopped?.reason !== 'dominated');
  const closest = bestOf(
    short.map(({ measures }) => measures),
    metric,
  );
  const rung = short.find(({ measures }) => measures === closest);
  if (rung !== undefined) {
    const misses = missing.includes(rung) ? 'and misses' : 'and leaves open';
    return `; ${rung.measures.evidence.rung} reached ${scoreOf(rung, metric)} ${misses} ${missed(rung.goals, metric)}`;
  }
  const dearer = sufficient[1]?.measures;
  if (dearer?.cost === undefined || chosen.measures.cost === undefined) return '';
  const extra = toDollars(horizonCost(dearer.cost, task.traffic) - horizonCost(chosen.measures.cost, task.traffic));
  if (extra < 0.01) return '';
  return `; ${dearer.evidence.rung} would do too, for ${dollars(extra)} more over ${count(task.traffic.horizonMonths)} months`;
}

function scoreOf(rung: JudgedRung, metric: Metric): string {
  const value = rung.measures.metrics[metric.id]?.value;
  return value === undefined ? 'no score' : scoreText(value);
}

function missed(goals: readonly JudgedGoal[], metric: Metric): string {
  const missing = goals.filter(({ status }) => status === 'not-met');
  const named = missing.length > 0 ? missing : goals.filter(({ status }) => status === 'undecided');
  return named.map((goal) => goalStanding(goal, metric)).join(' and ');
}

/** The goal, and where the rung stands to it unless the sentence has said so already. */
function goalStanding({ goal, status, estimate, bounds }: JudgedGoal, metric: Metric): string {
  if (estimate === undefined) return `${goalText(goal)} (not measured)`;
  if (goal.measure === metric.id) return goalText(goal);
  const { value } = estimate;
  const now = `now ${measureText(goal.measure, value, goal.unit)}`;
  if (status !== 'undecided') return `${goalText(goal)} (${now})`;
  // the end that lies beyond the goal: a value that clears it may be too low, one that misses it may be high enough
  const isAbove = value >= goal.bound;
  const end = isAbove ? bounds?.low : bounds?.high;
  const may =
    end === null || end === undefined
      ? 'too few rows to bound it'
      : `which may be as ${isAbove ? 'low' : 'high'} as ${measureText(goal.measure, end, goal.unit)}`;
  return `${goalText(goal)} (${now}, ${may})`;
}

function costText({ measures }: JudgedRung): string {
  const cost = measures.service.costPer1k?.value;
  return cost === undefined ? '' : ` at ${dollars(cost)} per 1,000 requests`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
