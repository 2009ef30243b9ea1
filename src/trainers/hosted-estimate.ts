import { fromDollars, type NanoDollars } from '#core/money.ts';
import type { TrainingEstimate, TrainingJob } from '#core/trainer.ts';
import { findTrainingPrice, type TrainingPrice } from '#economics/training-prices.ts';
import type { HostedService, HostedSettings } from './hosted-service.ts';
import { type TokenCount, tokensOf } from './hosted-tokens.ts';

const tokensPerMillion = 1_000_000;

/** The price of training tokens; undefined where none is known, or the address is not the service's own. */
export function priceOf(service: HostedService, job: TrainingJob, model: string, settings: HostedSettings): TrainingPrice | undefined {
  return settings.isVendor ? findTrainingPrice(service.id, model, job.method) : undefined;
}

export function costOfTokens(tokens: number, price: TrainingPrice): NanoDollars {
  return fromDollars((tokens / tokensPerMillion) * price.perMillion);
}

/** Tokens × epochs × the published price. */
export function estimateJob(
  service: HostedService,
  job: TrainingJob,
  model: string,
  settings: HostedSettings,
  counter: TokenCount,
): TrainingEstimate {
  const asked = job.hyperparameters.epochs;
  const epochs = asked ?? service.usualEpochs;
  const tokens = tokensOf(job, counter) * epochs;
  const price = priceOf(service, job, model, settings);
  const counted = `Tokens of ${job.train.length} rows, ${counter.method}, times ${epochs} epochs${asked === undefined ? ' (the service may choose another number)' : ''}`;
  if (price !== undefined) {
    const told = price.secondHand ? ', not read at the vendor' : '';
    return {
      tokens,
      cost: costOfTokens(tokens, price),
      method: `${counted}, at ${price.perMillion} dollars per million as of ${price.asOf}${told} (${price.source}).`,
    };
  }
  const why = settings.isVendor ? `no published price of training ${model} is known here` : 'the address is not that of the service itself';
  return { tokens, cost: null, method: `${counted}; no cost is given, since ${why}.` };
}
