import type { ScenarioCost } from '#economics/cost-scenario.ts';

/** A scenario's costs as lines for people. */
export function formatCost(result: ScenarioCost): string {
  const width = Math.max(...result.approaches.map(({ name }) => name.length));
  const costs = result.approaches.map(
    ({ name, perRequest, perMonth, firstMonth, horizon }) =>
      `  ${name.padEnd(width)}  $${Number(perRequest.toPrecision(4))} a request, ${dollars(perMonth)} a month, ${dollars(firstMonth)} in the first, ${dollars(horizon)} over the horizon`,
  );
  const pairs = result.pairs.map(({ from, to, breakEvenRequests, paybackMonths }) =>
    breakEvenRequests === null
      ? `  ${to} never catches up with ${from}`
      : `  ${to} has paid for itself against ${from} after ${count(breakEvenRequests)} requests${paybackMonths === null ? '' : ` (${paybackMonths.toFixed(1)} months)`}`,
  );
  const crossovers = result.crossovers.map(
    ({ requestsPerMonth, from, to }) => `  from ${count(requestsPerMonth)} requests a month ${to} is cheaper than ${from}`,
  );
  return `${[...costs, ...pairs, ...crossovers].join('\n')}\n  cheapest over the horizon: ${result.cheapest}\n`;
}

function dollars(amount: number): string {
  return `$${amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

function count(amount: number): string {
  return Math.round(amount).toLocaleString('en-US');
}
