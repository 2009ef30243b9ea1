import { firstSeen } from '#data/split/first-seen.ts';
import type { NearSearch } from '#data/split/near-search.ts';
import { hashNumber } from '#data/split/row-columns.ts';

/** Numbers distinct texts in the order in which they come, and hands each to a search for near-duplicates once. */
export interface TextNumbers {
  number(text: string): number;
  count(): number;
}

export function textNumbers(near: NearSearch): TextNumbers {
  const first = firstSeen();
  let count = 0;
  return {
    number(text) {
      const earlier = first.earlier(hashNumber(text), count);
      if (earlier !== -1) return earlier;
      near.add(text);
      count += 1;
      return count - 1;
    },
    count: () => count,
  };
}
