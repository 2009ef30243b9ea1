/** One number per row, in memory that grows by doubling. */
export interface RowNumbers {
  push(value: number): void;
  readonly length: number;
  /** What was pushed so far; a view. */
  values(): Float64Array;
}

export function rowNumbers(): RowNumbers {
  let held = new Float64Array(1024);
  let length = 0;
  return {
    push(value) {
      if (length === held.length) {
        const wider = new Float64Array(length * 2);
        wider.set(held);
        held = wider;
      }
      held[length] = value;
      length += 1;
    },
    get length() {
      return length;
    },
    values: () => held.subarray(0, length),
  };
}

/** A quantile of ascending numbers, interpolated between neighbours (Hyndman and Fan 1996, type 7). Of no numbers it is 0. */
export function quantile(ascending: Float64Array, share: number): number {
  if (ascending.length === 0) return 0;
  const place = (ascending.length - 1) * share;
  const below = Math.floor(place);
  const low = ascending[below]!;
  return low + (ascending[Math.min(below + 1, ascending.length - 1)]! - low) * (place - below);
}

/** Counts of numbers by powers of two: `from` is the lower end of a bin, 0 its own. */
export function powerBins(values: Float64Array): { from: number; count: number }[] {
  const counts = new Map<number, number>();
  for (const value of values) {
    const from = value < 1 ? 0 : 2 ** Math.floor(Math.log2(value));
    counts.set(from, (counts.get(from) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a - b).map(([from, count]) => ({ from, count }));
}
