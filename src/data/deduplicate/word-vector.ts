import type { ComparableUnits } from './comparable-units.ts';
import { mixed } from './shingle-hashes.ts';

/** Numbers of a vector of hashed words. */
const wordVectorLength = 256;
/** Words so short are mostly of grammar, and say little of what a text is about (a rule of thumb of ours that needs no list of words). */
const shortWord = 3;
const shortWeight = 0.25;
const space = 0x20;

/**
 * A vector of the words and pairs of neighbouring words of a text: each falls into one of 256 places by its hash, with a sign
 * by its hash (Weinberger and others 2009, ICML: feature hashing), so that cosines of whole texts stay the same on average. It sees
 * words in another order; it sees no paraphrase.
 */
export function wordVector({ units, length }: ComparableUnits): Float32Array {
  const vector = new Float32Array(wordVectorLength);
  let [word, letters, before, beforeWeight] = [0, 0, 0, 0];
  const add = (hash: number, weight: number): void => {
    const drawn = mixed(hash);
    vector[drawn % wordVectorLength]! += drawn & 0x8000_0000 ? weight : -weight;
  };
  for (let at = 0; at <= length; at += 1) {
    const unit = at === length ? space : units[at]!;
    if (unit !== space) {
      word = Math.imul(word ^ unit, 0x01000193) + letters;
      letters += 1;
      continue;
    }
    if (letters === 0) continue;
    const weight = letters <= shortWord ? shortWeight : 1;
    add(word, weight);
    if (beforeWeight > 0) add(Math.imul(before, 0x9e3779b1) ^ word, Math.max(weight, beforeWeight) / 2);
    before = word;
    beforeWeight = weight;
    word = 0;
    letters = 0;
  }
  return vector;
}
