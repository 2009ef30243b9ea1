import type { EvidenceSet } from '#core/evidence.ts';
import { nanoDollarsPerDollar, toDollars } from '#core/money.ts';
import type { Task } from '#core/task.ts';
import type { Alternative } from '#core/verdict.ts';
import { horizonCost } from '#economics/horizon.ts';
import type { Choice, JudgedRung } from './choose.ts';
import { changeTurns, type Turns, volumeTurns } from './cost-turns.ts';
import { amount, count, dollars, estimateText, goalText, measureName, measureText, points, scoreText } from './figures.ts';
import type { JudgedGoal } from './goals.ts';
import { blockedText, triesText } from './guarded.ts';
import { fallThatTurns } from './trigger-economy.ts';
import { wantedText } from './undecided.ts';

export { assumptionsOf } from './record-assumptions.ts';

/**
 * Every rung that was not chosen, with the reason and with what it would take: those that would do first, then those that a
 * guard keeps back, then the open ones, then those that miss; rungs that were skipped at the end, where the evidence is given.
 */
export function alternativesOf(choice: Choice, task: Task, evidence?: EvidenceSet): Alternative[] {
  const { chosen, sufficient, open, missing, blocked } = choice;
  const skipped = evidence?.candidates.filter((candidate) => candidate.skipped !== undefined) ?? [];
  return [
    ...sufficient.filter((rung) => rung !== chosen).map((rung) => alternative(rung, dearer(rung, chosen, task))),
    ...blocked.map((rung) => alternative(rung, keptBack(rung, task))),
    ...open.filter((rung) => rung !== chosen).map((rung) => alternative(rung, undecided(rung, chosen, task))),
    ...missing.filter((rung) => rung !== chosen).map((rung) => alternative(rung, insufficient(rung, choice, task))),
    ...skipped.map(({ rung, candidate, skipped: why }) => ({
      rung,
      candidate,
      why: `it was not measured: ${why}`,
      needs: 'what it lacked, and then a climb',
    })),
  ];
}

type Reasons = Pick<Alternative, 'why' | 'needs'>;

function alternative({ measures }: JudgedRung, reasons: Reasons): Alternative {
  return { rung: measures.evidence.rung, candidate: measures.evidence.candidate, ...reasons };
}

/** A rung that would do and costs more than the chosen one, or stands further up the ladder. */
function dearer(rung: JudgedRung, chosen: JudgedRung | undefined, task: Task): Reasons {
  const would = task.goals.length === 0 ? 'it is not significantly worse than the best' : 'it meets every goal';
  const [cost, own] = [rung.measures.cost, chosen?.measures.cost];
  if (chosen === undefined || cost === undefined || own === undefined) {
    return {
      why: `${would}, and stands further up the ladder`,
      needs: 'prices for every rung that will do, and the lowest cost among them',
    };
  }
  const extra = toDollars(horizonCost(cost, task.traffic) - horizonCost(own, task.traffic));
  const why =
    extra <= 0
      ? `${would}, costs the same, and stands further up the ladder`
      : `${would}, and costs ${dollars(extra)} more over ${amount(task.traffic.horizonMonths)} months`;
  return { why, needs: cheaperWays(rung, chosen, task) };
}

/** A tuned rung that did not pass a guard. */
function keptBack(rung: JudgedRung, task: Task): Reasons {
  const { evidence } = rung.measures;
  const open = rung.goals.filter(({ status }) => status === 'undecided');
  const goals = open.length === 0 ? '' : `; besides, ${undecided(rung, undefined, task).why}`;
  return { why: `${blockedText(evidence)}${goals}`, needs: triesText(evidence) };
}

/** What would make a rung cheaper than the chosen one. */
function cheaperWays(rung: JudgedRung, chosen: JudgedRung, task: Task): string {
  const [cost, own] = [rung.measures.cost, chosen.measures.cost];
  if (cost === undefined || own === undefined) return 'a cost that is known, and lower';
  const [name, chosenName] = [rung.measures.evidence.rung, chosen.measures.evidence.rung];
  const { traffic } = task;
  const pair = [
    { name: chosenName, cost: own },
    { name, cost },
  ];
  const price = fallThatTurns(own, cost, task);
  const ways = [
    ...(price === undefined ? [] : [`a price under ${dollars(price)} per 1,000 requests (now ${perThousand(cost.perRequest)})`]),
    ...turnsText(volumeTurns(pair, chosenName, traffic), name, (at) => `${count(at)} requests a month`),
    ...turnsText(changeTurns(pair, chosenName, traffic), name, (at) => `${Number(at.toPrecision(3))} changes of requirements a month`),
  ];
  if (ways.length > 0) return ways.join(', or ');
  const least = horizonCost(own, traffic);
  return least > 0
    ? `a cost under ${dollars(toDollars(least))} over ${amount(traffic.horizonMonths)} months, which no price of its requests gives`
    : `${chosenName} to miss a goal: nothing costs less than $0`;
}

