import { nearDuplicateThreshold } from '#data/near-duplicates.ts';
import { comparableText, shinglesOf } from '#data/shingles.ts';
import type { Random } from './random.ts';

/** A row as it is written into examples.jsonl. */
export interface Row {
  readonly input: string;
  readonly expected: unknown;
  readonly tags: readonly string[];
}

/** Draws rows until there are `count` of which no two inputs are near-duplicates. `draw` gets the number of the row that is wanted. */
export function collect(count: number, draw: (index: number) => Row): Row[] {
  const rows: Row[] = [];
  const taken: Set<number>[] = [];
  for (let attempt = 0; rows.length < count; attempt += 1) {
    if (attempt > count * 200) throw new Error(`The patterns give only ${rows.length} different rows.`);
    const row = draw(rows.length);
    const shingles = new Set(shinglesOf(comparableText(row.input)));
    if (taken.some((other) => similarity(other, shingles) >= nearDuplicateThreshold)) continue;
    rows.push(row);
    taken.push(shingles);
  }
  return rows;
}

// Jaccard: shared pieces among all pieces of the two.
function similarity(left: ReadonlySet<number>, right: ReadonlySet<number>): number {
  return left.intersection(right).size / left.union(right).size;
}

/** The rows as JSONL with ids; about one in six belongs to a customer or thread who wrote two or three of them. */
export function toJsonl(rows: readonly Row[], prefix: string, group: string, random: Random): string {
  const order = random.shuffled(rows);
  let member = 0;
  let left = 0;
  const lines = order.map(({ input, expected, tags }, index) => {
    if (left === 0 && random.next() < 0.08) {
      member += 1;
      left = random.pick([2, 2, 3]);
    }
    const isMember = left > 0;
    if (isMember) left -= 1;
    return JSON.stringify({
      id: `${prefix}-${String(index + 1).padStart(4, '0')}`,
      input,
      expected,
      ...(isMember ? { group: `${group}-${member}` } : {}),
      tags,
      source: 'synthetic',
    });
  });
  return `${lines.join('\n')}\n`;
}
