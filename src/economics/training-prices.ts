import { z } from 'zod';
import { findPrice, publishedPrices, undated } from './price-book.ts';
import bySize from './training-prices.json' with { type: 'json' };

const entrySchema = z.strictObject({
  service: z.string().min(1),
  method: z.enum(['supervised', 'preference']),
  /** Largest model, in billions of weights, that it holds for; any larger one where absent. */
  upToBillions: z.number().positive().optional(),
  perMillion: z.number().min(0).max(1e6),
  /** True where the source was not the vendor's own page. */
  secondHand: z.boolean(),
  asOf: z.iso.date(),
  source: z.string().min(1),
});

const listSchema = z.strictObject({ schema: z.literal('rung.training-prices/1'), asOf: z.iso.date(), entries: z.array(entrySchema) });

/** US dollars per million tokens gone through, and where that was read. */
export interface TrainingPrice {
  readonly perMillion: number;
  readonly asOf: string;
  readonly source: string;
  readonly secondHand: boolean;
}

/**
 * What a service asks for training a model: from the price book under `service/model`, else from the service's price by size, where
 * the model's name tells its size. Undefined where neither is known; `supervised`, `preference` or `pretraining` as trainers name them.
 */
export function findTrainingPrice(service: string, model: string, method: string): TrainingPrice | undefined {
  const listed = findPrice(publishedPrices(), `${service}/${undated(model)}`);
  if (listed?.trainingPerMillion !== undefined) {
    return { perMillion: listed.trainingPerMillion, asOf: listed.asOf, source: listed.source, secondHand: listed.secondHand };
  }
  const billions = billionsOf(model);
  if (billions === undefined) return undefined;
  // entries of a service stand in order of size
  return listSchema
    .parse(bySize)
    .entries.find(
      (entry) => entry.service === service && entry.method === method && billions <= (entry.upToBillions ?? Number.POSITIVE_INFINITY),
    );
}

/**
 * Billions of weights as a name tells them: 8 of Llama-3.1-8B, 56 of Mixtral-8x7B (a product, which counts shared weights
 * twice: an upper bound), 30 of Qwen3-30B-A3B. Undefined where it tells none.
 */
export function billionsOf(model: string): number | undefined {
  const found = /(?:^|[^a-z0-9.])(?:(\d+)x)?(\d+(?:[.p]\d+)?)b(?![a-z])/i.exec(model);
  if (found === null) return undefined;
  return Number(found[1] ?? 1) * Number((found[2] as string).replace('p', '.'));
}
