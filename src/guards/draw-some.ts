import { seededRandom } from '#statistics/random.ts';

/** The places of so many items, in an order drawn by the seed. */
export function drawnOrder(count: number, seed: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, at) => ({ at, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ at }) => at);
}

/** So many of the items at most, drawn by the seed, in their own order. */
export function drawSome<T>(items: readonly T[], most: number, seed: number): readonly T[] {
  if (items.length <= most) return items;
  return drawnOrder(items.length, seed)
    .slice(0, most)
    .sort((a, b) => a - b)
    .map((at) => items[at]!);
}
