import { fromDollars, nanoDollarsPerDollar } from '#core/money.ts';
import { horizonCost } from '#economics/horizon.ts';
import { isSufficient, type Outcome } from './outcome.ts';
import type { RungKind, World } from './world.ts';

/**
 * US dollars over the horizon that a rung loses against the oracle, who runs the cheapest rung that is truly good enough.
 * A rung under the bar is charged for the right answers that it lacks, and what it saves does not count: the goal is
 * broken. Where no rung is good enough, the oracle runs the one whose cost and lacking answers cost least together.
 */
export function regretAt(world: World, place: number): number {
  const best = cheapestSufficient(world);
  if (best !== undefined) return Math.max(0, trueCost(world, place) - trueCost(world, best)) + lackingCost(world, place);
  const losses = world.rungs.map((_, index) => trueCost(world, index) + lackingCost(world, index));
  return losses[place]! - Math.min(...losses);
}

/** US dollars over the horizon of the right answers that the bar asks for and a rung does not give. */
function lackingCost(world: World, place: number): number {
  const { requestsPerMonth, turns, horizonMonths } = world.traffic;
  const shortfall = Math.max(0, world.bar - world.rungs[place]!.accuracy);
  return world.missingAnswer * shortfall * requestsPerMonth * turns * horizonMonths;
}

/** US dollars over the horizon. */
function trueCost(world: World, place: number): number {
  const { setup, perRequest, tuned, hostingPerMonth } = world.rungs[place]!;
  const cost = {
    setup: fromDollars(setup),
    perRequest: perRequest * nanoDollarsPerDollar,
    tuned,
    monthly: fromDollars(hostingPerMonth),
  };
  return horizonCost(cost, world.traffic) / nanoDollarsPerDollar;
}

/** The place of the least number; the first of equals. */
export function leastOf(numbers: readonly number[]): number {
  return numbers.reduce((best, number, place) => (number < numbers[best]! ? place : best), 0);
}

/** The cheapest rung that is truly good enough; undefined where none is. */
export function cheapestSufficient(world: World): number | undefined {
  const costs = world.rungs.map((_, place) => (isSufficient(world, place) ? trueCost(world, place) : Number.POSITIVE_INFINITY));
  return costs.some(Number.isFinite) ? leastOf(costs) : undefined;
}

/** The rung whose accuracy has the highest lower end. */
export function highestLow({ rungs }: Outcome): number {
  return leastOf(rungs.map(({ low }) => -low));
}

/** The cheapest rung that is not called insufficient, else the best average. */
export function cheapestOpen(outcome: Outcome): number {
  const costs = outcome.rungs.map(({ status, horizonCost: cost }) => (status === 'not-met' ? Number.POSITIVE_INFINITY : cost));
  return costs.some(Number.isFinite) ? leastOf(costs) : bestAverage(outcome);
}

/** The rung in use today: the ladder's first. */
export const present = 0;

/** The rung with the highest average, whatever it costs; the cheaper of equals. */
export function bestAverage({ rungs }: Outcome): number {
  const best = Math.max(...rungs.map(({ value }) => value));
  return leastOf(rungs.map(({ value, horizonCost: cost }) => (value === best ? cost : Number.POSITIVE_INFINITY)));
}

/** The cheapest rung whose average reaches the bar, else the best average: no interval at all. */
export function cheapestAverage(world: World, outcome: Outcome): number {
  const costs = outcome.rungs.map(({ value, horizonCost: cost }) => (value >= world.bar ? cost : Number.POSITIVE_INFINITY));
  return costs.some(Number.isFinite) ? leastOf(costs) : bestAverage(outcome);
}

/** The rung that costs least over the horizon of its kind; of those that tune where the ladder has none of the kind. */
export function cheapestOfKind(world: World, kind: RungKind): number {
  return leastOf(placesOf(world, kind, (place) => trueCost(world, place)));
}

/** The truly best rung of its kind, as only hindsight knows it. */
export function bestOfKind(world: World, kind: RungKind): number {
  return leastOf(placesOf(world, kind, (place) => regretAt(world, place)));
}

function placesOf(world: World, kind: RungKind, value: (place: number) => number): number[] {
  const has = world.rungs.some((rung) => rung.kind === kind);
  const wanted = (rung: World['rungs'][number]) => (has ? rung.kind === kind : rung.tuned);
  return world.rungs.map((rung, place) => (wanted(rung) ? value(place) : Number.POSITIVE_INFINITY));
}
