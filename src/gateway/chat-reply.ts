import type { ModelPiece, ModelResponse } from '#core/model.ts';
import type { Told } from './told-answers.ts';

/** The parts of a chat completion that stay the same through a stream. */
export interface ReplyHead {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  /** The name that was asked for. */
  readonly model: string;
  readonly system_fingerprint: string;
}

type LogProbabilities = NonNullable<ModelResponse['logProbabilities']>;

const finishReasons = { stop: 'stop', length: 'length', 'content-filter': 'content_filter', other: 'stop' } as const;

/** Whole answers as `chat.completion`. */
export async function completionBody(head: ReplyHead, answers: AsyncIterable<Told>): Promise<object> {
  const tokens = new Map<number, LogProbabilities>();
  const whole: Extract<Told, { response: unknown }>[] = [];
  for await (const told of answers) {
    if ('response' in told) whole.push(told);
    else tokens.set(told.index, [...(tokens.get(told.index) ?? []), ...(told.piece.logProbabilities ?? [])]);
  }
  return {
    ...head,
    object: 'chat.completion',
    choices: whole
      .sort((one, other) => one.index - other.index)
      .map(({ index, response, inPieces }) => ({
        index,
        message: { role: 'assistant', content: response.text, refusal: null, annotations: [] },
        logprobs: wireLogProbabilities(inPieces && response.logProbabilities !== undefined ? tokens.get(index) : answerTokens(response)),
        finish_reason: finishReasons[response.finishReason],
      })),
    usage: usageOf(whole.map(({ response }) => response)),
    service_tier: 'default',
  };
}

/** Answers as the chunks of a stream: of each its role, its text as it comes, its end; then the usage where that was asked for. */
export async function* completionChunks(head: ReplyHead, answers: AsyncIterable<Told>, includeUsage: boolean): AsyncGenerator<object> {
  const chunk = (choices: readonly object[], usage?: object | null): object => ({
    ...head,
    object: 'chat.completion.chunk',
    choices,
    ...(includeUsage ? { usage: usage ?? null } : {}),
  });
  const choice = (index: number, delta: object, more: object = {}): object =>
    chunk([{ index, delta, logprobs: null, finish_reason: null, ...more }]);
  const whole: ModelResponse[] = [];
  const begun = new Set<number>();
  for await (const told of answers) {
    const { index } = told;
    if (!begun.has(index)) yield choice(index, { role: 'assistant', content: '', refusal: null });
    begun.add(index);
    const pieces = 'piece' in told ? [told.piece] : told.inPieces ? [] : piecesOf(told.response);
    for (const { text, logProbabilities } of pieces)
      yield choice(index, { content: text }, { logprobs: wireLogProbabilities(logProbabilities) });
    if ('piece' in told) continue;
    whole.push(told.response);
    yield choice(index, {}, { finish_reason: finishReasons[told.response.finishReason] });
  }
  if (includeUsage) yield chunk([], usageOf(whole));
}

/** An answer that came whole, a word with the space before it at a time. */
function piecesOf(response: ModelResponse): readonly ModelPiece[] {
  const texts = response.text.match(/\s*\S+|\s+$/gu) ?? [];
  // log-probabilities go by tokens, whose edges are not those of words: they come with the first piece
  return texts.map((text, index) => ({ text, ...(index === 0 && { logProbabilities: answerTokens(response) }) }));
}

/** Several answers to one question read it once. */
function usageOf(responses: readonly ModelResponse[]): object {
  const { inputTokens = 0, cachedInputTokens = 0 } = responses[0]?.usage ?? {};
  const outputTokens = responses.reduce((sum, { usage }) => sum + (usage?.outputTokens ?? 0), 0);
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: cachedInputTokens, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
  };
}

/** The tokens of an answer that came whole; the end token is none of them. */
function answerTokens({ logProbabilities, text, finishReason }: ModelResponse): LogProbabilities | undefined {
  if (logProbabilities !== undefined && text === '') return [];
  const last = logProbabilities?.at(-1);
  const ended = finishReason === 'stop' && last !== undefined && !text.endsWith(last.token);
  return ended ? logProbabilities?.slice(0, -1) : logProbabilities;
}

function wireLogProbabilities(tokens: LogProbabilities | undefined): object | null {
  if (tokens === undefined) return null;
  const content = tokens.map(({ token, logProbability }) => ({
    token,
    logprob: logProbability,
    bytes: [...Buffer.from(token)],
    top_logprobs: [],
  }));
  return { content, refusal: null };
}
