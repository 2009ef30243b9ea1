import { z } from 'zod';
import type { Approach } from '#core/approach.ts';
import type { Json, JsonObject } from '#core/json.ts';
import { isJsonObject } from '#core/json.ts';
import type { Metric } from '#core/metric.ts';

const label = z
  .string({ error: 'expected a text; put quotes around words that read as a number or as true' })
  .trim()
  .min(1, 'expected a text that is not empty');
const words = z.string({ error: 'expected a text' }).trim().min(1, 'expected a text that is not empty');
const positive = z.number().positive('expected a number above 0');
const dollars = z.number().nonnegative('expected a number of dollars, 0 or more');
const fraction = z.number().min(0, 'expected a number from 0 to 1').max(1, 'expected a number from 0 to 1');
const json = z.json() as z.ZodType<Json>;
const jsonObject = z.record(z.string(), json) as unknown as z.ZodType<JsonObject>;

const priceSchema = z.strictObject({
  inputPerMillion: dollars.optional(),
  outputPerMillion: dollars.optional(),
  cachedInputPerMillion: dollars.optional(),
  perRequest: dollars.optional(),
});

/** persona.yaml; a single line may stand for a list of one. */
const lines = z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(words)).default([]);

const oneOrMore = <T extends z.ZodType>(item: T) =>
  z.preprocess((value) => (value === undefined || Array.isArray(value) ? value : [value]), z.array(item));

const trait = z.union([words, z.strictObject({ name: words, means: words })], { error: 'expected a text, or { name, means }' });

const boundary = z.preprocess(
  (value) => (typeof value === 'string' ? { topic: value } : value),
  z.strictObject({ topic: words, answer: words.optional() }, { error: 'expected a text, or { topic, answer }' }),
);

export const personaSchema = z.strictObject({
  name: words,
  role: z.string().default(''),
  traits: oneOrMore(trait).default([]),
  responsePattern: lines,
  vocabulary: z.strictObject({ use: lines, avoid: lines }).prefault({}),
  rules: lines,
  examples: z.array(z.strictObject({ user: words, assistant: words, neutral: words.optional() })).default([]),
  boundaries: oneOrMore(boundary).optional(),
});

/** A value of the user's own program, recognised by the method that makes it what it is. */
function isValueWith(value: unknown, ...methods: string[]): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    methods.some((method) => typeof (value as Record<string, unknown>)[method] === 'function')
  );
}

const approach = z.custom<Approach>((value) => isValueWith(value, 'prepare'));
const metric = z.custom<Metric>((value) => isValueWith(value, 'score', 'judge', 'summarise'));
// An AI SDK model answers by `doGenerate`, a model of this program by `generate`; which of them it is, its opener sees.
const modelValue = z.custom<object>((value) => isValueWith(value, 'generate', 'doGenerate'));

const ladderEntry = z.preprocess(
  (value) => (typeof value === 'string' || isValueWith(value, 'prepare') ? { rung: value } : value),
  z
    .object(
      { rung: z.union([words, approach], { error: 'expected the name of a rung' }), model: words.optional(), name: words.optional() },
      { error: 'expected the name of a rung, or { rung: … } with its options' },
    )
    .catchall(json),
);

const traffic = z.strictObject({
  requestsPerMonth: z.number().nonnegative('expected 0 or more').default(10_000),
  turns: z.number().int('expected a whole number').min(1, 'expected 1 or more').default(1),
  requirementChangesPerMonth: z.number().nonnegative('expected 0 or more').default(0.5),
  horizonMonths: positive.default(12),
  publicFacing: z.boolean().default(false),
});

/** A probe that is named and given nothing runs with its defaults. */
const probeOptions = z.preprocess((value) => value ?? {}, jsonObject);

const hours = z.number().nonnegative('expected 0 hours or more');

const costs = z.strictObject({
  wrongAnswer: dollars.default(0),
  label: dollars.default(0),
  engineeringHour: dollars.default(0),
  rungs: z
    .record(
      z.string(),
      z.strictObject({
        engineeringHours: hours.default(0),
        hostingPerMonth: dollars.default(0),
        maintenanceHoursPerMonth: hours.default(0),
        engineeringHoursPerChange: hours.default(0),
      }),
    )
    .default({}),
});

