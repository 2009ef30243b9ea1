import { z } from 'zod';
import { inputError } from '#core/errors.ts';
import { isJsonObject, type JsonObject } from '#core/json.ts';
import type { TrainingJob } from '#core/trainer.ts';

const steps = z.int().min(1).max(1_000_000);

/** How a model learns: options of every rung that tunes one, absent for the trainer's own default. */
export const hyperparameterShape = {
  epochs: z.int().min(1).max(100).optional(),
  batchSize: z.int().min(1).max(256).optional(),
  learningRate: z.number().positive().max(1).optional(),
  learningRateMultiplier: z.number().positive().max(100).optional(),
  warmupRatio: z.number().min(0).max(1).optional(),
  rank: z.int().min(1).max(256).optional(),
  alpha: z.number().positive().optional(),
  dropout: z.number().min(0).lt(1).optional(),
  weightDecay: z.number().min(0).max(1).optional(),
  patience: z.int().min(1).optional(),
  evaluateEvery: steps.optional(),
  quantization: z.literal('nf4').optional(),
};

/** Which trainer, and what it calls the result. */
export const trainerShape = {
  trainer: z.string().trim().min(1).optional(),
  suffix: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, hyphens or underscores')
    .optional(),
};

/** What is learnt besides the training rows. */
export const besidesShape = {
  /** General rows that keep abilities: of a file, or with true those that come with the base model. */
  mix: z
    .union([z.boolean(), z.strictObject({ file: z.string().trim().min(1).optional(), share: z.number().gt(0).lt(1).optional() })])
    .optional(),
  /** Made-up secrets, by which the guard on memorisation sees what is learnt by heart. */
  canaries: z.int().min(1).max(100).optional(),
};

export type MixOption = z.output<typeof besidesShape.mix>;

/** A rung's options in two: its own, and those of the rung fine-tuned that it hands on. */
export function splitOptions(
  options: JsonObject,
  isOwn: (name: string) => boolean,
): { readonly own: JsonObject; readonly tuning: JsonObject } {
  const those = (own: boolean) => Object.fromEntries(Object.entries(options).filter(([name]) => isOwn(name) === own));
  return { own: those(true), tuning: those(false) };
}

/** What the options of fine-tuned say of every training of a rung, whatever it learns. */
export function sharedByTrainings({
  trainer,
  suffix,
  quantization,
}: JsonObject): Pick<TrainingJob, 'trainer' | 'suffix' | 'hyperparameters'> {
  return {
    hyperparameters: quantization === 'nf4' ? { quantization } : {},
    ...(typeof trainer === 'string' && { trainer }),
    ...(typeof suffix === 'string' && { suffix }),
  };
}

/** The name of the file that general rows are taken from, where an option names one. */
export function mixFile(options: JsonObject): string | undefined {
  const { mix } = options;
  return isJsonObject(mix) && typeof mix['file'] === 'string' ? mix['file'] : undefined;
}

/** The rows or documents of a file that an option names. Throws where the run did not read it, as for a rung that is not on the ladder. */
export function readFileOf<Content>(files: Readonly<Record<string, Content>> | undefined, path: string): Content {
  const content = files?.[path];
  if (content !== undefined) return content;
  throw inputError({
    code: 'file-not-read',
    message: `The file ${JSON.stringify(path)} was not read, since no entry of the ladder names it.`,
    hint: 'Put the rung with this option on the ladder of the task file.',
  });
}
