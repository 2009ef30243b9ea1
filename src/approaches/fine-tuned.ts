import { z } from 'zod';
import { defineApproach } from '#core/approach.ts';
import { type Example, expectedText, type Input } from '#core/example.ts';
import { isJsonObject, type Json, type JsonObject } from '#core/json.ts';
import type { ModelReference } from '#core/model.ts';
import type { Prompt } from '#core/prompt.ts';
import type { TrainingRow } from '#core/trainer.ts';
import { checkConversations, conversationFault, conversationRows, conversationShape, taughtCalls } from './fine-tuned-conversations.ts';
import { personaOption, withPersonaLength } from './persona-prompt.ts';
import { plainPrompt, renderPrompt } from './prompt.ts';
import { forecastPrompted, outputTokensFor, promptedCandidate, promptedManifest } from './prompted.ts';
import { retrievalCandidate } from './retrieval-candidate.ts';
import { checkSearch, embeddingModels } from './retrieval-search.ts';
import { checkAgainst, lookUpShape, noDocuments } from './retrieval-settings.ts';
import { prepareLookUp, samplePrompt } from './retrieval-training.ts';

const optionsSchema = z.strictObject({
  epochs: z.int().min(1).max(100).optional(),
  batchSize: z.int().min(1).max(256).optional(),
  learningRate: z.number().positive().max(1).optional(),
  warmupRatio: z.number().min(0).max(1).optional(),
  rank: z.int().min(1).max(256).optional(),
  alpha: z.number().positive().optional(),
  weightDecay: z.number().min(0).max(1).optional(),
  patience: z.int().min(1).optional(),
  /** Trained and asked with passages of the task's documents in the prompt. */
  retrieval: z.strictObject(lookUpShape).optional(),
  /** How much of the persona the prompt tells. */
  persona: personaOption,
  ...conversationShape,
});

const fewestRows = 10;
const usualEvaluations = 6;

/** The model's weights learn the training split, then answer the plain prompt. */
export const fineTuned = defineApproach({
  id: 'fine-tuned',
  summary: 'The model tuned on the training split, asked with the plain prompt.',
  usesKnowledge: (options) => options['retrieval'] !== undefined,
  otherModels: ({ retrieval, teacher }) => [
    ...(isJsonObject(retrieval) ? embeddingModels(retrieval as JsonObject) : []),
    ...(typeof teacher === 'string' ? [teacher] : []),
  ],
  checkOptions(options) {
    checkAgainst(optionsSchema, 'fine-tuned', options);
    checkSearch('fine-tuned', optionsSchema.parse(options).retrieval ?? {});
    checkConversations(options);
  },
  skip({ task, train, knowledge, options }) {
    const fault = conversationFault(optionsSchema.parse(options), { task });
    if (fault !== undefined) return fault;
    if (options['retrieval'] !== undefined && knowledge.length === 0) return noDocuments;
    const usable = train.filter((example) => example.expected !== undefined).length;
    return usable < fewestRows
      ? `It needs at least ${fewestRows} training examples with an expected answer; there are ${usable}.`
      : undefined;
  },
  // the trainer decides how often it evaluates; once per default epoch is the usual
  forecast(given) {
    const { retrieval, persona, ...options } = optionsSchema.parse(given.options);
    const input = { ...given, task: withPersonaLength(given.task, persona) };
    const prompt = retrieval === undefined ? plainPrompt(input.task) : samplePrompt(retrieval, input);
    return {
      prepareCalls: usualEvaluations * input.validation.length + taughtCalls(options, input),
      ...forecastPrompted(prompt, [], input),
    };
  },
  async prepare(given, context) {
    const { retrieval, persona, conversations, teacher, ...hyperparameters } = optionsSchema.parse(given.options);
    const input = { ...given, task: withPersonaLength(given.task, persona) };
    const { task, train, validation, model, name, seed } = input;
    const prompt = plainPrompt(task);
    const lookUp = retrieval && (await prepareLookUp(retrieval, input, context));
    const state = { prompt, output: task.output, maxOutputTokens: outputTokensFor(task.output), shots: [] };
    const manifestFor = (tuned: ModelReference) =>
      promptedManifest({ approach: 'fine-tuned', name, model: tuned }, { ...state, ...lookUp?.state }, lookUp?.artefacts);
    const promptFor = lookUp?.promptFor ?? (() => prompt);
    const outcome = await context.train(
      {
        method: 'supervised',
        base: model,
        train: [...rowsOf(promptFor, train), ...(await conversationRows({ conversations, teacher }, input, context))],
        validation: rowsOf(promptFor, validation),
        hyperparameters,
        seed,
      },
      () => {},
      (checkpoint) => context.evaluate(manifestFor(checkpoint), validation),
    );
    return manifestFor(outcome.model);
  },
  restore: (manifest, context) =>
    manifest.state['retrieval'] === undefined ? promptedCandidate(manifest, context) : retrievalCandidate(manifest, context),
});

function rowsOf(promptFor: (input: Input) => Prompt, examples: readonly Example[]): readonly TrainingRow[] {
  return examples
    .filter((example) => example.expected !== undefined)
    .map((example) => ({
      messages: [
        ...renderPrompt(promptFor(example.input), [], example.input),
        { role: 'assistant', content: expectedText(example.expected as Json) },
      ],
    }));
}
