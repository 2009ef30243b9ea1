/** Money is counted in whole nano-dollars (10⁻⁹ US dollars): exact up to nine million dollars in a JavaScript number. */
export type NanoDollars = number;

export const nanoDollarsPerDollar = 1_000_000_000;

export function toDollars(amount: NanoDollars): number {
  return amount / nanoDollarsPerDollar;
}

export function fromDollars(dollars: number): NanoDollars {
  return Math.round(dollars * nanoDollarsPerDollar);
}

/** What a model service asks, in US dollars; `perRequest` is added to the tokens' price. */
export interface Price {
  inputPerMillion?: number;
  outputPerMillion?: number;
  /** Price of input tokens that the service read from its prompt cache; the input price where absent. */
  cachedInputPerMillion?: number;
  perRequest?: number;
}

/** Tokens of one call. `inputTokens` includes `cachedInputTokens`. */
export interface Usage {
  inputTokens: number;
  cachedInputTokens: number;
  outputTokens: number;
}

/** Cost of one call, rounded up to whole nano-dollars so that a budget is never understated. */
export function costOf(usage: Usage, price: Price): NanoDollars {
  const input = price.inputPerMillion ?? 0;
  const cachedInput = price.cachedInputPerMillion ?? input;
  const perToken =
    (usage.inputTokens - usage.cachedInputTokens) * input +
    usage.cachedInputTokens * cachedInput +
    usage.outputTokens * (price.outputPerMillion ?? 0);
  // dollars per million tokens × tokens × 1000 = nano-dollars; the rounding to 1e-6 removes binary-fraction dust
  const nano = perToken * 1000 + (price.perRequest ?? 0) * nanoDollarsPerDollar;
  return Math.ceil(Math.round(nano * 1e6) / 1e6);
}
