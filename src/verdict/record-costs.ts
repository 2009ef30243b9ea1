import type { Task } from '#core/task.ts';
import type { Verdict } from '#core/verdict.ts';
import { amount, count, dollars, markdownText } from './figures.ts';
import { chanceText } from './reasoning-words.ts';
import { section, table } from './record-table.ts';

/** Set-up, request and horizon of every rung, how sure the cheapest is, and when a dearer start pays for itself. */
export function costsSection(verdict: Verdict, task: Task): string {
  const measured = verdict.rungs.filter((rung) => rung.skipped === undefined);
  if (measured.length === 0) return '';
  const rows = measured.map((rung) => [
    markdownText(rung.rung),
    `${dollars(rung.setup.dollars)}, ${count(rung.setup.seconds)} s`,
    rung.costPer1k === undefined ? 'not known' : dollars(rung.costPer1k),
    rung.horizonCost === undefined ? 'not known' : dollars(rung.horizonCost),
  ]);
  const parts = [
    trafficText(task),
    table(['Rung', 'Set-up', 'Cost per 1,000', 'Over the horizon'], rows),
    cheapestText(verdict),
    verdict.breakEven.length === 0 ? '' : breakEvenTable(verdict),
  ];
  return section('Costs', parts.filter((part) => part !== '').join('\n\n'));
}

function trafficText({ traffic, costs }: Task): string {
  const { requestsPerMonth, turns, horizonMonths, requirementChangesPerMonth } = traffic;
  const conversation = turns === 1 ? '' : ` of ${count(turns)} turns`;
  const wrong = costs.wrongAnswer === 0 ? '' : ` A wrong answer costs ${dollars(costs.wrongAnswer)}, which the horizon counts.`;
  return `At ${count(requestsPerMonth)} requests${conversation} a month over ${amount(horizonMonths)} months, with ${amount(requirementChangesPerMonth)} changes of requirements a month, each of which sets a tuned rung up again.${wrong}`;
}

function cheapestText({ chosen }: Verdict): string {
  if (chosen?.cheapest === undefined) return '';
  const { chance, n, method } = chosen.cheapest;
  return markdownText(
    `The chance that ${chosen.rung} really is the cheapest of the rungs that will do: ${chanceText(chance)} (n ${count(n)}, ${method}).`,
  );
}

function breakEvenTable(verdict: Verdict): string {
  const nameOf = (candidate: string) => markdownText(verdict.rungs.find((rung) => rung.candidate === candidate)?.rung ?? candidate);
  const requests = (value: number | null) => (value === null ? 'never' : count(value));
  const rows = verdict.breakEven.map(({ from, to, requests: value, low, high }) => [
    nameOf(from),
    nameOf(to),
    value === 0 ? 'from the first request' : requests(value),
    value === null ? '' : `${requests(low)} to ${requests(high)}`,
  ]);
  return table(['From', 'To', 'Pays for itself after requests', 'Interval'], rows);
}
