import { mostShingles, shinglesOf } from './shingles.ts';

/**
 * The shingles of many texts in one block of memory: text i has `ranks[starts[i]]` up to `ranks[starts[i + 1]]`,
 * ascending. Ranks number the distinct shingles from the rarest to the commonest.
 */
export interface ShingleSets {
  readonly ranks: Uint32Array;
  readonly starts: Int32Array;
  /** Number of distinct shingles. */
  readonly distinct: number;
}

export function shingleSets(texts: readonly string[]): ShingleSets {
  const starts = new Int32Array(texts.length + 1);
  const block = new Uint32Array(texts.reduce((sum, text) => sum + mostShingles(text), 0));
  texts.forEach((text, index) => {
    const shingles = shinglesOf(text);
    const start = starts[index]!;
    block.set(shingles, start);
    starts[index + 1] = start + shingles.length;
  });
  const ranks = block.subarray(0, starts[texts.length]!);
  const distinct = rankByRarity(ranks);
  for (let index = 0; index < texts.length; index += 1) ranks.subarray(starts[index]!, starts[index + 1]!).sort();
  return { ranks, starts, distinct };
}

// Writes the rank over each hash; equally frequent shingles are ranked by hash, so that nothing depends on order.
function rankByRarity(hashes: Uint32Array): number {
  const frequency = new Map<number, number>();
  for (const hash of hashes) frequency.set(hash, (frequency.get(hash) ?? 0) + 1);
  const byRarity = Float64Array.from(frequency, ([hash, count]) => count * 2 ** 32 + hash).sort();
  byRarity.forEach((key, rank) => {
    frequency.set(key % 2 ** 32, rank);
  });
  hashes.forEach((hash, position) => {
    hashes[position] = frequency.get(hash)!;
  });
  return byRarity.length;
}
