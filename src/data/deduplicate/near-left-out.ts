import { jaccardReader } from './jaccard.ts';
import { type LeftOut, leaveOut } from './keep-rows.ts';
import { findNearPairs, type NearOptions } from './near-pairs.ts';
import type { PrintedRows } from './row-prints.ts';

/** Near-duplicates among `rows` that go, each with a row that stays and is that alike; `byContent` is the order in which rows are kept. */
export function nearDuplicatesOf(
  printed: PrintedRows,
  rows: Uint32Array,
  options: NearOptions,
  byContent: (first: number, second: number) => number,
): { readonly leftOut: readonly LeftOut[]; readonly approximate: boolean } {
  const pairs = findNearPairs(printed, rows, options);
  const [readLeft, readRight, jaccard] = [printed.textReader(), printed.textReader(), jaccardReader()];
  const likeness = (left: number, right: number) => pairs.likeness(left, right) ?? jaccard(readLeft(left), readRight(right));
  const leftOut: LeftOut[] = [];
  for (const cluster of clustersOf(rows, pairs.sets.find)) leftOut.push(...leaveOut(cluster.sort(byContent), likeness, options.threshold));
  return { leftOut, approximate: pairs.approximate };
}

/** Sets of at least two rows. */
function clustersOf(rows: Uint32Array, find: (row: number) => number): Iterable<number[]> {
  const roots = new Set<number>();
  for (const row of rows) if (find(row) !== row) roots.add(find(row));
  const clusters = new Map<number, number[]>();
  for (const row of rows) {
    const root = find(row);
    const members = clusters.get(root);
    if (members !== undefined) members.push(row);
    else if (roots.has(root)) clusters.set(root, [row]);
  }
  return clusters.values();
}
