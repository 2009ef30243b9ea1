import type { Traffic } from '#core/task.ts';
import { type CostLine, crossoversOf } from '#economics/cheapest.ts';
import { type CandidateCost, horizonCost } from '#economics/horizon.ts';

/** A rung's name with its costs. */
export interface NamedCost {
  readonly name: string;
  readonly cost: CandidateCost;
}

/** A value of what varies, and the rung that is the cheapest beyond it. */
interface Turn {
  readonly at: number;
  readonly rung: string;
}

/** The values next to the present one at which a rung stops being the cheapest. */
export interface Turns {
  readonly below?: Turn;
  readonly above?: Turn;
}

/** Monthly volumes at which `chosen` stops being the cheapest of `costs` over the horizon. */
export function volumeTurns(costs: readonly NamedCost[], chosen: string, traffic: Traffic): Turns {
  return turnsOf(costs, chosen, traffic.requestsPerMonth, (requestsPerMonth) => ({ ...traffic, requestsPerMonth }));
}

/** Changes of requirements a month at which `chosen` stops being the cheapest of `costs` over the horizon. */
export function changeTurns(costs: readonly NamedCost[], chosen: string, traffic: Traffic): Turns {
  return turnsOf(costs, chosen, traffic.requirementChangesPerMonth, (requirementChangesPerMonth) => ({
    ...traffic,
    requirementChangesPerMonth,
  }));
}

function turnsOf(costs: readonly NamedCost[], chosen: string, now: number, trafficAt: (value: number) => Traffic): Turns {
  // the cost over the horizon is a straight line in each of the two
  const lines = costs.map(({ name, cost }): CostLine => {
    const fixed = horizonCost(cost, trafficAt(0));
    return { name, fixed, slope: horizonCost(cost, trafficAt(1)) - fixed };
  });
  const crossovers = crossoversOf(lines).map(({ requestsPerMonth: at, from, to }) => ({ at, from, to }));
  const below = crossovers.findLast(({ to, at }) => to === chosen && at <= now);
  const above = crossovers.find(({ from, at }) => from === chosen && at >= now);
  return {
    ...(below === undefined ? {} : { below: { at: below.at, rung: below.from } }),
    ...(above === undefined ? {} : { above: { at: above.at, rung: above.to } }),
  };
}
