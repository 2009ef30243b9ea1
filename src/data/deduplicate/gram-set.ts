/** A set of numbers below 2^53, with a count up to 255 for each, in one block of memory. */
export interface GramSet {
  add(gram: number): void;
  has(gram: number): boolean;
  /** Counts one more for a gram of the set. */
  count(gram: number): void;
  countOf(gram: number): number;
}

/** For at most `most` grams. Grams are above 0. */
export function gramSet(most: number): GramSet {
  const size = 2 ** Math.ceil(Math.log2(Math.max(16, 2 * most)));
  const keys = new Float64Array(size);
  const counts = new Uint8Array(size);
  const slotOf = (gram: number): number => {
    let slot = gram % size;
    while (keys[slot] !== 0 && keys[slot] !== gram) slot = (slot + 1) % size;
    return slot;
  };
  return {
    add: (gram) => {
      keys[slotOf(gram)] = gram;
    },
    has: (gram) => keys[slotOf(gram)] === gram,
    count: (gram) => {
      const slot = slotOf(gram);
      if (keys[slot] === gram && counts[slot]! < 255) counts[slot]! += 1;
    },
    countOf: (gram) => counts[slotOf(gram)]!,
  };
}
