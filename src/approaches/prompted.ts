import type { CallForecast, PrepareInput, RestoreContext } from '#core/approach.ts';
import { type Answer, type Candidate, candidateId, type Manifest } from '#core/candidate.ts';
import { inputError } from '#core/errors.ts';
import { expectedText, type Input } from '#core/example.ts';
import type { JsonObject } from '#core/json.ts';
import type { ModelReference } from '#core/model.ts';
import type { Output } from '#core/output.ts';
import { type Prompt, renderPrompt, type Shot, systemText } from './prompt.ts';
import { readAnswer } from './read-answer.ts';

/** What every prompted rung keeps in its manifest. */
export interface PromptedState {
  readonly prompt: Prompt;
  readonly output: Output;
  readonly maxOutputTokens: number;
  /** Shown before every question. */
  readonly shots: readonly Shot[];
}

/** The manifest of a rung that asks a model once. */
export function promptedManifest(
  about: { approach: string; name: string; model: ModelReference },
  state: PromptedState,
  artefacts: Readonly<Record<string, string>> = {},
): Manifest {
  // interfaces have no index signature, but a prompt is plain JSON
  return { schema: 'rung.candidate/1', ...about, state: state as unknown as JsonObject, artefacts };
}

/** Makes a candidate that renders its prompt, asks once at temperature 0 and reads the answer. */
export async function promptedCandidate(
  manifest: Manifest,
  context: RestoreContext,
  shotsFor?: (input: Input) => readonly Shot[],
): Promise<Candidate> {
  if (manifest.model === null) throw new TypeError(`The manifest of ${manifest.name} names no model.`);
  const state = manifest.state as unknown as PromptedState;
  const model = await context.model(manifest.model);
  const schema = state.output.kind === 'json' && model.can.jsonSchema ? { jsonSchema: state.output.schema } : {};
  return {
    id: candidateId(manifest),
    manifest,
    async answer(input, { signal, sample }): Promise<Answer> {
      const messages = renderPrompt(state.prompt, shotsFor?.(input) ?? state.shots, input);
      const request = { messages, maxOutputTokens: state.maxOutputTokens, temperature: 0, ...schema, ...(sample ? { sample } : {}) };
      const { response, call } = await model.generate(request, { signal });
      const { recordedScores } = response;
      return { text: response.text, ...readAnswer(state.output, response.text), calls: [call], ...(recordedScores && { recordedScores }) };
    },
  };
}

/** Estimates the calls of a prompted rung from a sample of the training split, at four bytes a token. */
export function forecastPrompted(
  prompt: Prompt,
  shots: readonly Shot[],
  { task, train, validation }: PrepareInput,
): Omit<CallForecast, 'prepareCalls'> {
  const sample = [...train, ...validation].slice(0, 50);
  const bytes = (texts: readonly string[]) => texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const inputs = sample.map(({ input }) => bytes(renderPrompt(prompt, shots, input).map((message) => message.content)));
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