function turnsText({ below, above }: Turns, rung: string, text: (at: number) => string): string[] {
  return [
    ...(below?.rung === rung && below.at > 0 ? [`under ${text(below.at)}`] : []),
    ...(above?.rung === rung ? [`over ${text(above.at)}`] : []),
  ];
}

function perThousand(nanoDollars: number): string {
  return dollars((nanoDollars * 1000) / nanoDollarsPerDollar);
}

function undecided(rung: JudgedRung, chosen: JudgedRung | undefined, task: Task): Reasons {
  const { stopped } = rung.measures.evidence;
  if (stopped?.reason === 'dominated') {
    const why = `measuring it stopped after ${count(stopped.rows)} rows: ${stopped.why}`;
    return { why, needs: chosen === undefined ? 'rows beyond those' : cheaperWays(rung, chosen, task) };
  }
  const pending = rung.goals.filter(({ status }) => status === 'undecided');
  const why = `${pending.map((goal) => `${goalText(goal.goal)} is not decided${reachedText(goal, task)}`).join('; ')}`;
  const wanted = wantedText(rung, 'test rows');
  if (wanted !== undefined) return { why, needs: wanted };
  const unprobed = [...new Set(pending.flatMap(({ goal, estimate }) => (estimate === undefined ? (goal.probe ?? []) : [])))];
  if (unprobed.length > 0)
    return { why, needs: `answers that the ${unprobed.length === 1 ? 'probe' : 'probes'} ${unprobed.join(', ')} can judge` };
  const isProbed = pending.some(({ goal }) => goal.probe !== undefined);
  return { why, needs: `more ${isProbed ? 'answers' : 'test rows'} than can be said: its value lies too near the bound` };
}

function insufficient(rung: JudgedRung, { best }: Choice, task: Task): Reasons {
  const missed = rung.goals.filter(({ status }) => status === 'not-met');
  if (missed.length > 0) {
    return {
      why: missed.map((goal) => `it misses ${goalText(goal.goal)}${reachedText(goal, task)}`).join('; '),
      needs: missed.map(gapText).join(' and '),
    };
  }
  const stopped = rung.measures.evidence.stopped;
  if (stopped?.reason === 'dominated') {
    const why = `measuring it stopped after ${count(stopped.rows)} rows: it is ${stopped.why}`;
    return { why, needs: 'better answers: more rows would not turn it' };
  }
  const shared = Object.keys(rung.measures.metrics).find((metric) => best?.measures.metrics[metric] !== undefined);
  if (shared === undefined || best === undefined) return { why: 'it has no score', needs: 'a metric that applies to its answers' };
  const [value, top] = [rung.measures.metrics[shared]!.value, best.measures.metrics[shared]!.value];
  return {
    why: `it is significantly worse than ${best.measures.evidence.rung}: ${scoreText(value)} ${measureName(shared)} against ${scoreText(top)}`,
    needs: `most of ${unsigned(points(top - value))} ${top > value ? 'more' : 'less'} ${measureName(shared)}`,
  };
}

function reachedText({ goal, estimate }: JudgedGoal, task: Task): string {
  if (estimate === undefined) return ': it was not measured';
  const { value, low, high, n } = estimate;
  const text = (amount: number) => measureText(goal.measure, amount, goal.unit);
  if (low === null || high === null) return `: ${text(value)} on ${count(n)} rows, too few to bound it`;
  if (goal.measure in unitOfLess || goal.unit !== undefined) return `: ${text(value)} (${text(low)} to ${text(high)}, n ${count(n)})`;
  return `: ${estimateText({ ...estimate, low, high }, task.confidence)}`;
}

const unitOfLess: Readonly<Record<string, string>> = {
  latencyP50Ms: 'less median latency',
  latencyP95Ms: 'less 95th-percentile latency',
  costPer1k: 'less',
};

/** What a missed goal lacks at the measured value. */
function gapText({ goal, estimate }: JudgedGoal): string {
  if (estimate === undefined) return `a measurement of ${measureName(goal.measure)}`;
  const gap = Math.abs(goal.bound - estimate.value);
  if (goal.measure === 'costPer1k') return `a price under ${measureText(goal.measure, goal.bound)}`;
  const service = unitOfLess[goal.measure];
  if (service !== undefined) return `${measureText(goal.measure, gap)} ${service}`;
  if (goal.unit !== undefined) {
    return `${measureText(goal.measure, gap, goal.unit)} ${goal.operator === '>=' ? 'more' : 'less'} ${measureName(goal.measure)}`;
  }
  const isShare = Math.abs(goal.bound) <= 1 && Math.abs(estimate.value) <= 1;
  const amount = isShare ? unsigned(points(gap)) : scoreText(gap);
  return `${amount} ${goal.operator === '>=' ? 'more' : 'less'} ${measureName(goal.measure)}`;
}

function unsigned(text: string): string {
  return text.replace(/^[+−]/, '');
}
