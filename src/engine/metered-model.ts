import type { CallableModel, ModelCall } from '#core/candidate.ts';
import { inputError } from '#core/errors.ts';
import { canonicalJson, sha256 } from '#core/json.ts';
import type { Model, ModelRequest, ModelResponse } from '#core/model.ts';
import { ModelError } from '#core/model-error.ts';
import { costOf, type NanoDollars } from '#core/money.ts';
import type { RecordedCall } from '#core/run.ts';
import type { Store } from '#core/store.ts';
import { type RetryPolicy, waitBeforeRetry } from './backoff.ts';
import type { Budget } from './budget.ts';
import type { Clock } from './clock.ts';
import { Limiter } from './limiter.ts';
import type { Meter } from './meter.ts';

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
  const { model, store, budget, meter, retryPolicy, clock } = options;
  const limiter = new Limiter({ ...model.concurrency, clock, stopping: options.stopping });
  const inFlight = new Map<string, Promise<RecordedCall>>();

  if (budget.limitsCost && model.remote && model.price === undefined) {
    throw inputError({
      code: 'price-unknown',
      message: `A budget in dollars cannot be kept: the price of ${model.name} is not known.`,
      hint: `Give it under prices: in the task, as ${model.name}: { inputPerMillion: 0.15, outputPerMillion: 0.60 }, or use --max-calls.`,
    });
  }

  const buy = async (key: string, request: ModelRequest, signal: AbortSignal): Promise<RecordedCall> => {
    const most = model.price === undefined ? 0 : mostItCanCost(model, request);
    for (let attempt = 1; ; attempt++) {
      await limiter.acquire(signal, attempt > 1);
      let settle: ReturnType<Budget['reserve']>;
      try {
        settle = budget.reserve(most);
      } catch (error) {
        limiter.release('failed', 0);
        throw error;
      }
      if (attempt > 1) meter.retries++;
      const begun = clock.elapsed();
      try {
        const response = await model.generate(request, { signal });
        const tookMs = clock.elapsed() - begun;
        const cost = response.cost ?? (model.price === undefined ? 0 : costOf(response.usage ?? noUsage, model.price));
        settle({ kind: 'answered', cost });
        limiter.release('answered', tookMs);
        const call: RecordedCall = {
          key,
          model: model.name,
          response,
          cost,
          latencyMs: response.latencyMs === undefined ? tookMs : response.latencyMs,
          at: clock.now(),
        };
        await store.recordCall(call);
        return call;
      } catch (error) {
        if (!ModelError.is(error)) {
          settle({ kind: 'uncertain' });
          limiter.release('failed', 0);
          throw error;
        }
        // a service may charge for what it answered badly or too late; it does not for what it refused
        settle({ kind: error.kind === 'bad-response' || error.kind === 'timeout' ? 'uncertain' : 'refused' });
        // 500 and its like are faults of one request; these are refusals for load
        const overloaded = error.kind === 'rate-limited' || error.status === 503 || error.status === 529;
        const waitMs = waitBeforeRetry(error, attempt, retryPolicy, clock.random);
        if (overloaded && error.retryAfterMs !== undefined && waitMs !== undefined) limiter.pauseUntil(clock.now() + waitMs);
        limiter.release(overloaded ? 'overloaded' : 'failed', 0);
        if (waitMs === undefined || !model.remote) throw error;
        await clock.wait(waitMs, options.stopping ?? signal);
      }
    }
  };

  const toAnswered = (call: RecordedCall, cached: boolean): Answered => ({
    response: call.response,
    call: { model: call.model, usage: call.response.usage, cost: call.cost, latencyMs: call.latencyMs, cached },
  });

  return {
    name: model.name,
    can: model.can,
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
