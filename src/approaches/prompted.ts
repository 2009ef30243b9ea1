import { z } from 'zod';
import type { CallForecast, PrepareInput, RestoreContext } from '#core/approach.ts';
import { type Answer, type AnswerOptions, type CallableModel, type Candidate, candidateId, type Manifest } from '#core/candidate.ts';
import { inputError } from '#core/errors.ts';
import { expectedText, type Input } from '#core/example.ts';
import type { JsonObject } from '#core/json.ts';
import type { ModelReference, ModelResponse } from '#core/model.ts';
import type { Output } from '#core/output.ts';
import type { Prompt, Shot } from '#core/prompt.ts';
import { askAgainUntilUsable } from './json-repair.ts';
import { systemText } from './prompt.ts';
import { type CountTokens, checkLength, explainLength, promptParts } from './prompt-length.ts';
import { type OpenParts, renderClosed } from './prompt-turns.ts';
import { faultsOf, readAnswer } from './read-answer.ts';

/** What every prompted rung keeps in its manifest. */
export interface PromptedState {
  readonly prompt: Prompt;
  readonly output: Output;
  readonly maxOutputTokens: number;
  /** Shown before every question. */
  readonly shots: readonly Shot[];
  /** What of the prompt a question fills; absent where none does. */
  readonly open?: OpenParts;
  /** How often to ask again where the answer cannot be used; absent where never. */
  readonly repair?: number;
}

/** How a rung answers: at temperature 0 unless told. */
export type Answerer = (input: Input, options: AnswerOptions & { readonly temperature?: number }) => Promise<Answer>;

interface About {
  readonly approach: string;
  readonly name: string;
  readonly model: ModelReference;
}

/** The manifest of a rung that asks a model once. */
export function promptedManifest(about: About, state: PromptedState, artefacts: Readonly<Record<string, string>> = {}): Manifest {
  return manifestOf(about, state, artefacts);
}

/** The manifest of a rung that asks a model. `state` must be plain JSON. */
export function manifestOf(about: About, state: object, artefacts: Readonly<Record<string, string>> = {}): Manifest {
  // interfaces have no index signature, but a prompt is plain JSON
  return { schema: 'rung.candidate/1', ...about, state: state as unknown as JsonObject, artefacts };
}

/** Makes a candidate of a manifest that names a model, from what answers for its state. */
export async function candidateOf<State>(
  manifest: Manifest,
  context: RestoreContext,
  answererOf: (state: State, model: CallableModel) => Answerer,
): Promise<Candidate> {
  if (manifest.model === null) throw new TypeError(`The manifest of ${manifest.name} names no model.`);
  const answer = answererOf(manifest.state as unknown as State, await context.model(manifest.model));
  return { id: candidateId(manifest), manifest, answer };
}

/** Makes a candidate that renders its prompt, asks once at temperature 0 and reads the answer. */
export async function promptedCandidate(
  manifest: Manifest,
  context: RestoreContext,
  shotsFor?: (input: Input) => readonly Shot[],
): Promise<Candidate> {
  return candidateOf(manifest, context, (state: PromptedState, model) => promptedAnswerer(state, model, shotsFor));
}

/** Renders the prompt, asks once (again where `repair` allows it) and reads the answer. */
export function promptedAnswerer(state: PromptedState, model: CallableModel, shotsFor?: (input: Input) => readonly Shot[]): Answerer {
  const schema = schemaFor(state.output, model);
  const { repair = 0 } = state;
  const fault = repair > 0 ? faultsOf(state.output) : () => undefined;
  return async (input, { signal, sample, temperature = 0 }): Promise<Answer> => {
    const shots = shotsFor?.(input) ?? state.shots;
    const messages = renderClosed(state, shots, input);
    const partsOf = (count: CountTokens) => promptParts(state, shots, input, count);
    checkLength(model, messages, partsOf);
    const request = { messages, maxOutputTokens: state.maxOutputTokens, temperature, ...schema, ...(sample ? { sample } : {}) };
    const read = ({ text }: { text: string }) => ({ text, ...readAnswer(state.output, text) });
    const asked = askAgainUntilUsable({ model, request, signal, repair, read, fault });
    const { reading, response, calls, steps } = await asked.catch((error: unknown) => {
      throw explainLength(error, model, partsOf);
    });
    const { recordedScores, logProbabilities } = response;
    return {
      ...reading,
      calls,
      ...(recordedScores && { recordedScores }),
      ...(logProbabilities && { logProbability: summed(logProbabilities) }),
      ...(steps.length > 0 && { steps }),
    };
  };
}

