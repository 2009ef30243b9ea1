import type { NanoDollars } from '#core/money.ts';
import type { Traffic } from '#core/task.ts';

/** What a candidate costs, whatever the volume is. */
export interface CandidateCost {
  /** Nano-dollars, once: training, labels, engineering. */
  readonly setup: NanoDollars;
  /** Nano-dollars, the mean of a request; not rounded. */
  readonly perRequest: number;
  /** True where a change of requirements means setting it up again. */
  readonly tuned: boolean;
  /** Nano-dollars a month, whatever is asked: hosting that runs while idle, maintenance. 0 where absent. */
  readonly monthly?: NanoDollars;
  /** Nano-dollars of one change of requirements; where absent the set-up again for tuned candidates, nothing for others. */
  readonly perChange?: NanoDollars;
  /** Nano-dollars a request that wrong answers cost: the share that is wrong × the price of a wrong answer; not rounded. */
  readonly wrongPerRequest?: number;
}

/** Both ends of an interval, in the units of what it is about. */
export interface Ends {
  readonly low: number;
  readonly high: number;
}

/** Requests that reach the model over the horizon: a request of several turns is as many calls. */
export function horizonRequests(traffic: Traffic): number {
  return traffic.requestsPerMonth * traffic.turns * traffic.horizonMonths;
}

/** Nano-dollars of one request with what its wrong answers cost: the slope of the cost over the volume; not rounded. */
function requestTotal(cost: CandidateCost): number {
  return cost.perRequest + (cost.wrongPerRequest ?? 0);
}

/** Nano-dollars a month that do not depend on the volume: hosting, maintenance and changes of requirements; not rounded. */
export function monthlyFixed(cost: CandidateCost, traffic: Traffic): number {
  const perChange = cost.perChange ?? (cost.tuned ? cost.setup : 0);
  return (cost.monthly ?? 0) + perChange * traffic.requirementChangesPerMonth;
}

/** Nano-dollars over the horizon that do not depend on the volume: the set-up, and every month's fixed costs. */
export function horizonFixed(cost: CandidateCost, traffic: Traffic): number {
  return cost.setup + monthlyFixed(cost, traffic) * traffic.horizonMonths;
}

/** Nano-dollars over the horizon: set-up, fixed costs of every month, and requests with what their wrong answers cost. */
export function horizonCost(cost: CandidateCost, traffic: Traffic): number {
  return horizonFixed(cost, traffic) + requestTotal(cost) * horizonRequests(traffic);
}

/**
 * Nano-dollars over the horizon at the ends of the measured intervals of a request's cost and, where given, of what its
 * wrong answers cost; an interval that is not given stays at its value. The ends of two intervals are added, so with
 * both given at confidence 1 − α the result holds at 1 − 2α at least (Bonferroni), whatever ties them together.
 */
export function horizonCostInterval(
  cost: CandidateCost,
  traffic: Traffic,
  measured: { readonly perRequest: Ends; readonly wrongPerRequest?: Ends },
): Ends {
  const wrong = measured.wrongPerRequest ?? { low: cost.wrongPerRequest ?? 0, high: cost.wrongPerRequest ?? 0 };
  const at = (end: 'low' | 'high') =>
    horizonCost({ ...cost, perRequest: Math.max(0, measured.perRequest[end]), wrongPerRequest: Math.max(0, wrong[end]) }, traffic);
  return { low: at('low'), high: at('high') };
}
