import { z } from 'zod';
import { defineApproach } from '#core/approach.ts';
import { inputError } from '#core/errors.ts';
import { type Example, expectedText } from '#core/example.ts';
import type { Json } from '#core/json.ts';
import type { ModelReference } from '#core/model.ts';
import type { TrainingRow } from '#core/trainer.ts';
import { type Prompt, plainPrompt, renderPrompt } from './prompt.ts';
import { forecastPrompted, outputTokensFor, promptedCandidate, promptedManifest } from './prompted.ts';

const optionsSchema = z.strictObject({
  epochs: z.int().min(1).max(100).optional(),
  batchSize: z.int().min(1).max(256).optional(),
  learningRate: z.number().positive().max(1).optional(),
  warmupRatio: z.number().min(0).max(1).optional(),
  rank: z.int().min(1).max(256).optional(),
  alpha: z.number().positive().optional(),
  weightDecay: z.number().min(0).max(1).optional(),
  patience: z.int().min(1).optional(),
});

const fewestRows = 10;
const usualEvaluations = 6;

/** The model's weights learn the training split, then answer the plain prompt. */
export const fineTuned = defineApproach({
  id: 'fine-tuned',
  summary: 'The model tuned on the training split, asked with the plain prompt.',
  checkOptions(options) {
    const { error } = optionsSchema.safeParse(options);
    if (error === undefined) return;
    const issue = error.issues[0];
    throw inputError({
      code: 'option-unreadable',
      message: `An option of the rung fine-tuned does not fit: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`,
      hint: `It has: ${Object.keys(optionsSchema.shape).join(', ')}.`,
    });
  },
  skip({ train }) {
    const usable = train.filter((example) => example.expected !== undefined).length;
    return usable < fewestRows
      ? `It needs at least ${fewestRows} training examples with an expected answer; there are ${usable}.`
      : undefined;
  },
  // the trainer decides how often it evaluates; once per default epoch is the usual
  forecast: (input) => ({
    prepareCalls: usualEvaluations * input.validation.length,
    ...forecastPrompted(plainPrompt(input.task), [], input),
  }),
  async prepare({ task, train, validation, model, name, options, seed }, context) {
    const prompt = plainPrompt(task);
    const manifestFor = (tuned: ModelReference) =>
      promptedManifest(
        { approach: 'fine-tuned', name, model: tuned },
        { prompt, output: task.output, maxOutputTokens: outputTokensFor(task.output), shots: [] },
      );
    const outcome = await context.train(
      {
        base: model,
        train: rowsOf(prompt, train),
        validation: rowsOf(prompt, validation),
        hyperparameters: optionsSchema.parse(options),
        seed,
      },
      () => {},
      (checkpoint) => context.evaluate(manifestFor(checkpoint), validation),
    );
    return manifestFor(outcome.model);
  },
  restore: (manifest, context) => promptedCandidate(manifest, context),
});

function rowsOf(prompt: Prompt, examples: readonly Example[]): readonly TrainingRow[] {
  return examples
    .filter((example) => example.expected !== undefined)
    .map((example) => ({
      messages: [...renderPrompt(prompt, [], example.input), { role: 'assistant', content: expectedText(example.expected as Json) }],
    }));
}
