import type { ComparableUnits } from './comparable-units.ts';
import { mixed } from './shingle-hashes.ts';

/** Words of a gram: the longest length that Brown and others 2020 (arXiv:2005.14165, appendix C) hold training data against tests by. */
export const gramWords = 13;
const space = 0x20;

/** Calls `found` with the hash, above 0 and below 2^53, of each run of thirteen words of a comparable text. */
export function wordGrams({ units, length }: ComparableUnits, found: (gram: number) => void): void {
  const recent = new Uint32Array(gramWords);
  let [word, letters, words] = [0x811c9dc5, 0, 0];
  for (let at = 0; at <= length; at += 1) {
    if (at < length && units[at] !== space) {
      word = Math.imul(word ^ units[at]!, 0x01000193);
      letters += 1;
      continue;
    }
    if (letters > 0) {
      recent[words % gramWords] = mixed(word);
      words += 1;
      if (words >= gramWords) found(gramOf(recent, words));
    }
    word = 0x811c9dc5;
    letters = 0;
  }
}

function gramOf(recent: Uint32Array, words: number): number {
  let [low, high] = [0, 0];
  for (let step = 0; step < gramWords; step += 1) {
    const word = recent[(words + step) % gramWords]!;
    low = mixed(Math.imul(low, 0x9e3779b1) ^ word);
    high = Math.imul(high ^ word, 0x5f356495) + step;
  }
  return (mixed(high) & 0x1f_ffff) * 2 ** 32 + low + 1;
}
