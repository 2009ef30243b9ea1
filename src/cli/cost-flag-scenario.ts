import { inputError } from '#core/errors.ts';
import { fromDollars } from '#core/money.ts';
import { type CatchUp, catchUp } from '#economics/catch-up.ts';
import type { CostComparison } from '#economics/compare-costs.ts';
import { costScenario } from '#economics/cost-scenario.ts';
import { findPrice, type PriceBook, type PriceEntry } from '#economics/price-book.ts';
import { parseScenario } from '#economics/scenario.ts';
import type { CostFlags } from './cost-flags.ts';

/** A prompt against a tuned model, as flags describe them. */
export interface FlagCost extends CostComparison {
  readonly catchUp: CatchUp;
  /** Where prices came from, and what was taken for granted; sentences. */
  readonly notes: readonly string[];
}

const names = { prompted: 'system prompt', tuned: 'fine-tuned' } as const;

/** The scenario that flags describe, with prices of the book where a model is named. Throws where a figure is missing. */
export function costOfFlags(flags: CostFlags, book: PriceBook): FlagCost {
  if (flags.requests === undefined) throw missing('--requests', 'how many requests there are a month');
  const entry = flags.model === undefined ? undefined : entryOf(flags.model, book);
  const price = priceOf(flags, entry);
  const hostingPerHour = flags.hostingPerHour ?? (flags.hosting === undefined ? entry?.hostingPerHour : undefined);
  const factor = tunedFactor(flags, entry);
  const turnTokens = { user: flags.userTokens ?? 0, output: flags.outputTokens ?? 0, reasoning: flags.reasoningTokens ?? 0 };
  const shares = { cachedShare: flags.cachedShare, batchShare: flags.batchShare };
  const scenario = parseScenario(
    withoutUndefined({
      requestsPerMonth: flags.requests,
      horizonMonths: flags.horizon,
      turns: flags.turns,
      wrongAnswer: flags.wrongAnswer,
      approaches: [
        { name: names.prompted, tokens: { ...turnTokens, system: flags.promptTokens ?? 0 }, price, ...shares, accuracy: flags.accuracy },
        {
          name: names.tuned,
          tokens: { ...turnTokens, system: flags.tunedPromptTokens ?? 0 },
          price: timesFactor(price, factor),
          ...shares,
          accuracy: flags.tunedAccuracy,
          oneTime: {
            training: flags.training,
            trainingTokens: flags.trainingTokens,
            epochs: flags.epochs,
            trainingPerMillion: flags.trainingPrice ?? entry?.trainingPerMillion,
            labelledRows: flags.labels,
            pricePerLabel: flags.labelPrice,
            engineeringHours: flags.engineeringHours,
            hourlyRate: flags.hourlyRate,
          },
          perMonth: {
            hosting: flags.hosting,
            hostingPerHour,
            maintenance: flags.maintenance,
            retrains: flags.retrains,
            retrainCost: flags.retrainCost,
          },
        },
      ],
    }),
  );
  const [prompted, tuned] = scenario.approaches as [(typeof scenario.approaches)[0], (typeof scenario.approaches)[0]];
  const comparison = costScenario(scenario);
  const extraStart = fromDollars(comparison.parts[1]!.oneTime - comparison.parts[0]!.oneTime);
  return { ...comparison, catchUp: catchUp(prompted, tuned, { ...scenario, extraStart }), notes: notesOf(flags, entry) };
}

function priceOf(flags: CostFlags, entry: PriceEntry | undefined) {
  const sends = (flags.promptTokens ?? 0) + (flags.tunedPromptTokens ?? 0) + (flags.userTokens ?? 0) > 0;
  const answers = (flags.outputTokens ?? 0) + (flags.reasoningTokens ?? 0) > 0;
  const inputPerMillion = flags.inputPrice ?? entry?.inputPerMillion;
  const outputPerMillion = flags.outputPrice ?? entry?.outputPerMillion;
  if (!sends && !answers) throw missing('--prompt-tokens, --user-tokens or --output-tokens', 'how many tokens a request has');
  const unpriced = entry === undefined ? '' : `; the price book has none for ${entry.model}`;
  if (inputPerMillion === undefined && sends) throw missing('--input-price', `what a million input tokens cost${unpriced}`);
  if (outputPerMillion === undefined && answers) throw missing('--output-price', `what a million output tokens cost${unpriced}`);
  return {
    inputPerMillion,
    outputPerMillion,
    cachedInputPerMillion: flags.cachedPrice ?? entry?.cachedInputPerMillion,
    ...(flags.batchDiscount === undefined
      ? { batchInputPerMillion: entry?.batchInputPerMillion, batchOutputPerMillion: entry?.batchOutputPerMillion }
      : { batchDiscount: flags.batchDiscount }),
  };
}

/** The token prices of the tuned model as a multiple: 0 where the book has it hosted by the hour and nothing else. */
function tunedFactor({ tunedPriceFactor, hosting, hostingPerHour }: CostFlags, entry: PriceEntry | undefined): number {
  const byTheHour = entry?.hostingPerHour !== undefined && hosting === undefined && hostingPerHour === undefined;
  return tunedPriceFactor ?? entry?.tunedPriceFactor ?? (byTheHour ? 0 : 1);
}

function timesFactor(price: ReturnType<typeof priceOf>, factor: number): Record<string, number | undefined> {
  return Object.fromEntries(
    Object.entries(price).map(([name, value]) => [name, value === undefined || name === 'batchDiscount' ? value : value * factor]),
  );
}

function notesOf(flags: CostFlags, entry: PriceEntry | undefined): string[] {
  const notes: string[] = [];
  if (flags.tunedPriceFactor === undefined && entry?.tunedPriceFactor === undefined) {
    notes.push(
      tunedFactor(flags, entry) === 0
        ? `The fine-tuned model is hosted at $${entry?.hostingPerHour} an hour, asked or idle, and bills no tokens.`
        : 'The fine-tuned model is taken to cost the same a token: --tuned-price-factor says otherwise.',
    );
  }
  if (flags.turns !== undefined && flags.turns > 1) notes.push(`A request is a conversation of ${flags.turns} turns.`);
  if (entry === undefined) return notes;
  const hand = entry.secondHand ? 'second-hand, ' : '';
  notes.push(`Prices of ${entry.model} as of ${entry.asOf} (${hand}${entry.source}): check them before you rely on them.`);
  if (entry.tuningEndsOn !== undefined) notes.push(`${entry.model} cannot be tuned after ${entry.tuningEndsOn}.`);
  if (entry.retiresOn !== undefined)
    notes.push(`${entry.model}, and what was tuned on it, is switched off on ${entry.retiresOn}: nothing is saved after that day.`);
  return notes;
}

function entryOf(model: string, book: PriceBook): PriceEntry {
  const entry = findPrice(book, model);
  if (entry !== undefined) return entry;
  throw inputError({
    code: 'price-unknown',
    message: `The price book of ${book.asOf} has no model named ${JSON.stringify(model)}.`,
    hint: `It knows ${book.entries.map((each) => each.model).join(', ')}. Give --input-price and --output-price, or your own book with --prices.`,
  });
}

function missing(flag: string, what: string) {
  return inputError({ code: 'flag-missing', message: `${flag} is missing: say ${what}.`, hint: 'See rung cost --help.' });
}

/** A copy without absent fields at any depth, as JSON would have it, so that defaults apply. */
function withoutUndefined(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}
