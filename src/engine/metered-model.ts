import type { CallableModel, ModelCall } from '#core/candidate.ts';
import { inputError } from '#core/errors.ts';
import { canonicalJson, sha256 } from '#core/json.ts';
import type { Model, ModelRequest, ModelResponse } from '#core/model.ts';
import { ModelError } from '#core/model-error.ts';
import { costOf, type NanoDollars } from '#core/money.ts';
import type { RecordedCall } from '#core/run.ts';
import type { Store } from '#core/store.ts';
import type { RetryPolicy } from './backoff.ts';
import type { Budget } from './budget.ts';
import type { Clock } from './clock.ts';
import { Limiter } from './limiter.ts';
import type { Meter } from './meter.ts';
import { meterEmbedding } from './metered-embedding.ts';
import { meterScoring } from './metered-scoring.ts';
import { pace } from './paced-request.ts';

export interface MeteredModelOptions {
  readonly model: Model;
  readonly store: Store;
  readonly budget: Budget;
  readonly meter: Meter;
  readonly retryPolicy: RetryPolicy;
  readonly clock: Clock;
  /** Aborted when nothing more should be sent. */
  readonly stopping?: AbortSignal;
}

const noUsage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };

type Answered = { readonly response: ModelResponse; readonly call: ModelCall };

/**
 * A model behind the engine's rules: an answer that is in the store is not bought again, equal requests in flight are
 * one request, the bound of requests adapts, what can be retried is retried, and everything is counted.
 */
export function meterModel(options: MeteredModelOptions): CallableModel {
  const { model, store, budget, meter, clock } = options;
  const limiter = new Limiter({ ...model.concurrency, clock, stopping: options.stopping });
  const inFlight = new Map<string, Promise<RecordedCall>>();

  if (budget.limitsCost && model.remote && model.price === undefined) {
    throw inputError({
      code: 'price-unknown',
      message: `A budget in dollars cannot be kept: the price of ${model.name} is not known.`,
      hint: `Give it under prices: in the task, as ${model.name}: { inputPerMillion: 0.15, outputPerMillion: 0.60 }, or use --max-calls.`,
    });
  }

  const send = pace({ ...options, limiter });

  const buy = async (key: string, request: ModelRequest, signal: AbortSignal): Promise<RecordedCall> => {
    const most = model.price === undefined ? 0 : mostItCanCost(model, request);
    const costOfReply = ({ cost, usage }: ModelResponse) => cost ?? (model.price === undefined ? 0 : costOf(usage ?? noUsage, model.price));
    const bought = await send({ most, send: () => model.generate(request, { signal }), costOf: costOfReply }, signal).catch(
      (error: unknown) => {
        // weights that cannot read so much never will; a service may be given a longer context meanwhile
        if (model.remote || !ModelError.is(error) || error.kind !== 'context-exceeded') throw error;
        const { message, hint } = error;
        const tooLong = { message, ...(hint !== undefined && { hint }) };
        const reply: RecordedCall['response'] = { text: '', finishReason: 'other', usage: null, latencyMs: null, tooLong };
        return { reply, cost: 0, tookMs: null };
      },
    );
    const { reply: response, cost, tookMs } = bought;
    const latencyMs = response.latencyMs === undefined ? tookMs : response.latencyMs;
    const call: RecordedCall = { key, model: model.name, response, cost, latencyMs, at: clock.now() };
    await store.recordCall(call);
    return call;
  };

  const toAnswered = ({ model: name, response, cost, latencyMs }: RecordedCall, cached: boolean): Answered => {
    if (response.tooLong !== undefined) throw new ModelError({ kind: 'context-exceeded', ...response.tooLong });
    const { usage, firstTokenMs } = response;
    const call = { model: name, usage, cost, latencyMs, ...(firstTokenMs === undefined ? {} : { firstTokenMs }), cached };
    return { response, call };
  };

  const { contextLength, replay } = model;
  const embed = meterEmbedding({ ...options, send });
  const score = meterScoring({ ...options, send });
  return {
    name: model.name,
    can: model.can,
    ...(contextLength === undefined ? {} : { contextLength }),
    ...(replay === undefined ? {} : { replay }),
    ...(model.countTokens === undefined ? {} : { countTokens: (text: string) => model.countTokens!(text) }),
    ...(embed === undefined ? {} : { embed }),
    ...(score === undefined ? {} : { score }),
    async generate(request, { signal }) {
      const key = sha256(`${model.fingerprint}\n${canonicalJson(request)}`);
      const pending = inFlight.get(key);
      if (pending !== undefined) {
        meter.cached++;
        return toAnswered(await pending, true);
      }
      const recorded = await store.call(key);
      if (recorded !== undefined) {
        meter.cached++;
        return toAnswered(recorded, true);
      }
      // a second look, since another request may have begun while the store was read
      const begunMeanwhile = inFlight.get(key);
      if (begunMeanwhile !== undefined) {
        meter.cached++;
        return toAnswered(await begunMeanwhile, true);
      }
      const begun = buy(key, request, signal);
      inFlight.set(key, begun);
      try {
        return toAnswered(await begun, false);
      } finally {
        inFlight.delete(key);
      }
    },
  };
}

/** An upper bound: a byte-level tokenizer never makes more tokens than bytes; 8 a message for the template. */
function mostItCanCost(model: Model, request: ModelRequest): NanoDollars {
  const inputTokens = request.messages.reduce((sum, message) => sum + Buffer.byteLength(message.content) + 8, 16);
  const outputTokens = request.maxOutputTokens ?? model.contextLength ?? 16_384;
  const price = { ...model.price, cachedInputPerMillion: undefined };
  return costOf({ inputTokens, cachedInputTokens: 0, outputTokens }, price);
}
