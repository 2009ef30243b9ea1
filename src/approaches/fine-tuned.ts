import { z } from 'zod';
import { type ApproachContext, defineApproach, type PrepareInput } from '#core/approach.ts';
import type { Manifest } from '#core/candidate.ts';
import { type Example, expectedText, type Input } from '#core/example.ts';
import { isJsonObject, type Json, type JsonObject } from '#core/json.ts';
import type { ModelReference } from '#core/model.ts';
import type { Prompt } from '#core/prompt.ts';
import type { Hyperparameters, RowOrigin, TrainingRow } from '#core/trainer.ts';
import { checkConversations, conversationFault, conversationRows, conversationShape, taughtCalls } from './fine-tuned-conversations.ts';
import { personaOption, withPersonaLength } from './persona-prompt.ts';
import { plainPrompt, renderPrompt } from './prompt.ts';
import { forecastPrompted, outputTokensFor, promptedCandidate, promptedManifest } from './prompted.ts';
import { retrievalCandidate } from './retrieval-candidate.ts';
import { checkSearch, embeddingModels } from './retrieval-search.ts';
import { checkAgainst, lookUpShape, noDocuments } from './retrieval-settings.ts';
import { prepareLookUp, samplePrompt } from './retrieval-training.ts';
import { besidesShape, hyperparameterShape, mixFile, trainerShape } from './tuned-options.ts';
import { besideRows, tooLittleToLearn } from './tuned-rows.ts';

const optionsSchema = z.strictObject({
  ...hyperparameterShape,
  ...trainerShape,
  ...besidesShape,
  /** Trained and asked with passages of the task's documents in the prompt. */
  retrieval: z.strictObject(lookUpShape).optional(),
  /** How much of the persona the prompt tells. */
  persona: personaOption,
  ...conversationShape,
});

/** The most epochs that a trainer goes through by itself, which are the embedded model's. */
const mostUsualEpochs = 12;
const usualBatchSize = 16;

/** The model's weights learn the training split, then answer the plain prompt. */
export const fineTuned = defineApproach({
  id: 'fine-tuned',
  summary: 'The model tuned on the training split, asked with the plain prompt.',
  trains: true,
  usesKnowledge: (options) => options['retrieval'] !== undefined,
  otherModels: ({ retrieval, teacher }) => [
    ...(isJsonObject(retrieval) ? embeddingModels(retrieval as JsonObject) : []),
    ...(typeof teacher === 'string' ? [teacher] : []),
  ],
  usesFiles(options) {
    const file = mixFile(options);
    return file === undefined ? {} : { rows: [file] };
  },
  checkOptions(options) {
    checkAgainst(optionsSchema, 'fine-tuned', options);
    checkSearch('fine-tuned', optionsSchema.parse(options).retrieval ?? {});
    checkConversations(options);
  },
  skip({ task, train, knowledge, options }) {
    const fault = conversationFault(optionsSchema.parse(options), { task });
    if (fault !== undefined) return fault;
    if (options['retrieval'] !== undefined && knowledge.length === 0) return noDocuments;
    return tooLittleToLearn(train);
  },
  forecast(given) {
    const { retrieval, persona, ...options } = optionsSchema.parse(given.options);
    const input = { ...given, task: withPersonaLength(given.task, persona) };
    const prompt = retrieval === undefined ? plainPrompt(input.task) : samplePrompt(retrieval, input);
    return {
      prepareCalls: mostEvaluations(options, input.train.length) * input.validation.length + taughtCalls(options, input),
      ...forecastPrompted(prompt, [], input),
    };
  },
  async prepare(given, context) {
    const { input, promptFor, manifestFor } = await tunedSetup(given, context);
    const { train, validation, model, seed } = input;
    const { retrieval, persona, conversations, teacher, mix, canaries, trainer, suffix, ...hyperparameters } = optionsSchema.parse(
      given.options,
    );
    const ofTask = rowsOf(promptFor, train);
    const taught = await conversationRows({ conversations, teacher }, input, context);
    const own = [...ofTask, ...taught];
    const besides = await besideRows({ mix, canaries }, input, own, context);
    const outcome = await context.train(
      {
        method: 'supervised',
        base: model,
        train: [...own, ...besides.rows],
        validation: rowsOf(promptFor, validation),
        hyperparameters,
        seed,
        ...(trainer !== undefined && { trainer }),
        ...(suffix !== undefined && { suffix }),
      },
      {
        evaluate: (checkpoint) => context.evaluate(manifestFor(checkpoint), validation),
        origins: { train: [...originsOf(train), ...taught.map(() => undefined), ...besides.origins], validation: originsOf(validation) },
      },
    );
    return withNotes(manifestFor(outcome.model), besides.notes);
  },
  restore: (manifest, context) =>
    manifest.state['retrieval'] === undefined ? promptedCandidate(manifest, context) : retrievalCandidate(manifest, context),
});

/** Checkpoints that are judged, at most: one an epoch, or as often as the options say. */
function mostEvaluations({ epochs = mostUsualEpochs, batchSize = usualBatchSize, evaluateEvery }: Hyperparameters, rows: number): number {
  return evaluateEvery === undefined ? epochs : Math.ceil((epochs * Math.ceil(rows / batchSize)) / evaluateEvery);
}

/** How a tuned model is asked: the prompt of each question, and the manifest of a model that answers it. */
interface TunedSetup {
  /** With the persona as long as the options say. */
  readonly input: PrepareInput;
  promptFor(input: Input): Prompt;
  manifestFor(model: ModelReference): Manifest;
}

/** What training and asking have in common, by the options of the rung fine-tuned. */
export async function tunedSetup(given: PrepareInput, context: ApproachContext): Promise<TunedSetup> {
  const { retrieval, persona } = optionsSchema.parse(given.options);
  const input = { ...given, task: withPersonaLength(given.task, persona) };
  const { task, name } = input;
  const prompt = plainPrompt(task);
  const lookUp = retrieval && (await prepareLookUp(retrieval, input, context));
  const state = { prompt, output: task.output, maxOutputTokens: outputTokensFor(task.output), shots: [], ...lookUp?.state };
  return {
    input,
    promptFor: lookUp?.promptFor ?? (() => prompt),
    manifestFor: (model) => promptedManifest({ approach: 'fine-tuned', name, model }, state, lookUp?.artefacts),
  };
}

/** The manifest, with sentences on what preparing it found. */
export function withNotes(manifest: Manifest, notes: readonly string[]): Manifest {
  if (notes.length === 0) return manifest;
  return { ...manifest, state: { ...manifest.state, notes: [...notesOf(manifest), ...notes] } };
}

/** Sentences on what preparing a candidate found. */
export function notesOf({ state }: Pick<Manifest, 'state'>): readonly string[] {
  const { notes } = state;
  return Array.isArray(notes) ? notes.filter((note) => typeof note === 'string') : [];
}

function rowsOf(promptFor: (input: Input) => Prompt, examples: readonly Example[]): readonly TrainingRow[] {
  return learnable(examples).map((example) => ({
    messages: [
      ...renderPrompt(promptFor(example.input), [], example.input),
      { role: 'assistant', content: expectedText(example.expected as Json) },
    ],
  }));
}

function originsOf(examples: readonly Example[]): readonly RowOrigin[] {
  return learnable(examples).map(({ id }) => ({ example: id }));
}

function learnable(examples: readonly Example[]): readonly Example[] {
  return examples.filter(({ expected }) => expected !== undefined);
}
