import type { CallForecast, PrepareInput } from '#core/approach.ts';
import type { Answer, AnswerStep, CallableModel } from '#core/candidate.ts';
import type { ModelResponse } from '#core/model.ts';
import type { Output } from '#core/output.ts';
import type { Prompt } from '#core/prompt.ts';
import type { TaskBrief } from '#core/task-brief.ts';
import { askAgainUntilUsable, forecastRepairs } from './json-repair.ts';
import { plainPrompt, renderPrompt } from './prompt.ts';
import { type Answerer, forecastPrompted, outputTokensFor, schemaFor } from './prompted.ts';
import { faultsOf, readAnswer } from './read-answer.ts';
import { type Reasoned, readReasoned } from './reasoning-answer.ts';

/** Reasoning and answer in one call, or the answer in a second call that sees the reasoning. */
type ReasoningFormat = 'same' | 'second';

/** What a candidate that reasons before it answers keeps in its manifest. */
export interface ReasoningState {
  readonly format: ReasoningFormat;
  /** Asks for the reasoning; with `same` for the answer after it, too. */
  readonly prompt: Prompt;
  /** The turn that asks for the answer, with `second`. */
  readonly formatTurn?: string;
  readonly output: Output;
  readonly reasoningTokens: number;
  readonly answerTokens: number;
  readonly repair: number;
}

export interface ReasoningOptions {
  readonly format?: ReasoningFormat;
  readonly reasoningTokens?: number;
  readonly repair?: number;
}

const defaultReasoningTokens = 512;

/**
 * Free reasoning first (Kojima et al. 2022, arXiv 2205.11916), the answer after it. A JSON answer is written by a second
 * call unless told: asking for reasoning and form at once costs quality, most of it comes back where the form comes
 * after (arXiv 2606.09410).
 */
export function reasoningState(task: TaskBrief, options: ReasoningOptions): ReasoningState {
  const { format = task.output.kind === 'json' ? 'second' : 'same', reasoningTokens = defaultReasoningTokens, repair = 0 } = options;
  const base = { output: task.output, reasoningTokens, answerTokens: outputTokensFor(task.output), repair };
  const plain = plainPrompt(task);
  if (format === 'same') {
    const text = 'First think step by step. Then end with a line that begins with "Answer:", followed by the answer alone.';
    return { format, prompt: { ...plain, sections: [...plain.sections, { heading: 'Reasoning', text }] }, ...base };
  }
  const free = withoutForm(task);
  const form = formOf(task);
  const later = form === '' ? '' : ` Afterwards you will be asked for the answer in this form: ${form}`;
  const text = `First think step by step, in plain words, and say what the answer is.${later}`;
  const formatTurn = `Now give the answer alone, without explanation. ${form}`.trim();
  return { format, prompt: { ...free, sections: [...free.sections, { heading: 'Reasoning', text }] }, formatTurn, ...base };
}

/** The plain prompt without the form of the answer. */
export function withoutForm(task: TaskBrief): Prompt {
  return plainPrompt({ ...task, output: { kind: 'text' } });
}

/** What the plain prompt says on the form of the answer; empty for text. */
export function formOf(task: TaskBrief): string {
  const free = withoutForm(task).sections.map(({ heading }) => heading);
  const form = plainPrompt(task).sections.filter(({ heading }) => !free.includes(heading));
  return form.map(({ text }) => text).join('\n');
}

/** Reasons at the temperature asked for, and reads the answer; `steps` hold the reasoning. */
export function reasoningAnswerer(state: ReasoningState, model: CallableModel): Answerer {
  return state.format === 'same' ? answerInSameCall(state, model) : answerInSecondCall(state, model);
}

function answerInSameCall({ prompt, output, reasoningTokens, answerTokens, repair }: ReasoningState, model: CallableModel): Answerer {
  const faultOf = faultsOf(output);
  return async (input, { signal, sample, temperature = 0 }): Promise<Answer> => {
    const messages = renderPrompt(prompt, [], input);
    const request = { messages, maxOutputTokens: reasoningTokens + answerTokens, temperature, ...(sample ? { sample } : {}) };
    const read = (response: ModelResponse) => readReasoned(output, response);
    const fault = (reading: Reasoned) => reading.problem ?? faultOf(reading);
    const { reading, response, calls, steps } = await askAgainUntilUsable({ model, request, signal, repair, read, fault });
    const { reasoning, problem, ...answer } = reading;
    const { recordedScores } = response;
    return {
      ...answer,
      calls,
      ...(recordedScores && { recordedScores }),
      steps: [...steps, ...stepOf('reasoning', reasoning, problem), ...faultyAnswer(answer.text, problem ? undefined : faultOf(answer))],
    };
  };
}

function answerInSecondCall(state: ReasoningState, model: CallableModel): Answerer {
  const { prompt, formatTurn = '', output, reasoningTokens, answerTokens, repair } = state;
  const fault = faultsOf(output);
  const schema = schemaFor(output, model);
  return async (input, { signal, sample, temperature = 0 }): Promise<Answer> => {
    const again = sample ? { sample } : {};
    const messages = renderPrompt(prompt, [], input);
    const thought = await model.generate({ messages, maxOutputTokens: reasoningTokens, temperature, ...again }, { signal });
    const reasoning = thought.response.text.trim();
    const turns = [
      ...messages,
      { role: 'assistant' as const, content: reasoning || '(nothing)' },
      { role: 'user' as const, content: formatTurn },
    ];
    const request = { messages: turns, maxOutputTokens: answerTokens, temperature: 0, ...schema, ...again };
    const read = ({ text }: ModelResponse) => ({ text, ...readAnswer(output, text) });
    const { reading, response, calls, steps } = await askAgainUntilUsable({ model, request, signal, repair, read, fault });
    const { recordedScores } = response;
    const problem =
      thought.response.finishReason === 'length' ? `It was cut off at ${reasoningTokens} tokens.` : reasoning ? undefined : 'It is empty.';
    return {
      ...reading,
      calls: [thought.call, ...calls],
      ...(recordedScores && { recordedScores }),
      steps: [...stepOf('reasoning', reasoning, problem), ...steps, ...faultyAnswer(reading.text, fault(reading))],
    };
  };
}

function stepOf(name: string, text: string, fault: string | undefined): readonly AnswerStep[] {
  if (fault !== undefined) return [{ name, text, fault }];
  return text === '' ? [] : [{ name, text }];
}

function faultyAnswer(text: string, fault: string | undefined): readonly AnswerStep[] {
  return fault === undefined ? [] : [{ name: 'answer', text, fault }];
}

/** The calls of one answer, counting every token of reasoning that there is room for. */
export function forecastReasoning(state: ReasoningState, input: PrepareInput): Omit<CallForecast, 'prepareCalls'> {
  const { inputTokens, outputTokens } = forecastPrompted(state.prompt, [], input);
  const { format, reasoningTokens, repair } = state;
  if (format === 'same') return forecastRepairs({ callsPerAnswer: 1, inputTokens, outputTokens: reasoningTokens + outputTokens }, repair);
  const turn = Math.ceil(Buffer.byteLength(state.formatTurn ?? '') / 4);
  // the second call reads the reasoning that the first wrote
  return {
    callsPerAnswer: 2 + repair,
    inputTokens: inputTokens + Math.ceil((reasoningTokens + turn) / 2),
    outputTokens: Math.ceil((reasoningTokens + outputTokens) / 2),
  };
}
