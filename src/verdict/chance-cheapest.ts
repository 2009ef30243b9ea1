import { horizonCost, horizonRequests } from '#economics/horizon.ts';
import { normalQuantile } from '#statistics/distributions.ts';
import { moments } from '#statistics/mean.ts';
import { seededRandom } from '#statistics/random.ts';
import type { Choice, JudgedRung } from './choose.ts';
import type { JudgedGoal } from './goals.ts';
import type { Grounds } from './grounds.ts';

const draws = 4000;

/**
 * The chance that the chosen rung really is the cheapest that will do: the share of draws in which no other sufficient
 * rung, and no open rung that turns out sufficient, costs less over the horizon. Mean costs are drawn from their normal
 * sampling distributions, and so is where each open goal stands; rungs independently. Undefined where a price is unknown.
 */
export function chanceCheapest(
  { chosen, sufficient, open }: Choice,
  grounds: Grounds,
): { chance: number; n: number; method: string } | undefined {
  const rivals = [...sufficient, ...open].filter((rung) => rung !== chosen);
  if (chosen === undefined || [chosen, ...rivals].some(({ measures }) => measures.cost === undefined)) return undefined;
  const random = seededRandom(grounds.task.seed);
  const normal = () => normalQuantile(Math.min(1 - 1e-12, Math.max(1e-12, random())));
  const own = costOf(chosen, grounds);
  const others = rivals.map((rung) => ({ cost: costOf(rung, grounds), open: rung.goals.filter(({ status }) => status !== 'met') }));
  const drawn = ({ mean, spread }: Spread) => mean + spread * normal();
  let cheapest = 0;
  for (let draw = 0; draw < draws; draw++) {
    const cost = drawn(own);
    const beaten = others.some((other) => drawn(other.cost) < cost && other.open.every((goal) => standsAt(goal, normal())));
    if (!beaten) cheapest++;
  }
  return { chance: cheapest / draws, n: moments(chosen.measures.evidence.cost).n, method: `${draws} draws of normal means` };
}

interface Spread {
  readonly mean: number;
  readonly spread: number;
}

/** A rung's cost over the horizon, with the standard error that its mean request gives it. */
function costOf({ measures }: JudgedRung, { task: { traffic } }: Grounds): Spread {
  const { n, deviation } = moments(measures.evidence.cost);
  return { mean: horizonCost(measures.cost!, traffic), spread: n < 2 ? 0 : (deviation / Math.sqrt(n)) * horizonRequests(traffic) };
}

/** Whether an open goal is met when its measure lies that many standard errors from the value; not where nothing bounds it. */
function standsAt({ goal, estimate, bounds }: JudgedGoal, deviations: number): boolean {
  if (estimate === undefined || bounds === undefined || estimate.low === null || estimate.high === null) return false;
  // an interval at any usual confidence is about four standard errors wide
  const value = estimate.value + (deviations * (estimate.high - estimate.low)) / 4;
  return goal.operator === '>=' ? value >= goal.bound : value <= goal.bound;
}
