import { withoutDust } from './break-even.ts';
import { finalDollars } from './compare-costs.ts';
import { type PricedTokens, requestCost } from './request-cost.ts';

/** Where a tuned model with a short prompt comes level with a long prompt. Null where no such value exists. */
export interface CatchUp {
  /** The tuned model's token prices as a multiple of the prompted model's: below it, it costs less a request. */
  readonly tunedPriceFactor: number | null;
  /** Tokens of the long prompt: above it, the tuned model costs less a request. */
  readonly promptTokens: number | null;
  /** US dollars a month for a tuned model that bills no tokens: below it, the month costs less. */
  readonly selfHostedPerMonth: number | null;
  /** The same with the extra start paid back within the horizon. */
  readonly selfHostedPerMonthWithStart: number | null;
}

/**
 * What would have to be so for the second to come level with the first, each by itself while all else stays. Requests of
 * `turns` turns; `extraStart` in nano-dollars.
 */
export function catchUp(
  prompted: PricedTokens,
  tuned: PricedTokens,
  traffic: { readonly turns: number; readonly requestsPerMonth: number; readonly horizonMonths: number; readonly extraStart: number },
): CatchUp {
  const { turns, requestsPerMonth, horizonMonths, extraStart } = traffic;
  const cost = requestCost(prompted, turns);
  const atSamePrice = requestCost({ ...tuned, price: prompted.price }, turns);
  // the cost is a straight line over the prompt's tokens, so two points give the length at which it meets the tuned cost
  const empty = requestCost({ ...prompted, tokens: { ...prompted.tokens, system: 0 } }, turns);
  const thousand = requestCost({ ...prompted, tokens: { ...prompted.tokens, system: 1000 } }, turns);
  const perToken = (thousand - empty) / 1000;
  const selfHosted = cost * requestsPerMonth;
  const withStart = selfHosted - extraStart / horizonMonths;
  return {
    tunedPriceFactor: atSamePrice > 0 ? withoutDust(cost / atSamePrice) : null,
    promptTokens: perToken > 0 ? withoutDust(Math.max(0, (requestCost(tuned, turns) - empty) / perToken)) : null,
    selfHostedPerMonth: selfHosted > 0 ? finalDollars(selfHosted) : null,
    selfHostedPerMonthWithStart: withStart > 0 ? finalDollars(withStart) : null,
  };
}
