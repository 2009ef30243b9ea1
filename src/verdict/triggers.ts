import type { Task } from '#core/task.ts';
import type { Trigger } from '#core/verdict.ts';
import { horizonCost, horizonRequests } from '#economics/horizon.ts';
import type { Choice, JudgedRung } from './choose.ts';
import { nextVolumes } from './money.ts';

/** Conditions under which the decision should be made again, with the figures as they are now. */
export function triggersOf(choice: Choice, task: Task): Trigger[] {
  const { chosen } = choice;
  if (chosen === undefined) return [];
  return [...volumeTriggers(choice, chosen, task), ...changeTriggers(choice, chosen, task), ...goalTriggers(chosen)];
}

function volumeTriggers({ sufficient }: Choice, chosen: JudgedRung, task: Task): Trigger[] {
  const measures = sufficient.map((rung) => rung.measures);
  const rungName = (candidate: string) => measures.find(({ evidence }) => evidence.candidate === candidate)?.evidence.rung ?? candidate;
  const { below, above } = nextVolumes(measures, chosen.measures.evidence.candidate, task.traffic);
  const now = task.traffic.requestsPerMonth;
  const volume = (id: string, sign: '<' | '>', requestsPerMonth: number, candidate: string) =>
    triggerOf(
      id,
      `requestsPerMonth ${sign} ${Math.round(requestsPerMonth)}`,
      now,
      `${rungName(candidate)} becomes the cheapest rung that will do`,
    );
  return [
    ...(below === undefined ? [] : [volume('volume-below', '<', below.requestsPerMonth, below.candidate)]),
    ...(above === undefined ? [] : [volume('volume-above', '>', above.requestsPerMonth, above.candidate)]),
  ];
}

/** For a tuned choice: the rate of change at which setting it up again costs more than it saves against the next rung that would do. */
function changeTriggers({ sufficient }: Choice, chosen: JudgedRung, task: Task): Trigger[] {
  const { cost } = chosen.measures;
  if (cost === undefined || !cost.tuned || cost.setup === 0) return [];
  const { traffic } = task;
  const steady = cost.setup + cost.perRequest * horizonRequests(traffic);
  const rates = sufficient.flatMap(({ measures }) => {
    if (measures.cost === undefined || measures.cost.tuned) return [];
    const rate = (horizonCost(measures.cost, traffic) - steady) / (cost.setup * traffic.horizonMonths);
    return rate > 0 ? [{ rate, rung: measures.evidence.rung }] : [];
  });
  const first = rates.sort((a, b) => a.rate - b.rate)[0];
  if (first === undefined) return [];
  const when = `requirementChangesPerMonth > ${Number(first.rate.toPrecision(3))}`;
  const consequence = `tuning again costs more than it saves, and ${first.rung} becomes the cheapest rung that will do`;
  return [triggerOf('requirement-changes', when, traffic.requirementChangesPerMonth, consequence)];
}

function goalTriggers({ goals }: JudgedRung): Trigger[] {
  return goals.flatMap(({ goal, estimate }) => {
    if (estimate === undefined) return [];
    const when = `${goal.measure} ${goal.operator === '>=' ? '<' : '>'} ${goal.bound}`;
    return [triggerOf(`goal-${goal.measure}`, when, estimate.value, 'the goal is missed in use: climb again with recent examples')];
  });
}

function triggerOf(id: string, when: string, now: number, consequence: string): Trigger {
  // biome-ignore lint/suspicious/noThenProperty: the verdict document names it so, and it is a text, never a function
  return { id, when, now, fired: false, then: consequence };
}
