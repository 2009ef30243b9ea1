import type { CallableModel } from '#core/candidate.ts';
import { canonicalJson, sha256 } from '#core/json.ts';
import type { Model, ScoredAnswer, ScoreRequest } from '#core/model.ts';
import { costOf, type Usage } from '#core/money.ts';
import type { RecordedCall } from '#core/run.ts';
import type { Store } from '#core/store.ts';
import type { Clock } from './clock.ts';
import type { Meter } from './meter.ts';
import type { pace } from './paced-request.ts';

export interface MeteredScoringOptions {
  readonly model: Model;
  readonly store: Store;
  readonly meter: Meter;
  readonly clock: Clock;
  readonly send: ReturnType<typeof pace>;
}

/**
 * Log-probabilities of given answers behind the engine's rules: what is in the store is not asked again, and a request is
 * one call however many answers it holds. Undefined where the model tells none.
 */
export function meterScoring({ model, store, meter, clock, send }: MeteredScoringOptions): CallableModel['score'] {
  if (model.score === undefined) return undefined;
  return async ({ messages, answers }, { signal }) => {
    const request = { messages, answers };
    const key = sha256(`${model.fingerprint}\nscore\n${canonicalJson(request)}`);
    const recorded = await store.call(key);
    if (recorded !== undefined) {
      meter.cached++;
      return scored(recorded, true);
    }
    const billed = (usage: Usage | null) => (usage === null || model.price === undefined ? 0 : costOf(usage, model.price));
    const { reply, cost, tookMs } = await send(
      {
        most: billed({ inputTokens: mostTokens(request), cachedInputTokens: 0, outputTokens: 0 }),
        send: () => model.score!(request, { signal }),
        costOf: ({ usage }) => billed(usage),
      },
      signal,
    );
    const text = JSON.stringify(reply.scores.map(({ logProbability, tokens }) => [logProbability, tokens]));
    const response = { text, finishReason: 'stop' as const, usage: reply.usage };
    const call: RecordedCall = { key, model: model.name, response, cost, latencyMs: tookMs, at: clock.now() };
    await store.recordCall(call);
    return scored(call, false);
  };
}

function scored({ model, response, cost, latencyMs }: RecordedCall, cached: boolean) {
  const pairs = JSON.parse(response.text) as readonly (readonly [number, number])[];
  const scores = pairs.map(([logProbability, tokens]): ScoredAnswer => ({ logProbability, tokens }));
  return { scores, call: { model, usage: response.usage, cost, latencyMs, cached } };
}

/** A byte-level tokenizer never makes more tokens than bytes; 8 a message for the template. */
function mostTokens({ messages, answers }: ScoreRequest): number {
  const conversation = messages.reduce((sum, { content }) => sum + Buffer.byteLength(content) + 8, 16);
  return answers.reduce((sum, answer) => sum + conversation + Buffer.byteLength(answer) + 8, 0);
}
