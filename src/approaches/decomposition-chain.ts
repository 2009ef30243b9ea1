import type { Answer, AnswerStep, CallableModel, ModelCall } from '#core/candidate.ts';
import type { Message } from '#core/message.ts';
import type { Output } from '#core/output.ts';
import type { Prompt } from '#core/prompt.ts';
import type { TaskBrief } from '#core/task-brief.ts';
import { namingStep } from './decomposition-step.ts';
import { askAgainUntilUsable } from './json-repair.ts';
import { renderPrompt } from './prompt.ts';
import { type Answerer, outputTokensFor, schemaFor } from './prompted.ts';
import { faultsOf, readAnswer } from './read-answer.ts';
import { formOf, withoutForm } from './reasoning-chain.ts';

/** What a candidate that works through steps in one conversation keeps in its manifest. */
export interface ChainState {
  readonly kind: 'chain';
  readonly prompt: Prompt;
  /** The turns that ask for the steps after the first, which stands in the prompt. */
  readonly turns: readonly string[];
  readonly names: readonly string[];
  readonly output: Output;
  readonly stepTokens: number;
  readonly answerTokens: number;
  readonly repair: number;
}

interface ChainOptions {
  readonly steps: readonly string[];
  readonly stepTokens: number;
  readonly repair: number;
}

/** A conversation that keeps its first words, so that a service's prompt cache serves all its steps. The last step gives the answer. */
export function chainState(task: TaskBrief, { steps, stepTokens, repair }: ChainOptions): ChainState {
  const free = withoutForm(task);
  const last = steps.length - 1;
  const asks = steps.map((step, index) => {
    const numbered = `Step ${index + 1} of ${steps.length}: ${step}`;
    return index < last ? numbered : `${numbered}\nGive the answer alone, without explanation. ${formOf(task)}`.trim();
  });
  const text = `Work in steps; give only the result of the present step.\n${asks[0]}`;
  return {
    kind: 'chain',
    prompt: { ...free, sections: [...free.sections, { heading: 'Steps', text }] },
    turns: asks.slice(1),
    names: [...steps],
    output: task.output,
    stepTokens,
    answerTokens: outputTokensFor(task.output),
    repair,
  };
}

/** Asks for one step after the other, each seeing those before it; the last is read as the answer. */
export function chainAnswerer(state: ChainState, model: CallableModel): Answerer {
  const { prompt, turns, names, output, stepTokens, answerTokens, repair } = state;
  const faultOfAnswer = faultsOf(output);
  const faultOfStep = ({ text }: { text: string }) => (text.trim() === '' ? 'It is empty.' : undefined);
  const last = names.length - 1;
  return async (input, { signal, sample, temperature = 0 }): Promise<Answer> => {
    const calls: ModelCall[] = [];
    const steps: AnswerStep[] = [];
    let messages: readonly Message[] = renderPrompt(prompt, [], input);
    for (const [index, name] of names.entries()) {
      const isLast = index === last;
      const settings = { maxOutputTokens: isLast ? answerTokens : stepTokens, temperature, ...(isLast ? schemaFor(output, model) : {}) };
      const request = { messages, ...settings, ...(sample ? { sample } : {}) };
      const read = ({ text }: { text: string }) => ({ text, ...(isLast ? readAnswer(output, text) : { value: text, strict: true }) });
      const fault = isLast ? faultOfAnswer : faultOfStep;
      const answered = await namingStep(name, () =>
        askAgainUntilUsable({ model, request, signal, repair: isLast ? repair : 0, read, fault }),
      );
      const { reading, response } = answered;
      calls.push(...answered.calls);
      steps.push(...answered.steps.map((step) => ({ ...step, name: `${name}, ${step.name}` })));
      const wrong =
        fault(reading) ?? (response.finishReason === 'length' ? `It was cut off at ${settings.maxOutputTokens} tokens.` : undefined);
      steps.push({ name, text: reading.text, ...(wrong !== undefined && { fault: wrong }) });
      if (isLast) return { ...reading, calls, steps, ...(response.recordedScores && { recordedScores: response.recordedScores }) };
      const given = reading.text.trim() === '' ? '(nothing)' : reading.text;
      messages = [...messages, { role: 'assistant', content: given }, { role: 'user', content: turns[index] as string }];
    }
    throw new TypeError('The manifest names no step.');
  };
}
