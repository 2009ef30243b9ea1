import { z } from 'zod';
import { inputError } from '#core/errors.ts';
import published from './published-prices.json' with { type: 'json' };
import { issueClause } from './schema-issue.ts';

const amount = z.number().min(0).max(1e9);
const date = z.iso.date();

/** US dollars. A price that no source gives is absent, never 0. */
const entrySchema = z.strictObject({
  /** `provider/model`, as a task names it. */
  model: z.string().min(1),
  provider: z.string().min(1),
  inputPerMillion: amount.optional(),
  outputPerMillion: amount.optional(),
  cachedInputPerMillion: amount.optional(),
  batchInputPerMillion: amount.optional(),
  batchOutputPerMillion: amount.optional(),
  trainingPerMillion: amount.optional(),
  /** Token prices of a tuned version as a multiple of these. */
  tunedPriceFactor: amount.optional(),
  /** Of a tuned version, while it runs; without a `tunedPriceFactor` it bills no tokens besides. */
  hostingPerHour: amount.optional(),
  /** The last day on which it can be tuned. */
  tuningEndsOn: date.optional(),
  /** The day on which the service switches it, and what was tuned on it, off. */
  retiresOn: date.optional(),
  /** True where the source was not the vendor's own page. */
  secondHand: z.boolean().default(false),
  source: z.string().min(1),
  asOf: date,
});

const bookSchema = z.strictObject({ schema: z.literal('rung.prices/1'), asOf: date, entries: z.array(entrySchema) });

export type PriceEntry = z.infer<typeof entrySchema>;

/** What model services ask, as of a day, each price with its source. */
export type PriceBook = z.infer<typeof bookSchema>;

/** The price book that comes with this version. */
export function publishedPrices(): PriceBook {
  return parsePriceBook(published);
}

/** Checks a price book read from JSON; throws a usage error that names the first field that does not fit. */
export function parsePriceBook(value: unknown, file?: string): PriceBook {
  const parsed = bookSchema.safeParse(value);
  const place = file === undefined ? undefined : { file };
  if (!parsed.success) {
    throw inputError({
      code: 'prices-invalid',
      message: `The price book does not fit: ${issueClause(parsed.error, value, 'The price book')}.`,
      hint: 'It needs {"schema": "rung.prices/1", "asOf": "2026-11-21", "entries": […]}, each entry with model, provider, source and asOf; prices are dollars and never negative.',
      place,
    });
  }
  const models = parsed.data.entries.map((entry) => entry.model);
  const twice = models.find((model, index) => models.indexOf(model) !== index);
  if (twice !== undefined) {
    throw inputError({
      code: 'prices-model-twice',
      message: `The price book has two entries for ${JSON.stringify(twice)}.`,
      hint: 'Keep the one that holds.',
      place,
    });
  }
  return parsed.data;
}

/**
 * The entry of a model by its full name, or by its name without the provider where only one provider has it. A tuned model that
 * names its base (`openai/ft:BASE:…`) has the base's entry, its token prices multiplied, where the factor is known.
 */
export function findPrice(book: PriceBook, model: string): PriceEntry | undefined {
  return listedPrice(book, model) ?? tunedPrice(book, model);
}

function listedPrice(book: PriceBook, model: string): PriceEntry | undefined {
  const exact = book.entries.find((entry) => entry.model === model);
  if (exact !== undefined) return exact;
  const named = book.entries.filter((entry) => entry.model === `${entry.provider}/${model}`);
  return named.length === 1 ? named[0] : undefined;
}

const tokenPrices = [
  'inputPerMillion',
  'outputPerMillion',
  'cachedInputPerMillion',
  'batchInputPerMillion',
  'batchOutputPerMillion',
] as const;

function tunedPrice(book: PriceBook, model: string): PriceEntry | undefined {
  const [, provider = '', base = ''] = /^([^/]*\/)?ft:([^:]+)/.exec(model) ?? [];
  const entry = base === '' ? undefined : (listedPrice(book, provider + base) ?? listedPrice(book, provider + undated(base)));
  if (entry === undefined) return undefined;
  const prices = tokenPrices.map((name) => {
    const price = entry[name];
    return [name, price === undefined || entry.tunedPriceFactor === undefined ? undefined : price * entry.tunedPriceFactor];
  });
  return { ...entry, model, ...Object.fromEntries(prices) };
}

/** gpt-4o-mini of gpt-4o-mini-2024-07-18. */
export function undated(model: string): string {
  return model.replace(/-\d{4}-\d{2}-\d{2}$/, '');
}