function summed(tokens: NonNullable<ModelResponse['logProbabilities']>): NonNullable<Answer['logProbability']> {
  return { sum: tokens.reduce((sum, { logProbability }) => sum + logProbability, 0), tokens: tokens.length };
}

/** The schema that a model which can is held to. */
export function schemaFor(output: Output, model: CallableModel): { readonly jsonSchema?: JsonObject } {
  return output.kind === 'json' && model.can.jsonSchema ? { jsonSchema: output.schema } : {};
}

/** Estimates the calls of a prompted rung from a sample of the training split, at four bytes a token. */
export function forecastPrompted(
  prompt: Prompt,
  shots: readonly Shot[],
  { task, train, validation }: PrepareInput,
  open?: OpenParts,
): Omit<CallForecast, 'prepareCalls'> {
  const sample = [...train, ...validation].slice(0, 50);
  const bytes = (texts: readonly string[]) => texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const inputs = sample.map(({ input }) =>
    bytes(renderClosed({ prompt, ...(open && { open }) }, shots, input).map((message) => message.content)),
  );
  const answers = sample.map(({ expected }) => (expected === undefined ? bytesOfUnknownAnswer : Buffer.byteLength(expectedText(expected))));
  const tokens = (sizes: readonly number[]) => Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / Math.max(1, sizes.length) / 4);
  return {
    callsPerAnswer: 1,
    inputTokens: tokens(inputs.length > 0 ? inputs : [bytes([systemText(prompt)])]),
    outputTokens: Math.min(outputTokensFor(task.output), tokens(answers)),
  };
}

const bytesOfUnknownAnswer = 200;

/** Room for the longest answer that the output allows, in tokens; generous, since what is not used costs nothing. */
export function outputTokensFor(output: Output): number {
  if (output.kind === 'labels') return 16 + Math.max(...output.labels.map((label) => label.length));
  return output.kind === 'json' ? 512 : 1024;
}

/** The option `repair` of the rungs that have it. */
export const repairOption = z.int().min(0).max(5).optional().describe('a whole number from 0 to 5');

/** Reads the options of a rung. Throws a usage error that names the option and, from its description, what it must be. */
export function readOptions<S extends z.ZodObject>(rung: string, schema: S, options: JsonObject): z.output<S> {
  refuseUnknownOptions(rung, options, Object.keys(schema.shape));
  const { data, error } = schema.safeParse(options);
  if (error === undefined) return data;
  const option = String(error.issues[0]?.path[0]);
  const wanted = (schema.shape[option] as z.ZodType | undefined)?.description;
  throw inputError({
    code: 'option-unreadable',
    message: `The option ${option} of the rung ${rung} is ${JSON.stringify(options[option])}.`,
    hint: `It must be ${wanted ?? 'left out'}.`,
  });
}

/** Refuses an option that has no effect without another. */
export function refuseIdleOption(rung: string, name: string, options: JsonObject, belongsTo: string): void {
  if (options[name] === undefined) return;
  throw inputError({
    code: 'option-idle',
    message: `The option ${name} of the rung ${rung} does nothing here.`,
    hint: `It belongs to ${belongsTo}.`,
  });
}

/** Refuses options that a rung does not have. */
export function refuseUnknownOptions(rung: string, options: JsonObject, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw inputError({
    code: 'unknown-option',
    message: `The rung ${rung} has no option ${JSON.stringify(unknown)}.`,
    hint: known.length === 0 ? 'It has none.' : `It has: ${known.join(', ')}.`,
  });
}
