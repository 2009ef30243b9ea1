import type { Input } from '#core/example.ts';
import { canonicalJson } from '#core/json.ts';

/** Characters of a shingle: the usual length for short texts (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, 3.2). */
const shingleLength = 5;
/** Shingles kept of one text; of a longer one those with the smallest hashes, a sample that is the same for equal parts. */
const maximumShingles = 2048;

/** The text by which two inputs are compared: what was said to the model, without case, accents' forms, punctuation and spacing. */
export function comparableText(input: Input): string {
  return rawText(input)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

// A system turn that all rows share would make them all alike.
function rawText(input: Input): string {
  if (typeof input === 'string') return input;
  if (!('messages' in input && Array.isArray(input.messages))) return canonicalJson(input);
  return (input.messages as readonly { role: string; content: string }[])
    .filter(({ role }) => role !== 'system')
    .map(({ content }) => content)
    .join('\n');
}

/** No text has more shingles than this. */
export function mostShingles(text: string): number {
  return Math.min(maximumShingles, Math.max(1, text.length - shingleLength + 1));
}

/** Hashes of the distinct five-character pieces of a text, ascending. A shorter text is one piece. */
export function shinglesOf(text: string): Uint32Array {
  const hashes = new Uint32Array(Math.max(1, text.length - shingleLength + 1));
  for (let start = 0; start < hashes.length; start += 1) hashes[start] = hashOf(text, start, Math.min(start + shingleLength, text.length));
  hashes.sort();
  let distinct = 0;
  for (const hash of hashes) {
    if (distinct === 0 || hashes[distinct - 1] !== hash) {
      hashes[distinct] = hash;
      distinct += 1;
    }
  }
  return hashes.slice(0, Math.min(distinct, maximumShingles));
}

// FNV-1a over code units (Fowler, Noll, Vo), with a final mix so that small hashes are a fair sample.
function hashOf(text: string, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let index = start; index < end; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
