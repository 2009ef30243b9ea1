import { cutAdvice, estimateTokens, type PromptPart, promptParts, tokensTold } from '#approaches/prompt-length.ts';
import { renderClosed } from '#approaches/prompt-turns.ts';
import type { PromptedState } from '#approaches/prompted.ts';
import type { Input } from '#core/example.ts';
import type { Message } from '#core/message.ts';
import type { Model } from '#core/model.ts';
import { ModelError } from '#core/model-error.ts';

/** What a prompt comes to for one input, in tokens. */
export interface PromptTokens {
  readonly messages: readonly Message[];
  /** True where no tokenizer is at hand: four bytes a token. */
  readonly estimated: boolean;
  readonly parts: readonly PromptPart[];
  /** What the chat template adds to the texts. */
  readonly template: { readonly tokens: number; readonly estimated: boolean };
  readonly total: number;
  readonly contextLength?: number;
  /** Where it is longer than what the model reads: by how much, and what to cut. */
  readonly tooLong?: { readonly by: number; readonly advice: string };
}

/** What services add around each turn and before the answer, where the template is not at hand (OpenAI's cookbook, "How to count tokens with tiktoken"). */
const usualPerMessage = 3;
const usualForAnswer = 3;

/** Counts the parts of a prompt for one input, by the model's own tokenizer where it is at hand. A local model is asked for one token, to see what its template adds. */
export async function countPrompt(state: PromptedState, input: Input, model: Model): Promise<PromptTokens> {
  const count = model.countTokens === undefined ? estimateTokens : (text: string) => model.countTokens!(text);
  const messages = renderClosed(state, state.shots, input);
  const parts = promptParts(state, state.shots, input, count);
  const texts = messages.reduce((sum, { content }) => sum + count(content), 0);
  const read = model.remote || model.countTokens === undefined ? undefined : await tokensRead(model, messages);
  const template =
    read === undefined
      ? { tokens: usualPerMessage * messages.length + usualForAnswer, estimated: true }
      : { tokens: Math.max(0, read - texts), estimated: false };
  const total = texts + template.tokens;
  const { contextLength } = model;
  const by = contextLength === undefined ? 0 : total - contextLength + 1;
  return {
    messages,
    estimated: model.countTokens === undefined,
    parts,
    template,
    total,
    ...(contextLength !== undefined && { contextLength }),
    ...(by > 0 && { tooLong: { by, advice: cutAdvice(parts, by) } }),
  };
}

async function tokensRead(model: Model, messages: readonly Message[]): Promise<number | undefined> {
  try {
    const { usage } = await model.generate({ messages, maxOutputTokens: 1 }, { signal: AbortSignal.timeout(30_000) });
    return usage?.inputTokens;
  } catch (error) {
    // of an answer that was not recorded the estimate says enough
    const told = ModelError.is(error) && error.kind === 'context-exceeded' ? tokensTold(error.message) : [];
    return told.length === 0 ? undefined : Math.max(...told);
  }
}
