import { z } from 'zod';
import { faultOf } from './schema-fault.ts';
import { invalid } from './wire-error.ts';

const auto = z.literal('auto');
const epochs = z.union([auto, z.number().int().min(1).max(50)]).optional();
const batch = z.union([auto, z.number().int().min(1).max(256)]).optional();
const factor = z.union([auto, z.number().gt(0).max(100)]).optional();
const supervised = z.strictObject({ n_epochs: epochs, batch_size: batch, learning_rate_multiplier: factor });
const dpo = supervised.extend({ beta: z.union([auto, z.number().gt(0).max(2)]).optional() });

const schema = z.strictObject({
  model: z.string().min(1),
  training_file: z.string().min(1),
  validation_file: z.string().nullish(),
  suffix: z.string().min(1).max(64).nullish(),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .nullish(),
  hyperparameters: supervised.nullish(),
  method: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('supervised'), supervised: z.strictObject({ hyperparameters: supervised.nullish() }).nullish() }),
      z.strictObject({ type: z.literal('dpo'), dpo: z.strictObject({ hyperparameters: dpo.nullish() }).nullish() }),
      z.looseObject({ type: z.literal('reinforcement') }),
    ])
    .nullish(),
  metadata: z
    .record(z.string().max(64), z.string().max(512))
    .refine((metadata) => Object.keys(metadata).length <= 16, 'at most 16 pairs')
    .nullish(),
  integrations: z.array(z.unknown()).nullish(),
  user: z.string().nullish(),
});

export type WireHyperparameters = z.infer<typeof dpo>;

/** What the body of a new job asks for. */
export interface JobRequest {
  readonly model: string;
  readonly trainingFile: string;
  readonly validationFile: string | null;
  readonly suffix: string | null;
  readonly seed: number | null;
  readonly method: 'supervised' | 'dpo';
  /** As they were given; what is absent is "auto". */
  readonly hyperparameters: WireHyperparameters;
  readonly metadata: Readonly<Record<string, string>> | null;
}

/** Reads the body of a new job. Throws status 400 that names the field. */
export function readJobRequest(body: unknown): JobRequest {
  const read = schema.safeParse(body);
  if (!read.success) throw faultOf(read.error);
  const { data } = read;
  const { method } = data;
  if (method?.type === 'reinforcement') {
    throw invalid('No trainer here learns by reinforcement. Methods are: supervised, dpo.', 'method.type', 'unsupported_method');
  }
  if ((data.integrations ?? []).length > 0) {
    throw invalid(
      'This server sends nothing to other services. Leave integrations out; the events and the result file hold every metric.',
      'integrations',
      'unsupported_integration',
    );
  }
  const own = method?.type === 'dpo' ? method.dpo?.hyperparameters : method?.supervised?.hyperparameters;
  if (own !== undefined && own !== null && data.hyperparameters !== undefined && data.hyperparameters !== null) {
    throw invalid('Give hyperparameters under method alone.', 'hyperparameters');
  }
  return {
    model: data.model,
    trainingFile: data.training_file,
    validationFile: data.validation_file ?? null,
    suffix: data.suffix ?? null,
    seed: data.seed ?? null,
    method: method?.type ?? 'supervised',
    hyperparameters: own ?? data.hyperparameters ?? {},
    metadata: data.metadata ?? null,
  };
}
