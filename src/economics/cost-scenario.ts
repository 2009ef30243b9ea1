import { nanoDollarsPerDollar, toDollars } from '#core/money.ts';
import { withoutDust } from './break-even.ts';
import { type CostLine, type Crossover, cheapestAt, crossoversOf } from './cheapest.ts';
import type { Scenario, ScenarioApproach } from './scenario.ts';

/** US dollars. */
interface ApproachCost {
  readonly name: string;
  readonly perRequest: number;
  /** Requests, hosting and retraining. */
  readonly perMonth: number;
  /** One-time costs and the first month. */
  readonly firstMonth: number;
  /** One-time costs and every month of the horizon. */
  readonly horizon: number;
}

interface PairCost {
  /** The one that costs less to begin with; the earlier one in the scenario where both cost the same. */
  readonly from: string;
  readonly to: string;
  /** Null where the second never catches up. */
  readonly breakEvenRequests: number | null;
  readonly paybackMonths: number | null;
}

export interface ScenarioCost {
  readonly approaches: readonly ApproachCost[];
  readonly pairs: readonly PairCost[];
  /** Over the horizon, at the scenario's volume. */
  readonly cheapest: string;
  readonly crossovers: readonly Crossover[];
}

/** All of it in nano-dollars, not rounded. */
interface Parts {
  readonly name: string;
  readonly perRequest: number;
  readonly oneTime: number;
  readonly monthlyFixed: number;
}

/** What each approach costs, when one overtakes another, and at which monthly volumes the cheapest changes. Pure arithmetic. */
export function costScenario(scenario: Scenario): ScenarioCost {
  const { requestsPerMonth, horizonMonths } = scenario;
  const parts = scenario.approaches.map((approach) => partsOf(approach, approach.turns ?? scenario.turns));
  const lines: CostLine[] = parts.map(({ name, oneTime, monthlyFixed, perRequest }) => ({
    name,
    fixed: oneTime + monthlyFixed * horizonMonths,
    slope: perRequest * horizonMonths,
  }));
  return {
    approaches: parts.map((part) => {
      const perMonth = part.monthlyFixed + part.perRequest * requestsPerMonth;
      return {
        name: part.name,
        perRequest: dollars(part.perRequest),
        perMonth: dollars(perMonth),
        firstMonth: dollars(part.oneTime + perMonth),
        horizon: dollars(part.oneTime + perMonth * horizonMonths),
      };
    }),
    pairs: parts.flatMap((first, index) => parts.slice(index + 1).map((second) => pairOf(first, second, requestsPerMonth))),
    cheapest: cheapestAt(lines, requestsPerMonth)!.name,
    crossovers: crossoversOf(lines).map((crossover) => ({ ...crossover, requestsPerMonth: withoutDust(crossover.requestsPerMonth) })),
  };
}

/**
 * Nano-dollars of one request. In a conversation every turn sends the system prompt and all earlier turns again; that
 * resent part is read from the service's prompt cache where a cached price is given. The first turn is never assumed to
 * be cached: nothing promises that an earlier conversation is still in the cache.
 */
export function requestCost({ tokens, price }: Pick<ScenarioApproach, 'tokens' | 'price'>, turns: number): number {
  const resentPrice = price.cachedInputPerMillion ?? price.inputPerMillion;
  // turn k of T resends the system prompt and k − 1 turns: over all turns (T − 1) prompts and T(T − 1)/2 turns
  const resent = (turns - 1) * tokens.system + ((turns * (turns - 1)) / 2) * (tokens.user + tokens.output);
  const fresh = tokens.system + turns * tokens.user;
  const perMillion = fresh * price.inputPerMillion + resent * resentPrice + turns * tokens.output * price.outputPerMillion;
  return perMillion * (nanoDollarsPerDollar / 1e6) + turns * price.perRequest * nanoDollarsPerDollar;
}

function partsOf(approach: ScenarioApproach, turns: number): Parts {
  const { oneTime, perMonth } = approach;
  return {
    name: approach.name,
    perRequest: requestCost(approach, turns),
    oneTime: (oneTime.training + oneTime.labels + oneTime.engineeringHours * oneTime.hourlyRate) * nanoDollarsPerDollar,
    monthlyFixed: (perMonth.hosting + perMonth.retrains * perMonth.retrainCost) * nanoDollarsPerDollar,
  };
}

function pairOf(first: Parts, second: Parts, requestsPerMonth: number): PairCost {
  const [from, to] = second.oneTime < first.oneTime ? [second, first] : [first, second];
  const extraStart = to.oneTime - from.oneTime;
  const extraMonthly = to.monthlyFixed - from.monthlyFixed;
  const savingPerRequest = from.perRequest - to.perRequest;
  const monthlySaving = savingPerRequest * requestsPerMonth - extraMonthly;
  const paybackMonths = monthlySaving > 0 ? extraStart / monthlySaving : null;
  const names = { from: from.name, to: to.name };
  // without monthly costs the number of requests does not depend on how fast they come
  if (extraMonthly === 0) {
    const requests = savingPerRequest > 0 ? withoutDust(extraStart / savingPerRequest) : null;
    return { ...names, breakEvenRequests: requests, paybackMonths: paybackMonths === null ? null : withoutDust(paybackMonths) };
  }
  if (paybackMonths === null) return { ...names, breakEvenRequests: null, paybackMonths };
  return { ...names, breakEvenRequests: withoutDust(paybackMonths * requestsPerMonth), paybackMonths: withoutDust(paybackMonths) };
}

function dollars(nanoDollars: number): number {
  return withoutDust(toDollars(nanoDollars));
}
