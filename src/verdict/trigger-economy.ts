import { nanoDollarsPerDollar } from '#core/money.ts';
import type { Task } from '#core/task.ts';
import type { Trigger } from '#core/verdict.ts';
import { withoutDust } from '#economics/break-even.ts';
import { type CandidateCost, horizonCost, horizonRequests } from '#economics/horizon.ts';
import type { Choice, JudgedRung } from './choose.ts';
import { changeTurns, type Turns, volumeTurns } from './cost-turns.ts';
import { triggerOf } from './trigger-condition.ts';

/** A rung with its costs. */
type Priced = JudgedRung & { readonly measures: { readonly cost: CandidateCost } };

function isPriced(rung: JudgedRung): rung is Priced {
  return rung.measures.cost !== undefined;
}

/** Volumes, rates of change and prices at which another rung that will do becomes cheaper than the chosen one. */
export function economyTriggers({ sufficient }: Choice, chosen: JudgedRung, task: Task): Trigger[] {
  // without a price for every rung in question the place on the ladder decided, and no cost can turn that
  if (!isPriced(chosen) || !sufficient.every(isPriced)) return [];
  const { traffic } = task;
  const lines = sufficient.map(({ measures }) => ({ name: measures.evidence.rung, cost: measures.cost }));
  const own = chosen.measures.evidence.rung;
  const volume = turnTriggers('volume', 'requestsPerMonth', Math.round, traffic.requestsPerMonth, volumeTurns(lines, own, traffic));
  const rate = (value: number) => Number(value.toPrecision(3));
  const changes = turnTriggers(
    'requirement-changes',
    'requirementChangesPerMonth',
    rate,
    traffic.requirementChangesPerMonth,
    changeTurns(lines, own, traffic),
  );
  const others = sufficient.filter((rung): rung is Priced => rung !== chosen && isPriced(rung));
  return [...volume, ...changes, ...priceTriggers(chosen, others, task)];
}

/** A bound that rounding put on the wrong side of what it is now is left out: the two cost the same there. */
function turnTriggers(id: string, figure: string, rounded: (value: number) => number, now: number, { below, above }: Turns): Trigger[] {
  const then = (rung: string) => `${rung} becomes the cheapest rung that will do`;
  const low = below === undefined ? 0 : rounded(below.at);
  const high = above === undefined ? 0 : rounded(above.at);
  return [
    ...(below !== undefined && low > 0 && low <= now
      ? [triggerOf(`${id}-below`, { figure, operator: '<', bound: low }, now, then(below.rung))]
      : []),
    ...(above !== undefined && high >= now
      ? [triggerOf(`${id}-above`, { figure, operator: '>', bound: high }, now, then(above.rung))]
      : []),
  ];
}

/** A request's cost of the chosen rung beyond which the next one is cheaper, and the nearest fall of another's cost that does the same. */
function priceTriggers(chosen: Priced, others: readonly Priced[], task: Task): Trigger[] {
  const rises = others.flatMap((other) => {
    const bound = riseThatTurns(chosen.measures.cost, other.measures.cost, task);
    return bound === undefined ? [] : [{ bound, rung: other.measures.evidence.rung }];
  });
  const falls = others.flatMap((other) => {
    const bound = fallThatTurns(chosen.measures.cost, other.measures.cost, task);
    return bound === undefined ? [] : [{ bound, rung: other.measures.evidence.rung, now: per1k(other.measures.cost.perRequest) }];
  });
  const rise = rises.sort((a, b) => a.bound - b.bound)[0];
  const fall = falls.sort((a, b) => b.bound / b.now - a.bound / a.now)[0];
  const then = (rung: string) => `${rung} becomes the cheapest rung that will do`;
  return [
    ...(rise === undefined
      ? []
      : [
          triggerOf(
            'price-rise',
            { figure: 'costPer1k', operator: '>', bound: rise.bound },
            per1k(chosen.measures.cost.perRequest),
            then(rise.rung),
          ),
        ]),
    ...(fall === undefined
      ? []
      : [triggerOf('price-fall', { figure: `costPer1k:${fall.rung}`, operator: '<', bound: fall.bound }, fall.now, then(fall.rung))]),
  ];
}

/** US dollars per 1,000 requests of `cost` from which on `other` is cheaper over the horizon; undefined where none does that. */
function riseThatTurns(cost: CandidateCost, other: CandidateCost, { traffic }: Task): number | undefined {
  const requests = horizonRequests(traffic);
  if (!(requests > 0)) return undefined;
  const bound = rounded(per1k(cost.perRequest + (horizonCost(other, traffic) - horizonCost(cost, traffic)) / requests));
  return bound > per1k(cost.perRequest) ? bound : undefined;
}

/** US dollars per 1,000 requests of `other` under which it is cheaper over the horizon than `cost`; undefined where even 0 is not. */
export function fallThatTurns(cost: CandidateCost, other: CandidateCost, { traffic }: Task): number | undefined {
  const requests = horizonRequests(traffic);
  if (!(requests > 0)) return undefined;
  const bound = rounded(per1k(other.perRequest - (horizonCost(other, traffic) - horizonCost(cost, traffic)) / requests));
  return bound > 0 && bound < per1k(other.perRequest) ? bound : undefined;
}

function per1k(perRequest: number): number {
  return withoutDust((perRequest * 1000) / nanoDollarsPerDollar);
}

function rounded(dollars: number): number {
  return Number(dollars.toPrecision(4));
}
