import type { AskedAnswer, GuardContext, GuardInput } from '#core/guard.ts';
import type { TrainerSample } from '#core/trainer.ts';
import { shown } from './words.ts';

/** A sample row as the server answered it. */
export interface Compared {
  readonly sample: TrainerSample;
  readonly served: AskedAnswer;
  /** `tie`: another text, which the tolerance allows. */
  readonly outcome: 'same' | 'other' | 'tie';
  /** Absolute difference of ln p per token; absent where the server gives none. */
  readonly difference?: number;
  readonly reason: string;
}

/** How a sample's question is put. */
export const asking = ({ tokens }: TrainerSample) => ({ maxOutputTokens: tokens + 8, logProbabilities: true });

/**
 * The margin in ln p up to which two tokens may change places where each is off by at most the tolerance: one can lose as much
 * as the other gains, so twice that.
 */
export function nearTie(tolerance: number): number {
  return 2 * tolerance;
}

/** Puts a sample's question to the tuned model; undefined where it brought no answer. `tolerance` is of ln p per token. */
export async function compare(
  sample: TrainerSample,
  tolerance: number,
  input: GuardInput,
  context: GuardContext,
): Promise<Compared | undefined> {
  const served = await context.ask(input.tuned, { messages: sample.messages }, asking(sample));
  if (served === undefined) return undefined;
  const { text, logProbability } = served;
  if (text.trim() !== sample.text.trim()) {
    const difference = firstDifference(sample.text.trim(), text.trim());
    if (!isTie(sample, served, tolerance)) return { sample, served, outcome: 'other', reason: difference };
    return {
      sample,
      served,
      outcome: 'tie',
      reason: `a near tie, counted neither way (margin ${sample.margin?.toFixed(4)}): ${difference}`,
    };
  }
  if (logProbability === undefined)
    return { sample, served, outcome: 'same', reason: 'the same text; the server gives no log-probabilities' };
  const trained = trainedOver(sample, served);
  if (trained === undefined) {
    const reason = `the same text; the server gives log-probabilities of ${served.tokens} of ${sample.tokens} tokens`;
    return { sample, served, outcome: 'same', reason };
  }
  const difference = Math.abs(logProbability - trained.logProbability) / Math.max(1, trained.tokens);
  const figures = `ln p ${trained.logProbability.toFixed(4)} in training, ${logProbability.toFixed(4)} served, ${trained.tokens} tokens`;
  return { sample, served, difference, outcome: difference <= tolerance ? 'same' : 'other', reason: `the same text; ${figures}` };
}

/** A prompt of another length is another prompt: nothing excuses its answer. */
function isTie({ margin, promptTokens }: TrainerSample, served: AskedAnswer, tolerance: number): boolean {
  const isSamePrompt = promptTokens === undefined || served.promptTokens === undefined || served.promptTokens === promptTokens;
  return margin !== undefined && margin <= nearTie(tolerance) && isSamePrompt;
}

/**
 * The trainer's ln p over as many tokens as the server tells of: all, or all but the end token, which OpenAI's chat API leaves
 * out. Undefined where it tells of others, as llama.cpp does where several tokens make up a character.
 */
function trainedOver(sample: TrainerSample, served: AskedAnswer): { readonly logProbability: number; readonly tokens: number } | undefined {
  const { logProbability, tokens, endLogProbability } = sample;
  if (served.tokens === undefined || served.tokens === tokens) return { logProbability, tokens };
  if (endLogProbability === undefined || served.tokens !== tokens - 1) return undefined;
  return { logProbability: logProbability - endLogProbability, tokens: tokens - 1 };
}

function firstDifference(trained: string, served: string): string {
  let at = 0;
  while (at < trained.length && trained[at] === served[at]) at++;
  const from = Math.max(0, at - 20);
  return `differs at character ${at + 1}: ${shown(trained.slice(from), 60)} in training, ${shown(served.slice(from), 60)} served`;
}
