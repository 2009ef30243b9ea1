import { seededRandom } from '#statistics/random.ts';

/** So many of the items at most, drawn by the seed, in their own order. */
export function drawSome<T>(items: readonly T[], most: number, seed: number): readonly T[] {
  if (items.length <= most) return items;
  const random = seededRandom(seed);
  const order = items.map((_, index) => ({ index, key: random() })).sort((a, b) => a.key - b.key);
  return order
    .slice(0, most)
    .map(({ index }) => index)
    .sort((a, b) => a - b)
    .map((index) => items[index]!);
}
