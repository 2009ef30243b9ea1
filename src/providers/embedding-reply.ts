import { isJsonObject } from '#core/json.ts';
import type { EmbeddingResponse } from '#core/model.ts';
import type { Unreadable } from './unreadable.ts';

/** The body of an embedding request. Its field names are those of OpenAI's API reference, which refuses an empty text. */
export function encodeEmbeddings(texts: readonly string[], model: string, encoding: 'base64' | 'float'): string {
  return JSON.stringify({ model, input: texts.map((text) => (text === '' ? ' ' : text)), encoding_format: encoding });
}

/**
 * Reads a reply to an embedding request: one vector for each of so many texts, by their index, all of one length, as lists
 * of numbers or as base64 of little-endian floats.
 */
export function readEmbeddings(body: string, texts: readonly string[]): EmbeddingResponse | Unreadable {
  let reply: unknown;
  try {
    reply = JSON.parse(body);
  } catch {
    return { fault: body === '' ? 'the reply is empty' : 'the reply is not JSON' };
  }
  const data = isJsonObject(reply) ? reply['data'] : undefined;
  if (!isJsonObject(reply) || !Array.isArray(data)) return { fault: 'the reply has no list of embeddings' };
  if (data.length !== texts.length) return { fault: `the reply has ${data.length} embeddings for ${texts.length} texts` };
  const vectors = new Array<Float32Array | undefined>(texts.length).fill(undefined);
  for (const [at, entry] of (data as unknown[]).entries()) {
    const { index = at, embedding } = isJsonObject(entry) ? entry : {};
    const vector = vectorOf(embedding);
    if (vector === undefined) return { fault: 'an embedding is not a list of finite numbers' };
    if (typeof index !== 'number' || !(index in vectors) || vectors[index] !== undefined)
      return { fault: 'the embeddings are misnumbered' };
    vectors[index] = vector;
  }
  const whole = vectors as Float32Array[];
  if (whole.some(({ length }) => length !== whole[0]!.length)) return { fault: 'the embeddings differ in length' };
  return { vectors: whole, usage: usageOf(reply['usage'], texts) };
}

function vectorOf(value: unknown): Float32Array | undefined {
  const vector = typeof value === 'string' ? decoded(value) : Array.isArray(value) ? listed(value) : undefined;
  return vector === undefined || vector.length === 0 || !vector.every(Number.isFinite) ? undefined : vector;
}

function listed(values: readonly unknown[]): Float32Array | undefined {
  return values.every((value) => typeof value === 'number') ? Float32Array.from(values) : undefined;
}

function decoded(text: string): Float32Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length % 4 !== 0) return undefined;
  return Float32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(4 * at));
}

// One token per four characters where the service counts none, as for chat.
function usageOf(value: unknown, texts: readonly string[]): EmbeddingResponse['usage'] {
  const counted = isJsonObject(value) ? value['prompt_tokens'] : undefined;
  const isCount = typeof counted === 'number' && Number.isSafeInteger(counted) && counted >= 0;
  const inputTokens = isCount ? counted : texts.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0);
  return { inputTokens, cachedInputTokens: 0, outputTokens: 0 };
}
