import { z } from 'zod';
import { inputError } from '#core/errors.ts';
import { issueClause } from './schema-issue.ts';

const amount = z.number().min(0).max(1e15);
const count = z.number().min(0).max(1e15);
const share = z.number().min(0).max(1);

/** A turn's tokens. `reasoning` is billed as output and not sent again in later turns. */
const tokensSchema = z.strictObject({
  system: count.default(0),
  user: count.default(0),
  output: count.default(0),
  reasoning: count.default(0),
});

const priceSchema = z.strictObject({
  inputPerMillion: amount.optional(),
  outputPerMillion: amount.optional(),
  cachedInputPerMillion: amount.optional(),
  perRequest: amount.optional(),
  /** Share of the token prices that a batch saves; or the batch's own prices below. */
  batchDiscount: share.optional(),
  batchInputPerMillion: amount.optional(),
  batchCachedInputPerMillion: amount.optional(),
  batchOutputPerMillion: amount.optional(),
});

const oneTimeSchema = z.strictObject({
  training: amount.default(0),
  trainingTokens: count.default(0),
  epochs: count.default(1),
  trainingPerMillion: amount.optional(),
  labels: amount.default(0),
  labelledRows: count.default(0),
  pricePerLabel: amount.optional(),
  engineeringHours: count.default(0),
  hourlyRate: amount.optional(),
});

const perMonthSchema = z.strictObject({
  hosting: amount.default(0),
  /** For 730 hours a month, asked or idle. */
  hostingPerHour: amount.default(0),
  maintenance: amount.default(0),
  /** At the one-time hourly rate. */
  maintenanceHours: count.default(0),
  retrains: count.default(0),
  /** The training again where absent. */
  retrainCost: amount.optional(),
});

const turns = z.number().int().min(1).max(10_000);

const approachSchema = z
  .strictObject({
    name: z.string().min(1),
    /** Where it differs from the scenario's. */
    turns: turns.optional(),
    tokens: tokensSchema,
    price: priceSchema,
    /** Share of first turns that find the system prompt in the service's cache. */
    cachedShare: share.default(0),
    /** Share of requests that go in a batch. */
    batchShare: share.default(0),
    /** Share of requests that are answered right. */
    accuracy: share.optional(),
    oneTime: oneTimeSchema.prefault({}),
    perMonth: perMonthSchema.prefault({}),
  })
  .superRefine((approach, context) => {
    const { tokens, price, oneTime, perMonth } = approach;
    const missing = (path: readonly string[], why: string) =>
      context.addIssue({ code: 'custom', path: [...path], message: `is missing, and ${why}` });
    const flat = price.perRequest !== undefined;
    if (price.inputPerMillion === undefined && !flat && tokens.system + tokens.user > 0)
      missing(['price', 'inputPerMillion'], 'the approach sends tokens');
    if (price.outputPerMillion === undefined && !flat && tokens.output + tokens.reasoning > 0)
      missing(['price', 'outputPerMillion'], 'the approach answers with tokens');
    if (approach.cachedShare > 0 && price.cachedInputPerMillion === undefined)
      missing(['price', 'cachedInputPerMillion'], 'cachedShare is more than 0');
    const batchPrices = [price.batchInputPerMillion, price.batchCachedInputPerMillion, price.batchOutputPerMillion];
    const ownBatchPrices = batchPrices.some((each) => each !== undefined);
    if (approach.batchShare > 0 && price.batchDiscount === undefined && !ownBatchPrices)
      missing(['price', 'batchDiscount'], 'batchShare is more than 0');
    if (price.batchDiscount !== undefined && ownBatchPrices)
      context.addIssue({
        code: 'custom',
        path: ['price', 'batchDiscount'],
        message: "stands beside the batch's own prices: give one of them",
      });
    if (oneTime.trainingPerMillion === undefined && oneTime.trainingTokens > 0)
      missing(['oneTime', 'trainingPerMillion'], 'there are trainingTokens');
    if (oneTime.pricePerLabel === undefined && oneTime.labelledRows > 0) missing(['oneTime', 'pricePerLabel'], 'there are labelledRows');
    if (oneTime.hourlyRate === undefined && oneTime.engineeringHours + perMonth.maintenanceHours > 0)
      missing(['oneTime', 'hourlyRate'], 'there are hours to pay');
  });

const scenarioSchema = z
  .strictObject({
    requestsPerMonth: count,
    horizonMonths: z.number().positive().max(1200).default(12),
    turns: turns.default(1),
    /** Price of a request that is answered wrong. */
    wrongAnswer: amount.default(0),
    approaches: z.array(approachSchema).min(1),
  })
  .superRefine(({ wrongAnswer, approaches }, context) => {
    const without = approaches.findIndex((approach) => approach.accuracy === undefined);
    if (wrongAnswer > 0 && without >= 0)
      context.addIssue({
        code: 'custom',
        path: ['approaches', without, 'accuracy'],
        message: 'is missing, and a wrong answer has a price',
      });
  });

/** What `rung cost` is asked: dollars, and tokens per turn. */
export type Scenario = z.infer<typeof scenarioSchema>;
export type ScenarioApproach = Scenario['approaches'][number];

/** Checks a scenario read from JSON; throws a usage error that names the first field that does not fit. */
export function parseScenario(value: unknown, file?: string): Scenario {
  const parsed = scenarioSchema.safeParse(value);
  const place = file === undefined ? undefined : { file };
  if (!parsed.success) {
    throw inputError({
      code: 'scenario-invalid',
      message: `The scenario does not fit: ${issueClause(parsed.error, value, 'The scenario')}.`,
      hint: 'It needs requestsPerMonth and approaches, each with a name, tokens and a price; amounts are dollars and never negative.',
      place,
    });
  }
  const names = parsed.data.approaches.map((approach) => approach.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw inputError({
      code: 'scenario-name-twice',
      message: `Two approaches of the scenario are named ${JSON.stringify(twice)}.`,
      hint: 'Give each approach its own name.',
      place,
    });
  }
  return parsed.data;
}
