/** How texts become rows of numbers; kept in the manifest, so that a restored candidate reads texts in the same way. */
export interface FeatureSettings {
  /** Number of hash buckets, a power of two. */
  readonly buckets: number;
  /** Shortest and longest run of characters. */
  readonly characters: readonly [number, number];
  /** Shortest and longest run of words. */
  readonly words: readonly [number, number];
}

export const defaultFeatures: FeatureSettings = { buckets: 2 ** 18, characters: [3, 5], words: [1, 2] };

/** A row with few non-zero columns: hash buckets in order and their values, of length 1 together. */
export interface SparseRow {
  readonly columns: Uint32Array;
  readonly values: Float32Array;
}

// FNV-1a over UTF-16 code units, then the finaliser of MurmurHash3 (both public domain) so that the low bits are usable.
const hashStart = 0x811c9dc5;
const hashPrime = 0x01000193;

function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/**
 * Hashed counts of character runs (over the text with a space at both ends) and word runs, damped to 1 + ln(count) and
 * scaled to length 1 (Weinberger et al. 2009 for the hashing). Case, width variants and white space do not matter.
 */
export function featuresOf(text: string, settings: FeatureSettings): SparseRow {
  const plain = text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();
  const counts = new Map<number, number>();
  const count = (hash: number) => {
    const bucket = finish(hash) & (settings.buckets - 1);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  };
  if (plain !== '') {
    countCharacterRuns(` ${plain} `, settings.characters, count);
    countWordRuns(plain, settings.words, count);
  }
  const columns = Uint32Array.from(counts.keys()).sort();
  const values = Float32Array.from(columns, (column) => 1 + Math.log(counts.get(column) ?? 1));
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return { columns, values: length === 0 ? values : values.map((value) => value / length) };
}

function countCharacterRuns(text: string, [shortest, longest]: readonly [number, number], count: (hash: number) => void): void {
  for (let start = 0; start + shortest <= text.length; start++) {
    let hash = hashStart;
    const end = Math.min(text.length, start + longest);
    for (let at = start; at < end; at++) {
      hash = Math.imul(hash ^ text.charCodeAt(at), hashPrime);
      if (at - start + 1 >= shortest) count(hash);
    }
  }
}

function countWordRuns(text: string, [shortest, longest]: readonly [number, number], count: (hash: number) => void): void {
  const words = text.match(/[\p{L}\p{N}]+/gu) ?? [];
  for (let start = 0; start + shortest <= words.length; start++) {
    // Another start than for characters, so that a word and the same run of characters are two features.
    let hash = ~hashStart;
    const end = Math.min(words.length, start + longest);
    for (let at = start; at < end; at++) {
      const word = words[at] ?? '';
      for (let letter = 0; letter < word.length; letter++) hash = Math.imul(hash ^ word.charCodeAt(letter), hashPrime);
      hash = Math.imul(hash ^ 0x20, hashPrime);
      if (at - start + 1 >= shortest) count(hash);
    }
  }
}
