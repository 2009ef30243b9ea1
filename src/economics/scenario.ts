import { z } from 'zod';
import { inputError } from '#core/errors.ts';

const amount = z.number().min(0).max(1e15);
const count = z.number().min(0).max(1e15);

const tokensSchema = z.strictObject({ system: count.default(0), user: count.default(0), output: count.default(0) });

const priceSchema = z.strictObject({
  inputPerMillion: amount.default(0),
  outputPerMillion: amount.default(0),
  cachedInputPerMillion: amount.optional(),
  perRequest: amount.default(0),
});

const oneTimeSchema = z.strictObject({
  training: amount.default(0),
  labels: amount.default(0),
  engineeringHours: count.default(0),
  hourlyRate: amount.default(0),
});

const perMonthSchema = z.strictObject({ hosting: amount.default(0), retrains: count.default(0), retrainCost: amount.default(0) });

const turns = z.number().int().min(1).max(10_000);

const approachSchema = z.strictObject({
  name: z.string().min(1),
  /** Where it differs from the scenario's. */
  turns: turns.optional(),
  tokens: tokensSchema,
  price: priceSchema,
  oneTime: oneTimeSchema.prefault({}),
  perMonth: perMonthSchema.prefault({}),
});

const scenarioSchema = z.strictObject({
  requestsPerMonth: count,
  horizonMonths: z.number().positive().max(1200).default(12),
  turns: turns.default(1),
  approaches: z.array(approachSchema).min(1),
});

/** What `rung cost` is asked: dollars, and tokens per turn. */
export type Scenario = z.infer<typeof scenarioSchema>;
export type ScenarioApproach = Scenario['approaches'][number];

/** Checks a scenario read from JSON; throws a usage error that names the first field that does not fit. */
export function parseScenario(value: unknown, file?: string): Scenario {
  const parsed = scenarioSchema.safeParse(value);
  const place = file === undefined ? undefined : { file };
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const field = issue.path.length === 0 ? 'The scenario' : issue.path.reduce<string>(joinPath, '');
    throw inputError({
      code: 'scenario-invalid',
      message: `The scenario does not fit: ${field}: ${issue.message}.`,
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

function joinPath(path: string, part: PropertyKey): string {
  if (typeof part === 'number') return `${path}[${part}]`;
  return path === '' ? String(part) : `${path}.${String(part)}`;
}
