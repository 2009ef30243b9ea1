import { createHash } from 'node:crypto';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };
export type JsonObject = { readonly [key: string]: Json | undefined };

/**
 * JSON with object keys in code-unit order and without undefined members, so that equal values have equal text
 * (the ordering of RFC 8785; numbers as ECMAScript prints them).
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const record = value as Record<string, unknown>;
  const members = Object.keys(record)
    .filter((key) => record[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(record[key])}`);
  return `{${members.join(',')}}`;
}

/** SHA-256 of a text or of bytes, as 64 hexadecimal digits. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** SHA-256 of a value's canonical JSON. */
export function contentHash(value: unknown): string {
  return sha256(canonicalJson(value));
}

/** The same, made in pieces with a turn for others between them, for values whose canonical JSON is long: rows by the thousand. */
export async function contentHashInTurns(value: unknown, breathe: () => Promise<void> | undefined): Promise<string> {
  const hash = createHash('sha256');
  for (const piece of canonicalPieces(value)) {
    hash.update(piece);
    await breathe();
  }
  return hash.digest('hex');
}

/** Canonical JSON, members and elements one by one; an array in an array is a piece. */
function* canonicalPieces(value: unknown): Generator<string> {
  if (Array.isArray(value)) {
    let before = '[';
    for (const element of value) {
      yield `${before}${canonicalJson(element)}`;
      before = ',';
    }
    yield value.length === 0 ? '[]' : ']';
  } else if (isJsonObject(value)) {
    let before = '{';
    for (const key of Object.keys(value).sort()) {
      if (value[key] === undefined) continue;
      yield `${before}${JSON.stringify(key)}:`;
      yield* canonicalPieces(value[key]);
      before = ',';
    }
    yield before === '{' ? '{}' : '}';
  } else yield canonicalJson(value);
}

export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
