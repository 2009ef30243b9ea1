import { isJsonObject } from '#core/json.ts';
import type { FinishReason, ModelRequest, ModelResponse } from '#core/model.ts';
import type { Usage } from '#core/money.ts';
import { answerOfCalls, type ToolCall, toolCallsOf } from './answer-tool.ts';
import type { Unreadable } from './unreadable.ts';

type LogProbabilities = NonNullable<ModelResponse['logProbabilities']>;

const finishReasons: ReadonlyMap<unknown, FinishReason> = new Map<unknown, FinishReason>([
  ['stop', 'stop'],
  ['length', 'length'],
  ['content_filter', 'content-filter'],
  ['tool_calls', 'stop'],
]);

export function finishReasonOf(value: unknown): FinishReason {
  return finishReasons.get(value) ?? 'other';
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && Number.isSafeInteger(value) ? value : undefined;
}

/** The usage that a service counted; undefined where it gives none or it cannot be. */
export function usageOf(value: unknown): Usage | undefined {
  if (!isJsonObject(value)) return undefined;
  const inputTokens = count(value['prompt_tokens']);
  const outputTokens = count(value['completion_tokens']);
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  const details = value['prompt_tokens_details'];
  const cached = isJsonObject(details) ? (count(details['cached_tokens']) ?? 0) : 0;
  return { inputTokens, cachedInputTokens: Math.min(cached, inputTokens), outputTokens };
}

/**
 * Usage for services that count none: one token per four characters, rounded up, OpenAI's rule of thumb for English
 * (help.openai.com, "What are tokens and how to count them?"), so that a budget still sees the call.
 */
export function estimatedUsage(request: ModelRequest, text: string): Usage {
  let characters = 0;
  for (const message of request.messages) characters += message.content.length;
  return { inputTokens: Math.ceil(characters / 4), cachedInputTokens: 0, outputTokens: Math.ceil(text.length / 4) };
}

/** Appends what a `logprobs` object holds to `into`; what is not of its shape is left out. */
export function readLogProbabilities(value: unknown, into: LogProbabilities[number][]): void {
  if (!isJsonObject(value) || !Array.isArray(value['content'])) return;
  for (const entry of value['content'] as unknown[]) {
    if (!isJsonObject(entry)) continue;
    const { token, logprob } = entry;
    if (typeof token === 'string' && typeof logprob === 'number') into.push({ token, logProbability: logprob });
  }
}

/** Reads the body of a chat completion. */
export function readCompletion(body: string, request: ModelRequest): ModelResponse | Unreadable {
  let reply: unknown;
  try {
    reply = JSON.parse(body);
  } catch {
    return { fault: body === '' ? 'the reply is empty' : 'the reply is not JSON' };
  }
  if (!isJsonObject(reply)) return { fault: 'the reply is not a JSON object' };
  const choices = reply['choices'];
  if (!Array.isArray(choices)) return { fault: isJsonObject(reply['error']) ? 'the reply holds an error' : 'the reply has no choices' };
  const choice: unknown = choices[0];
  if (choice === undefined) return { fault: 'the reply has an empty list of choices' };
  const message = isJsonObject(choice) ? choice['message'] : undefined;
  if (!isJsonObject(choice) || !isJsonObject(message)) return { fault: 'the first choice has no message' };
  const said = readMessage(message, finishReasonOf(choice['finish_reason']), request);
  if ('fault' in said) return said;
  const { text, finishReason } = said;
  const response = { text, finishReason, usage: usageOf(reply['usage']) ?? estimatedUsage(request, text) };
  if (!isJsonObject(choice['logprobs'])) return response;
  const logProbabilities: LogProbabilities[number][] = [];
  readLogProbabilities(choice['logprobs'], logProbabilities);
  return { ...response, logProbabilities };
}

function readMessage(
  message: Record<string, unknown>,
  finishReason: FinishReason,
  request: ModelRequest,
): Pick<ModelResponse, 'text' | 'finishReason'> | Unreadable {
  const calls = toolCallsOf(message['tool_calls']);
  if (calls.length > 0) return readCalls(calls, finishReason, request);
  const text = message['content'];
  if (typeof text === 'string') return { text, finishReason };
  if (typeof message['refusal'] === 'string') return { text: message['refusal'], finishReason: 'content-filter' };
  if (text === null && finishReason === 'content-filter') return { text: '', finishReason };
  return { fault: 'the message has no content' };
}

/** What the calls of a reply say; a reply that ended with its calls ended as it should. */
export function readCalls(
  calls: readonly ToolCall[],
  finishReason: FinishReason,
  request: ModelRequest,
): Pick<ModelResponse, 'text' | 'finishReason'> | Unreadable {
  const text = answerOfCalls(calls, request.jsonSchema);
  return typeof text === 'string' ? { text, finishReason } : text;
}
