import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import { contentHash, isJsonObject } from '#core/json.ts';
import type { FinishReason, GenerateOptions, Model, ModelAbilities, ModelRequest, ModelResponse } from '#core/model.ts';
import { ModelError } from '#core/model-error.ts';
import type { Price, Usage } from '#core/money.ts';
import { badResponse, type ServiceIdentity } from '#http/service-error.ts';
import { aiSdkError } from './ai-sdk-error.ts';
import { readAiSdkStream } from './ai-sdk-stream.ts';
import { estimatedUsage } from './chat-completion.ts';

/** What versions 2 to 4 of the AI SDK's language model specification have in common, as far as it is used here. */
export interface AiSdkLanguageModel {
  readonly specificationVersion: string;
  readonly provider: string;
  readonly modelId: string;
  doGenerate(options: LanguageModelV4CallOptions): PromiseLike<unknown>;
  doStream?(options: LanguageModelV4CallOptions): PromiseLike<unknown>;
}

export interface FromAiSdkOptions {
  /** `provider/model` of the AI SDK unless told. */
  readonly name?: string;
  readonly price?: Price;
  readonly concurrency?: Model['concurrency'];
  /** For one whole call; 60,000 unless told. */
  readonly timeoutMs?: number;
  readonly contextLength?: number;
  /** What this model is known to do; nothing beyond plain chat unless told. */
  readonly can?: ModelAbilities;
  /** Asks for a stream, so that the time of the first token is known; unless told, where the answer is wanted in pieces. Never where the model has none. */
  readonly stream?: boolean;
  /** Masked in messages. */
  readonly key?: string;
  /** Named in the hint where the service refuses the key. */
  readonly keyVariable?: string;
}

const versions: ReadonlySet<unknown> = new Set(['v2', 'v3', 'v4']);
const defaultTimeoutMs = 60_000;

/** True for a language model value of the AI SDK, of any package copy. */
export function isAiSdkModel(value: unknown): value is AiSdkLanguageModel {
  return (
    isJsonObject(value) &&
    versions.has(value['specificationVersion']) &&
    typeof value['doGenerate'] === 'function' &&
    typeof value['provider'] === 'string' &&
    typeof value['modelId'] === 'string'
  );
}

/** Makes a Model of any AI SDK language model value, such as `openai('gpt-5-mini')`. */
export function fromAiSdk(model: AiSdkLanguageModel, options: FromAiSdkOptions = {}): Model {
  const name = options.name ?? `${model.provider}/${model.modelId}`;
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const service: ServiceIdentity = { name, key: options.key, keyVariable: options.keyVariable ?? 'that its provider reads' };

  const ask = async (request: ModelRequest, abortSignal: AbortSignal, onPiece: GenerateOptions['onPiece']): Promise<unknown> => {
    const asked = callOptions(request, abortSignal);
    const asksStream = options.stream ?? onPiece !== undefined;
    if (!asksStream || model.doStream === undefined) return model.doGenerate(asked);
    const begun = performance.now();
    return readAiSdkStream(await model.doStream(asked), begun, service, onPiece);
  };

  async function generate(request: ModelRequest, { signal, onPiece }: GenerateOptions): Promise<ModelResponse> {
    signal.throwIfAborted();
    let result: unknown;
    try {
      result = await withDeadline(signal, timeoutMs, service, (abortSignal) => ask(request, abortSignal, onPiece));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw aiSdkError(error, service);
    }
    return readResult(result, request, service);
  }

  return {
    name,
    fingerprint: contentHash({ kind: 'ai-sdk', provider: model.provider, model: model.modelId }),
    price: options.price,
    priceIsAssumed: options.price === undefined ? undefined : true,
    contextLength: options.contextLength,
    can: options.can ?? {},
    concurrency: options.concurrency ?? { initial: 8, maximum: 32 },
    remote: true,
    generate,
  };
}

function callOptions(request: ModelRequest, abortSignal: AbortSignal): LanguageModelV4CallOptions {
  const { jsonSchema } = request;
  return {
    prompt: request.messages.map(({ role, content }) =>
      role === 'system' ? { role, content } : { role, content: [{ type: 'text' as const, text: content }] },
    ),
    maxOutputTokens: request.maxOutputTokens,
    temperature: request.temperature ?? 0,
    topP: request.topP,
    seed: request.seed,
    stopSequences: request.stop === undefined ? undefined : [...request.stop],
    responseFormat: isJsonObject(jsonSchema) ? { type: 'json', name: 'answer', schema: jsonSchema } : undefined,
    abortSignal,
  };
}

// The race ends the call also where a model pays no heed to its abort signal.
function withDeadline<T>(
  signal: AbortSignal,
  timeoutMs: number,
  service: ServiceIdentity,
  call: (signal: AbortSignal) => PromiseLike<T>,
): Promise<T> {
  const controller = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const stop = (reason: unknown) => {
      controller.abort(reason);
      reject(reason);
    };
    const onAbort = () => stop(signal.reason);
    const timer = setTimeout(
      () => stop(new ModelError({ kind: 'timeout', message: `${service.name} did not answer in time.` })),
      timeoutMs,
    );
    signal.addEventListener('abort', onAbort, { once: true });
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    controller.signal.addEventListener('abort', settle, { once: true });
    Promise.resolve(call(controller.signal)).then(resolve, reject).finally(settle);
  });
}

const finishReasons: ReadonlySet<unknown> = new Set<FinishReason>(['stop', 'length', 'content-filter', 'other']);

// Version 2 gives a word, later ones {unified, raw}.
function finishReasonOf(value: unknown): FinishReason {
  const word = isJsonObject(value) ? value['unified'] : value;
  return finishReasons.has(word) ? (word as FinishReason) : 'other';
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && Number.isSafeInteger(value) ? value : undefined;
}

// Version 2 gives numbers, later ones {total, …}; version 2 puts what came from the cache in a field of its own.
function usageOf(value: unknown, request: ModelRequest, text: string): Usage {
  if (!isJsonObject(value)) return estimatedUsage(request, text);
  const { inputTokens: input, outputTokens: output } = value;
  const inputTokens = count(isJsonObject(input) ? input['total'] : input);
  const outputTokens = count(isJsonObject(output) ? output['total'] : output);
  const cached = count(isJsonObject(input) ? input['cacheRead'] : value['cachedInputTokens']) ?? 0;
  if (inputTokens === undefined || outputTokens === undefined) return estimatedUsage(request, text);
  return { inputTokens, cachedInputTokens: Math.min(cached, inputTokens), outputTokens };
}

function readResult(result: unknown, request: ModelRequest, service: ServiceIdentity): ModelResponse {
  if (!isJsonObject(result) || !Array.isArray(result['content'])) throw badResponse(service, 'the result has no content');
  const finishReason = finishReasonOf(result['finishReason']);
  const texts = (result['content'] as unknown[]).flatMap((part) =>
    isJsonObject(part) && part['type'] === 'text' && typeof part['text'] === 'string' ? [part['text']] : [],
  );
  // Nothing but reasoning is an answer that ran out of tokens; otherwise a text must be there.
  if (texts.length === 0 && finishReason !== 'length' && finishReason !== 'content-filter')
    throw badResponse(service, 'the result has no text');
  const text = texts.join('');
  const { firstTokenMs } = result;
  return {
    text,
    finishReason,
    usage: usageOf(result['usage'], request, text),
    ...(typeof firstTokenMs === 'number' ? { firstTokenMs } : {}),
  };
}
