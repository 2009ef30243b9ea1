import { z } from 'zod';

const modelReference = z.object({ model: z.string(), adapter: z.string().optional() });
const auto = z.union([z.literal('auto'), z.number()]);

const servedJob = z.object({
  /** `ftjob-…` */
  id: z.string(),
  createdAt: z.number(),
  endedAt: z.number().optional(),
  state: z.enum(['validating', 'queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled']),
  /** As it was asked for: a base model, or a tuned one that is tuned further. */
  model: z.string(),
  /** The base model, as it is served. */
  base: z.string(),
  /** What a tuned one goes on from. */
  from: modelReference.optional(),
  trainer: z.string(),
  method: z.enum(['supervised', 'dpo']),
  trainingFile: z.string(),
  validationFile: z.string().nullable(),
  suffix: z.string().nullable(),
  seed: z.number(),
  /** "auto" until the trainer has said what it took. */
  hyperparameters: z.object({ n_epochs: auto, batch_size: auto, learning_rate_multiplier: auto, beta: auto.optional() }),
  metadata: z.record(z.string(), z.string()).nullable(),
  error: z.object({ code: z.string(), message: z.string(), param: z.string().nullable() }).optional(),
  /** The training job that runs it, once its files were found good. */
  run: z.string().optional(),
  /** True while a running job that was cancelled has not come to its end. */
  ending: z.boolean().optional(),
  trainedTokens: z.number().optional(),
  resultFile: z.string().optional(),
  /** The trainer's own answers, for whoever holds the served model against them. */
  samplesFile: z.string().optional(),
  /** What answers under the tuned model's name. */
  tuned: modelReference.optional(),
  /** True once its model was deleted. */
  modelDeleted: z.boolean().optional(),
  checkpoints: z.array(
    z.object({ id: z.string(), at: z.number(), step: z.number(), model: modelReference, metrics: z.record(z.string(), z.number()) }),
  ),
  /** What happened to it besides the training, in order. */
  notes: z.array(z.object({ at: z.number(), level: z.enum(['info', 'warn', 'error']), message: z.string() })),
});

/** A job of the API as it is kept. */
export type ServedJob = z.infer<typeof servedJob>;

export function readServedJob(value: unknown): ServedJob {
  return servedJob.parse(value);
}

export type ServedJobState = ServedJob['state'];

export function hasEnded({ state }: ServedJob): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}

/** The job's method in the words of trainers. */
export function trainingMethodOf({ method }: Pick<ServedJob, 'method'>): 'supervised' | 'preference' {
  return method === 'dpo' ? 'preference' : 'supervised';
}

/** The tuned model's name, as OpenAI builds them: base, organisation, suffix and the end of the job's id. */
export function tunedName(job: ServedJob, organization: string): string {
  return `ft:${job.base}:${organization}:${suffixOf(job)}:${job.id.slice(-8)}`;
}

/** The suffix as names take it; empty where none was given. */
export function suffixOf({ suffix }: ServedJob): string {
  return (suffix ?? '').toLowerCase().replace(/[^a-z0-9-]+/g, '-');
}

export function checkpointName(job: ServedJob, organization: string, step: number): string {
  return `${tunedName(job, organization)}:ckpt-step-${step}`;
}
