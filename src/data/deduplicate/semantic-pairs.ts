import { RungError } from '#core/errors.ts';
import { directionBits, directionBytes, directionWriter } from './direction-bits.ts';

/** Vectors of texts, one for each, of one length. */
export type EmbedTexts = (texts: readonly string[]) => Promise<readonly Float32Array[]>;

/** Cosine from which a row says the same as another, and from which a person should look. Ours: calibrate them for a model of your own. */
export const semanticThresholds = { drop: 0.95, review: 0.85 } as const;

/** Up to so many rows every pair is compared. */
const mostExact = 1000;
const mostInBucket = 256;
const neighboursInBucket = 32;

export interface SemanticPair {
  readonly left: number;
  readonly right: number;
  readonly cosine: number;
}

export interface VectorTable {
  readonly size: number;
  add(vector: Float32Array): void;
  cosine(left: number, right: number): number;
  /** Bits of the vector's direction from a place on, as a number. */
  bits(index: number, from: number, count: number): number;
}

/** Vectors as whole numbers of eight bits (cosines stay within 0.01) with the signs of their directions. */
export function vectorTable(size: number): VectorTable {
  let values = new Int8Array(0);
  let [length, filled] = [0, 0];
  const norms = new Float64Array(size);
  const directions = new Uint8Array(size * directionBytes);
  let write: ReturnType<typeof directionWriter> | undefined;
  return {
    get size() {
      return filled;
    },
    add: (vector) => {
      if (write === undefined) {
        length = vector.length;
        values = new Int8Array(size * length);
        write = directionWriter(length);
      }
      const most = vector.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
      if (vector.length !== length || length === 0 || !Number.isFinite(most)) {
        throw new RungError({
          code: 'embedding-unusable',
          message: 'The model gave an embedding of another length, or one with a number that is not finite.',
          hint: 'Use another model for the semantic search.',
        });
      }
      let squares = 0;
      for (let at = 0; at < length; at += 1) {
        const value = most === 0 ? 0 : Math.round((vector[at]! / most) * 127);
        values[filled * length + at] = value;
        squares += value * value;
      }
      norms[filled] = Math.sqrt(squares);
      write(vector, directions, filled * directionBytes);
      filled += 1;
    },
    cosine: (left, right) => {
      const both = norms[left]! * norms[right]!;
      if (both === 0) return 0;
      let sum = 0;
      for (let at = 0; at < length; at += 1) sum += values[left * length + at]! * values[right * length + at]!;
      return sum / both;
    },
    bits: (index, from, count) => {
      let bits = 0;
      for (let bit = from; bit < from + count; bit += 1) {
        bits = bits * 2 + ((directions[index * directionBytes + (bit >>> 3)]! >>> (bit & 7)) & 1);
      }
      return bits;
    },
  };
}

export interface SemanticSearch {
  /** The least cosine of a pair; the review threshold where absent. */
  readonly least?: number;
  /** Equal pairs are of one setting. */
  settingOf(index: number): number;
  /** An order of vectors that depends on their content alone. */
  compare(left: number, right: number): number;
  progress?(done: number, total: number): void;
}

/**
 * Calls `found` for pairs whose cosine reaches the least one, possibly several times. All pairs of small sets; of larger ones those that
 * agree in a band of direction bits, as wide as the logarithm of the number of rows: of a million rows 99 % of the pairs at a
 * cosine of 0.95 and about half of those at 0.85. True where buckets were so full that pairs may have been missed.
 */
export function findSemanticPairs(vectors: VectorTable, search: SemanticSearch, found: (pair: SemanticPair) => void): boolean {
  const least = search.least ?? semanticThresholds.review;
  const look = (left: number, right: number): void => {
    if (search.settingOf(left) !== search.settingOf(right)) return;
    const cosine = vectors.cosine(left, right);
    if (cosine >= least) found({ left, right, cosine: Math.min(1, cosine) });
  };
  if (vectors.size <= mostExact) {
    for (let right = 1; right < vectors.size; right += 1) for (let left = 0; left < right; left += 1) look(left, right);
    return false;
  }
  const width = Math.ceil(Math.log2(vectors.size));
  const bands = Math.floor(directionBits / width);
  const order = new BigUint64Array(vectors.size);
  const words = new Uint32Array(order.buffer);
  let approximate = false;
  for (let band = 0; band < bands; band += 1) {
    for (let index = 0; index < vectors.size; index += 1) {
      words[2 * index] = index;
      words[2 * index + 1] = vectors.bits(index, band * width, width);
    }
    order.sort();
    let begin = 0;
    for (let end = 1; end <= vectors.size; end += 1) {
      if (end < vectors.size && words[2 * end + 1] === words[2 * begin + 1]) continue;
      const bucket = Array.from({ length: end - begin }, (_, at) => words[2 * (begin + at)]!);
      const isLarge = bucket.length > mostInBucket;
      approximate ||= isLarge;
      if (isLarge) bucket.sort((left, right) => vectors.bits(left, 0, 48) - vectors.bits(right, 0, 48) || search.compare(left, right));
      const reach = isLarge ? neighboursInBucket : bucket.length;
      for (let left = 0; left < bucket.length; left += 1)
        for (let right = left + 1; right <= Math.min(bucket.length - 1, left + reach); right += 1) look(bucket[left]!, bucket[right]!);
      begin = end;
    }
    search.progress?.(band + 1, bands);
  }
  return approximate;
}
