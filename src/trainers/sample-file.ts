import { z } from 'zod';
import type { TrainerSample } from '#core/trainer.ts';

const count = z.int().min(0);

export const sampleSchema: z.ZodType<TrainerSample> = z.object({
  messages: z.array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })),
  text: z.string(),
  logProbability: z.number(),
  tokens: count,
  endLogProbability: z.number().optional(),
  rendered: z.string().optional(),
  promptTokens: count.optional(),
  margin: z.number().min(0).optional(),
});

/** The results file of a job that holds its samples, beside the one with its losses. */
export const sampleFileName = 'parity_samples.jsonl';

/** A line of JSON for each sample. */
export function writeSamples(samples: readonly TrainerSample[]): string {
  return samples.map((sample) => `${JSON.stringify(sample)}\n`).join('');
}

/** The samples that `writeSamples` wrote; undefined where a line is none of them. */
export function readSamples(text: string): readonly TrainerSample[] | undefined {
  try {
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => sampleSchema.parse(JSON.parse(line)));
  } catch {
    return undefined;
  }
}
