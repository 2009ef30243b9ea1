/** Where each of many numbers was seen first, in a few bytes each. */
export interface FirstSeen {
  /** The row that had this number first; -1 where it is this one. */
  earlier(number: number, row: number): number;
}

const emptySlot = -1;
const fullest = 0.6;

/** A table of non-negative whole numbers below 2^53, with open addressing and linear probing. */
export function firstSeen(): FirstSeen {
  let keys = new Float64Array(1024).fill(emptySlot);
  let rows = new Int32Array(keys.length);
  let held = 0;
  const slotOf = (table: Float64Array, number: number): number => {
    // the numbers are hashes already: their low bits are as good as any
    let slot = number % table.length;
    while (table[slot] !== emptySlot && table[slot] !== number) slot = slot + 1 === table.length ? 0 : slot + 1;
    return slot;
  };
  const grow = (): void => {
    const wider = new Float64Array(keys.length * 2).fill(emptySlot);
    const moved = new Int32Array(wider.length);
    for (const [slot, key] of keys.entries()) {
      if (key === emptySlot) continue;
      const to = slotOf(wider, key);
      wider[to] = key;
      moved[to] = rows[slot]!;
    }
    keys = wider;
    rows = moved;
  };
  return {
    earlier(number, row) {
      const slot = slotOf(keys, number);
      if (keys[slot] === number) return rows[slot]!;
      keys[slot] = number;
      rows[slot] = row;
      held += 1;
      if (held > keys.length * fullest) grow();
      return -1;
    },
  };
}
