import type { EvidenceSet } from '#core/evidence.ts';
import type { Price } from '#core/money.ts';
import type { Task } from '#core/task.ts';
import { amount, count, dollars, percent, points } from './figures.ts';

/** What the verdict takes for granted, one sentence each: another value of any of them may lead to another verdict. */
export function assumptionsOf(task: Task, evidence: EvidenceSet): string[] {
  return [...trafficAssumptions(task), ...priceAssumptions(task), ...workAssumptions(task), ...evidenceAssumptions(task, evidence)];
}

function trafficAssumptions({ traffic }: Task): string[] {
  const { requestsPerMonth, turns, horizonMonths, requirementChangesPerMonth } = traffic;
  const conversation = turns === 1 ? '' : `, each a conversation of ${count(turns)} turns`;
  const months = horizonMonths === 1 ? 'one month' : `${amount(horizonMonths)} months`;
  const changes =
    requirementChangesPerMonth === 0
      ? 'Requirements do not change.'
      : `Requirements change ${requirementChangesPerMonth === 1 ? 'once' : `${amount(requirementChangesPerMonth)} times`} a month, and each change sets a tuned rung up again.`;
  return [`${amount(requestsPerMonth)} requests a month${conversation}, over a horizon of ${months}.`, changes];
}

function priceAssumptions({ prices, providers }: Task): string[] {
  const assumed = [
    ...Object.entries(prices),
    ...Object.entries(providers).flatMap(([name, { price }]) => (price === undefined ? [] : [[name, price] as const])),
  ];
  return assumed.map(([model, price]) => `The price of ${model} is what the task says: ${priceText(price)}.`);
}

function priceText({ inputPerMillion, outputPerMillion, cachedInputPerMillion, perRequest }: Price): string {
  const parts = [
    inputPerMillion === undefined ? '' : `${dollars(inputPerMillion)} per million input tokens`,
    cachedInputPerMillion === undefined ? '' : `${dollars(cachedInputPerMillion)} per million of them from the cache`,
    outputPerMillion === undefined ? '' : `${dollars(outputPerMillion)} per million output tokens`,
    perRequest === undefined ? '' : `${dollars(perRequest)} a request`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

function workAssumptions({ costs }: Task): string[] {
  const { wrongAnswer, label, engineeringHour, rungs } = costs;
  const own = Object.entries(rungs).flatMap(
    ([rung, { engineeringHours, hostingPerMonth, maintenanceHoursPerMonth, engineeringHoursPerChange }]) => {
      const parts = [
        engineeringHours === 0 ? '' : `${amount(engineeringHours)} hours to set up`,
        engineeringHoursPerChange === 0 ? '' : `${amount(engineeringHoursPerChange)} hours at every change of requirements`,
        maintenanceHoursPerMonth === 0 ? '' : `${amount(maintenanceHoursPerMonth)} hours a month to look after`,
        hostingPerMonth === 0 ? '' : `${dollars(hostingPerMonth)} a month to host`,
      ].filter((part) => part !== '');
      return parts.length === 0 ? [] : [`${rung} takes ${parts.join(', ')}.`];
    },
  );
  return [
    wrongAnswer === 0
      ? 'A wrong answer costs nothing beyond the goals that it counts against.'
      : `A wrong answer costs ${dollars(wrongAnswer)}.`,
    label === 0 ? 'Labels are in hand and cost nothing.' : `A label costs ${dollars(label)}; it is counted for rungs that train.`,
    engineeringHour === 0 ? 'Hours of work are not priced.' : `An hour of engineering costs ${dollars(engineeringHour)}.`,
    ...own,
  ];
}

function evidenceAssumptions(task: Task, { split, counts, candidates, lookedEarly }: EvidenceSet): string[] {
  const local = candidates.some(({ skipped, priced }) => skipped === undefined && !priced);
  return [
    `The ${count(counts[split])} rows of the ${split} split stand for the requests to come: drawn as they are, and labelled right.`,
    `Goals are judged and intervals given at ${percent(task.confidence)} confidence${lookedEarly ? ', a part of which went into looking before the last row' : ''}.`,
    `A gain under ${points(task.minimumGain).replace('+', '')} does not matter.`,
    'Latency is as it was measured, on the machine and at the load of the climb.',
    ...(local ? ['Where no price is known, the place on the ladder stands for the cost.'] : []),
    task.repeats === 1
      ? 'Every row was asked once: answers that vary from one request to the next are not told apart from wrong ones.'
      : `Rows that disagree with themselves were asked up to ${count(task.repeats)} times.`,
  ];
}
