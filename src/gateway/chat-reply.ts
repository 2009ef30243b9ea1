import type { ModelResponse } from '#core/model.ts';

/** The parts of a chat completion that stay the same through a stream. */
export interface ReplyHead {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  /** The name that was asked for. */
  readonly model: string;
  readonly system_fingerprint: string;
}

const finishReasons = { stop: 'stop', length: 'length', 'content-filter': 'content_filter', other: 'stop' } as const;

/** A whole answer as `chat.completion`. */
export function completionBody(head: ReplyHead, response: ModelResponse): object {
  return {
    ...head,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: response.text, refusal: null, annotations: [] },
        logprobs: logProbabilitiesOf(response),
        finish_reason: finishReasons[response.finishReason],
      },
    ],
    usage: usageOf(response),
    service_tier: 'default',
  };
}

/** An answer as the chunks of a stream: its role, its text in pieces, its end, and its usage where that was asked for. */
export function* completionChunks(head: ReplyHead, response: ModelResponse, includeUsage: boolean): Generator<object> {
  const chunk = (choices: readonly object[], usage?: object | null): object => ({
    ...head,
    object: 'chat.completion.chunk',
    choices,
    ...(includeUsage ? { usage: usage ?? null } : {}),
  });
  const choice = (delta: object, more: object = {}): object => chunk([{ index: 0, delta, logprobs: null, finish_reason: null, ...more }]);
  yield choice({ role: 'assistant', content: '', refusal: null });
  // log-probabilities go by tokens, whose edges are not those of characters: they come with the first piece
  let logprobs = logProbabilitiesOf(response);
  for (const content of piecesOf(response.text)) {
    yield choice({ content }, { logprobs });
    logprobs = null;
  }
  yield choice({}, { finish_reason: finishReasons[response.finishReason], ...(logprobs === null ? {} : { logprobs }) });
  if (includeUsage) yield chunk([], usageOf(response));
}

/** A word with the space before it at a time. */
function piecesOf(text: string): readonly string[] {
  return text.match(/\s*\S+|\s+$/gu) ?? [];
}

function usageOf({ usage }: ModelResponse): object {
  const { inputTokens = 0, cachedInputTokens = 0, outputTokens = 0 } = usage ?? {};
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: cachedInputTokens, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
  };
}

function logProbabilitiesOf({ logProbabilities, text, finishReason }: ModelResponse): object | null {
  if (logProbabilities === undefined) return null;
  const last = logProbabilities.at(-1);
  // the end token is none of the answer's
  const ended = finishReason === 'stop' && last !== undefined && !text.endsWith(last.token);
  const content = (ended ? logProbabilities.slice(0, -1) : logProbabilities).map(({ token, logProbability }) => ({
    token,
    logprob: logProbability,
    bytes: [...Buffer.from(token)],
    top_logprobs: [],
  }));
  return { content, refusal: null };
}
