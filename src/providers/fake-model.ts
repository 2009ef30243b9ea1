import { contentHash } from '#core/json.ts';
import type { GenerateOptions, Model, ModelAbilities, ModelRequest, ModelResponse } from '#core/model.ts';
import { ModelError } from '#core/model-error.ts';
import type { Price, Usage } from '#core/money.ts';

/** A request as a fake model received it. */
export interface FakeCall {
  readonly request: ModelRequest;
  /** From 0, over all requests. */
  readonly index: number;
  /** From 0, over requests equal to this one. */
  readonly attempt: number;
}

export interface FakeModelOptions {
  readonly name?: string;
  /** Last user message → answer, or a function of the call. What a table does not hold is an error `not-recorded`. */
  readonly answers: Readonly<Record<string, string>> | ((call: FakeCall) => string | Partial<ModelResponse>);
  /** Answer to what the table does not hold. */
  readonly otherwise?: string;
  /** Milliseconds until the answer; at once unless told. */
  readonly latencyMs?: number | ((call: FakeCall) => number);
  /** What to throw instead of an answer; undefined lets the call through. */
  readonly failure?: (call: FakeCall) => Error | undefined;
  /** One token per word unless told. */
  readonly usage?: (request: ModelRequest, text: string) => Usage;
  /** Part of the key of recorded answers: change it where a function's answers change. */
  readonly version?: string;
  readonly price?: Price;
  readonly contextLength?: number;
  readonly can?: ModelAbilities;
  readonly concurrency?: Model['concurrency'];
  /** False unless told: a remote model is retried and counts against a budget in dollars. */
  readonly remote?: boolean;
}

export interface FakeModel extends Model {
  /** Every request received, in order. */
  readonly calls: readonly FakeCall[];
  /** Most requests that were in work at the same time. */
  readonly peakConcurrency: number;
}

/**
 * A model for tests: the same request always gets the same answer, as fast, as slowly or as faultily as the test wants.
 *
 *     const model = fakeModel({ answers: { 'Where is my parcel?': 'shipping' } });
 */
export function fakeModel(options: FakeModelOptions): FakeModel {
  const { answers, otherwise, version = '' } = options;
  const name = options.name ?? 'fake/model';
  const calls: FakeCall[] = [];
  const attempts = new Map<string, number>();
  let working = 0;
  let peakConcurrency = 0;

  function answerTo(call: FakeCall): string | Partial<ModelResponse> {
    if (typeof answers === 'function') return answers(call);
    const asked = call.request.messages.findLast((message) => message.role === 'user')?.content ?? '';
    const answer = Object.hasOwn(answers, asked) ? answers[asked] : otherwise;
    if (answer !== undefined) return answer;
    throw new ModelError({ kind: 'not-recorded', message: `${name} holds no answer to this input.`, hint: 'Add it to its answers.' });
  }

  async function generate(request: ModelRequest, { signal }: GenerateOptions): Promise<ModelResponse> {
    signal.throwIfAborted();
    const key = contentHash(request);
    const attempt = attempts.get(key) ?? 0;
    attempts.set(key, attempt + 1);
    const call = { request, index: calls.length, attempt };
    calls.push(call);
    peakConcurrency = Math.max(peakConcurrency, ++working);
    try {
      const latencyMs = typeof options.latencyMs === 'function' ? options.latencyMs(call) : (options.latencyMs ?? 0);
      if (latencyMs > 0) await wait(latencyMs, signal);
      const failure = options.failure?.(call);
      if (failure !== undefined) throw failure;
      const answer = answerTo(call);
      const given = typeof answer === 'string' ? { text: answer } : answer;
      const text = given.text ?? '';
      return { finishReason: 'stop', usage: (options.usage ?? wordUsage)(request, text), ...given, text };
    } finally {
      working--;
    }
  }

  return {
    name,
    fingerprint: contentHash({ kind: 'fake', name, version, otherwise, answers: typeof answers === 'function' ? undefined : answers }),
    price: options.price ?? {},
    contextLength: options.contextLength,
    can: options.can ?? {},
    concurrency: options.concurrency ?? { initial: 8, maximum: 32 },
    remote: options.remote ?? false,
    generate,
    calls,
    get peakConcurrency() {
      return peakConcurrency;
    },
  };
}

function wordUsage(request: ModelRequest, text: string): Usage {
  const count = (part: string) => part.split(/\s+/).filter((word) => word !== '').length;
  const inputTokens = request.messages.reduce((sum, message) => sum + count(message.content), 0);
  return { inputTokens, cachedInputTokens: 0, outputTokens: count(text) };
}

function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
