import type { NanoDollars } from '#core/money.ts';
import type { Traffic } from '#core/task.ts';

/** What a candidate costs, whatever the volume is. */
export interface CandidateCost {
  /** Nano-dollars, once. */
  readonly setup: NanoDollars;
  /** Nano-dollars, the mean of a request; not rounded. */
  readonly perRequest: number;
  /** True where a change of requirements means setting it up again. */
  readonly tuned: boolean;
}

/** Requests that reach the model over the horizon: a request of several turns is as many calls. */
export function horizonRequests(traffic: Traffic): number {
  return traffic.requestsPerMonth * traffic.turns * traffic.horizonMonths;
}

/** Nano-dollars over the horizon that do not depend on the volume: set-up, and set-up again at every change for tuned candidates. */
export function horizonFixed(cost: CandidateCost, traffic: Traffic): number {
  const retrains = cost.tuned ? traffic.requirementChangesPerMonth * traffic.horizonMonths : 0;
  return cost.setup * (1 + retrains);
}

/** Nano-dollars over the horizon: set-up, requests, and retraining at every change of requirements for tuned candidates. */
export function horizonCost(cost: CandidateCost, traffic: Traffic): number {
  return horizonFixed(cost, traffic) + cost.perRequest * horizonRequests(traffic);
}
