import type { CallableModel, ModelCall } from '#core/candidate.ts';
import { sha256 } from '#core/json.ts';
import type { EmbeddingResponse, Model } from '#core/model.ts';
import { costOf, type NanoDollars, type Usage } from '#core/money.ts';
import type { RecordedCall } from '#core/run.ts';
import type { Store } from '#core/store.ts';
import type { Clock } from './clock.ts';
import type { Meter } from './meter.ts';
import type { pace } from './paced-request.ts';

/**
 * What one request holds at most. OpenAI takes 2048 texts and 300,000 tokens in all (API reference, "Create embeddings");
 * a byte-level tokenizer never makes more tokens than bytes. Smaller servers hold a batch in memory at once.
 */
const mostTexts = 128;
const mostBytes = 250_000;

export interface MeteredEmbeddingOptions {
  readonly model: Model;
  readonly store: Store;
  readonly meter: Meter;
  readonly clock: Clock;
  readonly send: ReturnType<typeof pace>;
}

/** What was recorded of one text. */
type Part = Pick<RecordedCall, 'cost' | 'latencyMs'> & { readonly vector: Float32Array; readonly usage: Usage | null };

/**
 * Vectors behind the engine's rules: each text is recorded by itself and never bought again, equal texts in flight are
 * bought once, and what is missing is bought in batches. The call sums them up; its time is that of the slowest batch.
 * Undefined where the model makes none.
 */
export function meterEmbedding(options: MeteredEmbeddingOptions): CallableModel['embed'] {
  const { model, store, meter } = options;
  if (model.embed === undefined) return undefined;
  const inFlight = new Map<string, Promise<Part>>();
  return async (texts, { signal }) => {
    const keys = texts.map((text) => sha256(`${model.fingerprint}\nembedding\n${text}`));
    const textOf = new Map(keys.map((key, at) => [key, texts[at]!]));
    const distinct = [...textOf.keys()];
    const parts = new Map<string, Promise<Part> | Part>();
    const take = (key: string, known: Promise<Part> | Part | undefined) => {
      if (known === undefined || parts.has(key)) return;
      meter.cached++;
      parts.set(key, known);
    };
    for (const key of distinct) take(key, inFlight.get(key));
    const recorded = await Promise.all(distinct.map(async (key) => (parts.has(key) ? undefined : store.call(key))));
    for (const [at, key] of distinct.entries()) {
      const call = recorded[at];
      // a second look, since another caller may have begun while the store was read
      take(key, call === undefined ? inFlight.get(key) : partOf(call));
    }
    const missing = [...textOf].filter(([key]) => !parts.has(key));
    for (const batch of batchesOf(missing)) {
      const bought = buy(options, batch, signal);
      for (const [at, [key]] of batch.entries()) {
        const part = bought.then((all) => all[at]!);
        inFlight.set(key, part);
        parts.set(key, part);
        part.catch(() => undefined).finally(() => inFlight.delete(key));
      }
    }
    // where one batch fails, what the others paid for is recorded before the caller closes the store
    await Promise.allSettled(parts.values());
    const got = new Map(await Promise.all(distinct.map(async (key) => [key, await parts.get(key)!] as const)));
    const call = { model: model.name, ...totalOf([...got.values()]), cached: missing.length === 0 };
    return { vectors: keys.map((key) => got.get(key)!.vector), call };
  };
}

function totalOf(parts: readonly Part[]): Pick<ModelCall, 'usage' | 'cost' | 'latencyMs'> {
  const tokens = parts.map(({ usage }) => usage?.inputTokens ?? Number.NaN);
  const inputTokens = sum(tokens);
  return {
    usage: Number.isNaN(inputTokens) ? null : { inputTokens, cachedInputTokens: 0, outputTokens: 0 },
    cost: sum(parts.map(({ cost }) => cost)),
    latencyMs: parts.some(({ latencyMs }) => latencyMs === null) ? null : Math.max(0, ...parts.map(({ latencyMs }) => latencyMs!)),
  };
}

async function buy(
  { model, store, clock, send }: MeteredEmbeddingOptions,
  batch: readonly (readonly [key: string, text: string])[],
  signal: AbortSignal,
): Promise<readonly Part[]> {
  const texts = batch.map(([, text]) => text);
  const bytes = texts.map((text) => Buffer.byteLength(text));
  const priceOf = (inputTokens: number): NanoDollars =>
    model.price === undefined ? 0 : costOf({ inputTokens, cachedInputTokens: 0, outputTokens: 0 }, model.price);
  const most = priceOf(sum(bytes) + 8 * texts.length);
  const costOfReply = ({ usage }: EmbeddingResponse) => priceOf(usage?.inputTokens ?? 0);
  const { reply, cost, tookMs } = await send({ most, send: () => model.embed!(texts, { signal }), costOf: costOfReply }, signal);
  const [costs, tokens] = [shareOut(cost, bytes), shareOut(reply.usage?.inputTokens ?? 0, bytes)];
  const record = async ([key]: readonly [string, string], at: number): Promise<Part> => {
    const usage = reply.usage === null ? null : { inputTokens: tokens[at]!, cachedInputTokens: 0, outputTokens: 0 };
    const response = { text: toBase64(reply.vectors[at]!), finishReason: 'stop' as const, usage };
    await store.recordCall({ key, model: model.name, response, cost: costs[at]!, latencyMs: tookMs, at: clock.now() });
    return { vector: reply.vectors[at]!, usage, cost: costs[at]!, latencyMs: tookMs };
  };
  return Promise.all(batch.map(record));
}

function batchesOf<T extends readonly [string, string]>(texts: readonly T[]): T[][] {
  const batches: T[][] = [];
  let bytes = 0;
  for (const each of texts) {
    const size = Buffer.byteLength(each[1]);
    const last = batches.at(-1);
    if (last === undefined || last.length >= mostTexts || bytes + size > mostBytes) {
      batches.push([each]);
      bytes = size;
    } else {
      last.push(each);
      bytes += size;
    }
  }
  return batches;
}

/** A whole number in whole shares by weight, so that they sum to it. */
function shareOut(total: number, weights: readonly number[]): number[] {
  const all = sum(weights) || 1;
  let [seen, given] = [0, 0];
  return weights.map((weight, at) => {
    seen += weight;
    const upTo = at === weights.length - 1 ? total : Math.floor((total * seen) / all);
    const share = upTo - given;
    given = upTo;
    return share;
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Little-endian floats, as the wire has them; every platform that Node runs on is little-endian. */
function toBase64(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64');
}

function partOf({ response, cost, latencyMs }: RecordedCall): Part {
  const bytes = Buffer.from(response.text, 'base64');
  const vector = new Float32Array(bytes.length / 4);
  new Uint8Array(vector.buffer).set(bytes);
  return { vector, usage: response.usage, cost, latencyMs };
}
