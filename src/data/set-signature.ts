import type { ShingleSets } from './shingle-sets.ts';

const wordsPerSet = 8;

/** A 256-bit picture of each set: bit `element mod 256` is set. Cheap proof that two sets differ in much. */
export interface SetSignatures {
  /** A lower bound of the number of elements that are in one of the two sets only. */
  leastDifference(left: number, right: number): number;
}

export function setSignatures({ ranks, starts }: ShingleSets): SetSignatures {
  const size = starts.length - 1;
  const bits = new Int32Array(size * wordsPerSet);
  for (let set = 0; set < size; set += 1) {
    for (let at = starts[set]!; at < starts[set + 1]!; at += 1) {
      bits[set * wordsPerSet + ((ranks[at]! >>> 5) & (wordsPerSet - 1))]! |= 1 << (ranks[at]! & 31);
    }
  }
  return {
    leastDifference: (left, right) => {
      let difference = 0;
      for (let word = 0; word < wordsPerSet; word += 1) {
        difference += bitsIn(bits[left * wordsPerSet + word]! ^ bits[right * wordsPerSet + word]!);
      }
      return difference;
    },
  };
}

// Number of set bits by adding neighbours, as in Warren's Hacker's Delight, section 5-1.
function bitsIn(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
