import type { CatchUp } from '#economics/catch-up.ts';
import type { CostComparison, PairCost } from '#economics/compare-costs.ts';
import { countText, dollarText, requestDollarText } from './cost-amounts.ts';
import { costChart } from './cost-chart.ts';
import type { FlagCost } from './cost-flag-scenario.ts';
import type { TaskCost } from './cost-task.ts';

/** Costs as lines for people, with a chart of at most 80 columns. */
export function formatCost(result: CostComparison & Partial<Omit<FlagCost & TaskCost, keyof CostComparison>>, width: number): string {
  const nameWidth = Math.max(...result.approaches.map(({ name }) => name.length));
  const percent = Number(((result.confidence ?? 0) * 100).toPrecision(4));
  const costs = result.approaches.map(({ name, perRequest, perMonth, firstMonth, horizon }) => {
    const interval = result.intervals?.find((each) => each.name === name);
    const spread =
      interval === undefined
        ? ''
        : ` (${dollarText(interval.horizon.low)} to ${dollarText(interval.horizon.high)}; ${percent} %, n ${interval.n}, ${interval.method})`;
    return `  ${name.padEnd(nameWidth)}  ${requestDollarText(perRequest)} a request, ${dollarText(perMonth)} a month, ${dollarText(firstMonth)} in the first, ${dollarText(horizon)} over the horizon${spread}`;
  });
  const wrong = result.parts
    .filter((part) => part.wrongPerRequest > 0)
    .map((part) => `  ${part.name}: wrong answers add ${requestDollarText(part.wrongPerRequest)} a request`);
  const pairs = result.pairs.map((pair) => pairLine(pair, result.breakEven));
  const crossovers = result.crossovers.map(
    ({ requestsPerMonth, from, to }) => `  from ${countText(requestsPerMonth)} requests a month ${to} is cheaper than ${from}`,
  );
  const chosen = result.chosen === undefined ? [] : [chosenLine(result.chosen)];
  const lines = [
    ...costs,
    ...wrong,
    ...pairs,
    ...crossovers,
    ...(result.catchUp === undefined ? [] : catchUpLines(result.catchUp, result.approaches)),
    `  cheapest over the horizon: ${result.cheapest}`,
    ...chosen,
    ...(result.notes ?? []).map((note) => `  ${note}`),
  ];
  const chart = costChart(result, Math.min(80, Math.max(74, width)) - 2).map((line) => `  ${line}`);
  return `${[...lines, ...(chart.length === 0 ? [] : ['', ...chart])].join('\n')}\n`;
}

function chosenLine(chosen: string | null): string {
  return chosen === null
    ? '  the decision chose none: costs say nothing of quality'
    : `  the decision chose ${chosen}, the cheapest whose goals are met`;
}

function pairLine({ from, to, breakEvenRequests, paybackMonths }: PairCost, measured: TaskCost['breakEven'] = []): string {
  if (breakEvenRequests === null) return `  ${to} never catches up with ${from}`;
  if (breakEvenRequests === 0) return `  ${to} costs less than ${from} from the first request`;
  const interval = measured.find((each) => each.from === from && each.to === to);
  const spread =
    interval?.low == null
      ? ''
      : `, ${interval.high === null ? `at least ${countText(interval.low)}, maybe never` : `${countText(interval.low)} to ${countText(interval.high)}`}`;
  const months = paybackMonths === null ? '' : ` (${paybackMonths.toFixed(1)} months${spread})`;
  return `  ${to} has paid for itself against ${from} after ${countText(breakEvenRequests)} requests${months}`;
}

function catchUpLines(
  { tunedPriceFactor, promptTokens, selfHostedPerMonth, selfHostedPerMonthWithStart }: CatchUp,
  [prompted, tuned]: CostComparison['approaches'],
): string[] {
  const withStart =
    selfHostedPerMonthWithStart === null || selfHostedPerMonthWithStart === selfHostedPerMonth
      ? ''
      : ` (${dollarText(selfHostedPerMonthWithStart)} with its start paid back within the horizon)`;
  const ways = [
    tunedPriceFactor === null ? undefined : `below ${Number(tunedPriceFactor.toPrecision(4))} times the token prices`,
    promptTokens === null || promptTokens === 0 ? undefined : `against a prompt of more than ${countText(promptTokens)} tokens`,
    selfHostedPerMonth === null ? undefined : `hosted for less than ${dollarText(selfHostedPerMonth)} a month${withStart}`,
  ].filter((way) => way !== undefined);
  return ways.length === 0 ? [] : [`  where ${tuned!.name} costs less than ${prompted!.name}:`, ...ways.map((way) => `    ${way}`)];
}
