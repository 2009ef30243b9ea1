import { nanoDollarsPerDollar, toDollars } from '#core/money.ts';
import { withoutDust } from './break-even.ts';
import { type CostLine, type Crossover, cheapestAt, crossoversOf } from './cheapest.ts';

/** What an approach costs, whatever the volume and the horizon are. Nano-dollars, not rounded. */
export interface CostParts {
  readonly name: string;
  /** What the service bills for a request. */
  readonly perRequest: number;
  /** The share of wrong answers × the price of one. */
  readonly wrongPerRequest: number;
  readonly oneTime: number;
  /** A month, whatever is asked. */
  readonly monthlyFixed: number;
}

/** US dollars. Months and horizon count what wrong answers cost, where that has a price. */
interface ApproachCost {
  readonly name: string;
  /** What the service bills. */
  readonly perRequest: number;
  /** Requests, hosting, maintenance and retraining. */
  readonly perMonth: number;
  /** One-time costs and the first month. */
  readonly firstMonth: number;
  /** One-time costs and every month of the horizon. */
  readonly horizon: number;
}

export interface PairCost {
  /** The one that costs less to begin with; the earlier one where both cost the same. */
  readonly from: string;
  readonly to: string;
  /** Null where the second never catches up. */
  readonly breakEvenRequests: number | null;
  readonly paybackMonths: number | null;
}

/** A stretch of monthly volumes over which one approach is the cheapest; its cost over the horizon is a straight line between the ends. */
interface CurvePiece {
  readonly name: string;
  readonly fromRequestsPerMonth: number;
  /** Null for the last piece, which has no end. */
  readonly toRequestsPerMonth: number | null;
  readonly horizonAtFrom: number;
  readonly horizonAtTo: number | null;
}

/** The parts of an approach's cost, in US dollars. */
type DollarParts = { readonly [Part in keyof CostParts]: CostParts[Part] };

export interface CostComparison {
  readonly requestsPerMonth: number;
  readonly horizonMonths: number;
  readonly approaches: readonly ApproachCost[];
  readonly pairs: readonly PairCost[];
  /** Over the horizon, at this volume. */
  readonly cheapest: string;
  readonly crossovers: readonly Crossover[];
  readonly curve: readonly CurvePiece[];
  readonly parts: readonly DollarParts[];
}

/**
 * What each approach costs, when one overtakes another, and at which monthly volumes the cheapest changes. At least one
 * approach. Amounts that are final are rounded to whole nano-dollars, or to 15 digits where they are too large for that.
 */
export function compareCosts(
  parts: readonly CostParts[],
  { requestsPerMonth, horizonMonths }: { readonly requestsPerMonth: number; readonly horizonMonths: number },
): CostComparison {
  const lines = parts.map((part) => costLine(part, horizonMonths));
  const crossovers = crossoversOf(lines).map((crossover) => ({ ...crossover, requestsPerMonth: withoutDust(crossover.requestsPerMonth) }));
  return {
    requestsPerMonth,
    horizonMonths,
    approaches: parts.map((part) => {
      const perMonth = part.monthlyFixed + slope(part) * requestsPerMonth;
      return {
        name: part.name,
        perRequest: withoutDust(toDollars(part.perRequest)),
        perMonth: finalDollars(perMonth),
        firstMonth: finalDollars(part.oneTime + perMonth),
        horizon: finalDollars(part.oneTime + perMonth * horizonMonths),
      };
    }),
    pairs: parts.flatMap((first, index) => parts.slice(index + 1).map((second) => pairOf(first, second, requestsPerMonth))),
    cheapest: cheapestAt(lines, requestsPerMonth)!.name,
    crossovers,
    curve: curveOf(lines, crossovers),
    parts: parts.map((part) => ({
      name: part.name,
      perRequest: withoutDust(toDollars(part.perRequest)),
      wrongPerRequest: withoutDust(toDollars(part.wrongPerRequest)),
      oneTime: finalDollars(part.oneTime),
      monthlyFixed: finalDollars(part.monthlyFixed),
    })),
  };
}

/** US dollars of a final amount: whole nano-dollars while a number can hold them, then 15 digits. */
export function finalDollars(nanoDollars: number): number {
  const whole = Math.round(nanoDollars);
  return Number.isSafeInteger(whole) ? whole / nanoDollarsPerDollar : Number(toDollars(nanoDollars).toPrecision(15));
}

function slope(part: CostParts): number {
  return part.perRequest + part.wrongPerRequest;
}

function costLine(part: CostParts, horizonMonths: number): CostLine {
  return { name: part.name, fixed: part.oneTime + part.monthlyFixed * horizonMonths, slope: slope(part) * horizonMonths };
}

function curveOf(lines: readonly CostLine[], crossovers: readonly Crossover[]): CurvePiece[] {
  const first = crossovers[0]?.from ?? cheapestAt(lines, 0)!.name;
  const names = [first, ...crossovers.map(({ to }) => to)];
  return names.map((name, index) => {
    const line = lines.find((each) => each.name === name)!;
    const from = crossovers[index - 1]?.requestsPerMonth ?? 0;
    const to = crossovers[index]?.requestsPerMonth ?? null;
    const at = (volume: number) => finalDollars(line.fixed + line.slope * volume);
    return {
      name,
      fromRequestsPerMonth: from,
      toRequestsPerMonth: to,
      horizonAtFrom: at(from),
      horizonAtTo: to === null ? null : at(to),
    };
  });
}

function pairOf(first: CostParts, second: CostParts, requestsPerMonth: number): PairCost {
  const [from, to] = second.oneTime < first.oneTime ? [second, first] : [first, second];
  const extraStart = to.oneTime - from.oneTime;
  const extraMonthly = to.monthlyFixed - from.monthlyFixed;
  const savingPerRequest = slope(from) - slope(to);
  const payback = quotient(extraStart, savingPerRequest * requestsPerMonth - extraMonthly);
  // without monthly costs the number of requests does not depend on how fast they come
  const requests = extraMonthly === 0 ? quotient(extraStart, savingPerRequest) : payback === null ? null : payback * requestsPerMonth;
  return {
    from: from.name,
    to: to.name,
    breakEvenRequests: requests === null ? null : withoutDust(requests),
    paybackMonths: payback === null ? null : withoutDust(payback),
  };
}

/** How often a saving must come to repay an amount; null where it is no saving, or so small that no number holds the answer. */
function quotient(amount: number, saving: number): number | null {
  if (!(saving > 0)) return null;
  const times = amount / saving;
  return Number.isFinite(times) ? times : null;
}
