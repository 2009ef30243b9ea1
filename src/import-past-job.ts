import { z } from 'zod';
import { inputError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';

const setting = z.union([z.literal('auto'), z.number()]).nullish();
const hyperparameters = z.looseObject({ n_epochs: setting, batch_size: setting, learning_rate_multiplier: setting, beta: setting });

const jobSchema = z.looseObject({
  id: z.string(),
  object: z.literal('fine_tuning.job').optional(),
  model: z.string(),
  status: z.string(),
  created_at: z.number().optional(),
  finished_at: z.number().nullish(),
  fine_tuned_model: z.string().nullish(),
  training_file: z.string(),
  validation_file: z.string().nullish(),
  result_files: z.array(z.string()).default([]),
  trained_tokens: z.number().nullish(),
  seed: z.number().optional(),
  hyperparameters: hyperparameters.nullish(),
  method: z
    .looseObject({
      type: z.string(),
      supervised: z.looseObject({ hyperparameters: hyperparameters.nullish() }).nullish(),
      dpo: z.looseObject({ hyperparameters: hyperparameters.nullish() }).nullish(),
    })
    .nullish(),
});

/** A fine-tuning job as OpenAI's API gives it. */
export type PastJobObject = z.infer<typeof jobSchema>;

/** A job of the past with all that was left of it. */
export interface PastJob {
  /** Where it was read: an address or a folder. */
  readonly source: string;
  readonly job: PastJobObject;
  readonly training: string;
  readonly validation?: string;
  /** The result files as they were, a CSV each. */
  readonly results: readonly string[];
  /** The oldest first. */
  readonly events: readonly JsonObject[];
  readonly checkpoints: readonly JsonObject[];
  /** Whether its tuned model still answers; undefined where nobody was asked. */
  readonly answers?: boolean;
  /** What could not be had, a sentence each. */
  readonly missing: readonly string[];
}

/** Reads a job object. Throws a usage error where it is none. */
export function readPastJob(value: unknown, source: string): PastJobObject {
  const read = jobSchema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw inputError({
    code: 'import-job',
    message: `That is no fine-tuning job of OpenAI's API: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`,
    hint: 'It is the JSON that GET /v1/fine_tuning/jobs/JOB gives.',
    place: { file: source },
  });
}

/** What the job was trained with, under its own words; what is "auto" or unknown is absent. */
export function settingsOf({ method, hyperparameters: old }: PastJobObject): {
  readonly method: string;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly learningRateMultiplier?: number;
  readonly beta?: number;
} {
  const own = method?.dpo?.hyperparameters ?? method?.supervised?.hyperparameters ?? old ?? {};
  const number = (name: 'n_epochs' | 'batch_size' | 'learning_rate_multiplier' | 'beta') => {
    const value = own[name] ?? old?.[name];
    return typeof value === 'number' ? value : undefined;
  };
  const settings = {
    epochs: number('n_epochs'),
    batchSize: number('batch_size'),
    learningRateMultiplier: number('learning_rate_multiplier'),
    beta: number('beta'),
  };
  const known = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  return { method: method?.type ?? 'supervised', ...known };
}