/** What rules of thumb ask and nothing measures. */
const situation = z.strictObject({
  consistency: z.enum(['nice', 'important', 'critical'], { error: 'expected nice, important or critical' }).optional(),
  personas: z.number().int('expected a whole number').min(0, 'expected 0 or more').optional(),
  domainTerminology: z.boolean().optional(),
  strictFormat: z.boolean().optional(),
  latencyCritical: z.boolean().optional(),
  frontierModel: z.boolean().optional(),
  knowledge: z.enum(['static', 'changing', 'none'], { error: 'expected static, changing or none' }).optional(),
  expertise: z.enum(['prompting', 'ml'], { error: 'expected prompting or ml' }).optional(),
  prototype: z.boolean().optional(),
});

/** What a task file may say, and what stands where it says nothing. */
export const taskSchema = z.strictObject(
  {
    name: words.optional(),
    instructions: words,
    prompt: z
      .strictObject({
        role: words.optional(),
        context: words.optional(),
        constraints: z.array(words).optional(),
      })
      .default({}),
    output: z.strictObject(
      {
        labels: z.array(label, { error: 'expected a list of texts' }).min(2, 'expected at least two labels').optional(),
        schema: z.union([words, jsonObject], { error: 'expected a file name or a JSON schema' }).optional(),
        text: z.literal(true, { error: 'expected true' }).optional(),
      },
      {
        error: (issue) =>
          issue.code === 'invalid_type' ? 'expected { labels: [...] }, { schema: file.json } or { text: true }' : undefined,
      },
    ),
    examples: words.default('examples.jsonl'),
    general: words.optional(),
    knowledge: words.optional(),
    persona: z.union([words, z.record(z.string(), z.unknown())], { error: 'expected a file name or the persona itself' }).optional(),
    models: z.record(z.string(), z.union([words, modelValue], { error: 'expected a model name, as openai/gpt-5-mini' })).default({}),
    providers: z
      .record(
        z.string(),
        z
          .object({ kind: words.optional(), price: priceSchema.optional() }, { error: 'expected the settings of the provider' })
          .catchall(json),
      )
      .default({}),
    metrics: z
      .array(z.union([words, metric], { error: 'expected the name of a metric' }))
      .min(1, 'expected at least one metric')
      .optional(),
    goals: z.record(z.string(), z.string({ error: 'expected a text such as ">= 0.9"' })).default({}),
    confidence: z
      .number()
      .gt(0.5, 'expected a number above 0.5 and below 1')
      .lt(1, 'expected a number above 0.5 and below 1')
      .default(0.95),
    traffic: traffic.prefault({}),
    prices: z.record(z.string(), priceSchema).default({}),
    ladder: z
      .array(ladderEntry)
      .min(1, 'expected at least one rung')
      .prefault(['zero-shot', 'structured', 'few-shot', 'distilled', 'fine-tuned']),
    minimumGain: fraction.default(0.03),
    floor: fraction.default(0.5),
    split: z
      .strictObject({ train: fraction, validation: fraction, test: fraction })
      .refine((parts) => Math.abs(parts.train + parts.validation + parts.test - 1) < 1e-6, 'expected three parts that add up to 1')
      .default({ train: 0.5, validation: 0.15, test: 0.35 }),
    costs: costs.prefault({}),
    repeats: z.number().int('expected a whole number').min(1, 'expected 1 to 20').max(20, 'expected 1 to 20').default(1),
    situation: situation.default({}),
    probes: z.record(z.string(), probeOptions, { error: 'expected names of probes, each with its options or {}' }).default({}),
    trainers: z.record(z.string(), jsonObject, { error: 'expected names of trainers, each with its settings' }).default({}),
    guards: z
      .record(z.string(), z.union([z.literal(false), probeOptions], { error: 'expected the options of the guard, or false' }), {
        error: 'expected names of guards, each with its options or false',
      })
      .default({}),
    calibration: z.record(z.string(), words).default({}),
    seed: z.number().int('expected a whole number').min(0, 'expected 0 or more').default(1),
    maximumRowBytes: z.number().int('expected a whole number').min(1, 'expected 1 or more').default(1_000_000),
  },
  { error: (issue) => (issue.code === 'invalid_type' ? 'expected keys such as instructions: and output:' : undefined) },
);

export type TaskShape = z.output<typeof taskSchema>;

/** Options of a ladder entry or settings of a provider: what is left when the named keys are taken away. */
export function without(value: Readonly<Record<string, unknown>>, ...keys: string[]): JsonObject {
  const left = Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
  return isJsonObject(left) ? (left as JsonObject) : {};
}
