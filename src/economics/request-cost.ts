import { nanoDollarsPerDollar } from '#core/money.ts';
import type { ScenarioApproach } from './scenario.ts';

/** What a request is billed by. */
export type PricedTokens = Pick<ScenarioApproach, 'tokens' | 'price'> & Partial<Pick<ScenarioApproach, 'cachedShare' | 'batchShare'>>;

/** Tokens that a service bills for a request. `input` includes `cachedInput`. */
interface BilledTokens {
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
}

/**
 * The tokens of a request of so many turns. Every turn sends the system prompt and all earlier turns again, but not their
 * reasoning. What is sent again can be read from the service's prompt cache. Of the first turn only the system prompt can,
 * in the share of conversations that find it there: 0 unless given, as nothing promises that an earlier conversation is
 * still in the cache.
 */
function billedTokens({ tokens, cachedShare = 0 }: Pick<PricedTokens, 'tokens' | 'cachedShare'>, turns: number): BilledTokens {
  // turn k of T sends again the system prompt and k − 1 turns: over all turns (T − 1) prompts and T(T − 1)/2 turns
  const resent = (turns - 1) * tokens.system + ((turns * (turns - 1)) / 2) * (tokens.user + tokens.output);
  return {
    input: tokens.system + turns * tokens.user + resent,
    cachedInput: resent + cachedShare * tokens.system,
    output: turns * (tokens.output + tokens.reasoning),
  };
}

/**
 * Nano-dollars of a request of so many turns; not rounded. Cached tokens are billed at the cached price where there is
 * one. In a batch they are billed at the batch's price for cached input where there is one, else as other batch input:
 * services do not promise both discounts at once. `perRequest` is paid for every turn and knows no discount.
 */
export function requestCost({ tokens, price, cachedShare, batchShare = 0 }: PricedTokens, turns: number): number {
  const billed = billedTokens({ tokens, cachedShare }, turns);
  const input = price.inputPerMillion ?? 0;
  const output = price.outputPerMillion ?? 0;
  const batchInput = price.batchInputPerMillion ?? input * (1 - (price.batchDiscount ?? 0));
  const direct = tokensCost(billed, input, price.cachedInputPerMillion ?? input, output);
  const batch = tokensCost(
    billed,
    batchInput,
    price.batchCachedInputPerMillion ?? batchInput,
    price.batchOutputPerMillion ?? output * (1 - (price.batchDiscount ?? 0)),
  );
  const perMillion = batchShare === 0 ? direct : direct * (1 - batchShare) + batch * batchShare;
  return perMillion * (nanoDollarsPerDollar / 1e6) + turns * (price.perRequest ?? 0) * nanoDollarsPerDollar;
}

function tokensCost(billed: BilledTokens, input: number, cachedInput: number, output: number): number {
  return (billed.input - billed.cachedInput) * input + billed.cachedInput * cachedInput + billed.output * output;
}
