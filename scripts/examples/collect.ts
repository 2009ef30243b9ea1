import { type SplitName, splitNames } from '#core/example.ts';
import { nearDuplicateThreshold } from '#data/near-duplicates.ts';
import { comparableText, shinglesOf } from '#data/shingles.ts';
import type { Random } from './random.ts';

/** A row as it is written into examples.jsonl. */
export interface Row {
  readonly input: string;
  readonly expected: unknown;
  readonly tags: readonly string[];
  /** The part it is for; drawn when the task is read where absent. */
  readonly split?: SplitName;
}

/** Draws rows until there are `count` of which no two inputs are near-duplicates. `draw` gets the number of the row that is wanted. */
export function collect(count: number, draw: (index: number) => Row): Row[] {
  const rows: Row[] = [];
  const taken: Uint32Array[] = [];
  for (let attempt = 0; rows.length < count; attempt += 1) {
    if (attempt > count * 200) throw new Error(`The patterns give only ${rows.length} different rows.`);
    const row = draw(rows.length);
    const shingles = shinglesOf(comparableText(row.input));
    if (taken.some((other) => isAlike(other, shingles))) continue;
    rows.push(row);
    taken.push(shingles);
  }
  return rows;
}

// Jaccard: shared pieces among all pieces of the two, both ascending.
function isAlike(left: Uint32Array, right: Uint32Array): boolean {
  const [fewer, more] = left.length < right.length ? [left, right] : [right, left];
  if (fewer.length < nearDuplicateThreshold * more.length) return false;
  let shared = 0;
  for (let i = 0, j = 0; i < fewer.length && j < more.length; ) {
    const difference = fewer[i]! - more[j]!;
    if (difference === 0) shared += 1;
    if (difference <= 0) i += 1;
    if (difference >= 0) j += 1;
  }
  return shared / (fewer.length + more.length - shared) >= nearDuplicateThreshold;
}

/**
 * The rows as JSONL with ids, in drawn order; about one in six belongs to a customer or thread who wrote two or three of
 * them, all on one side where the rows name theirs.
 */
export function toJsonl(rows: readonly Row[], prefix: string, group: string, random: Random): string {
  const place = ({ split }: Row): number => (split === undefined ? 0 : splitNames.indexOf(split));
  const order = random.shuffled(rows).sort((left, right) => place(left) - place(right));
  let member = 0;
  let left = 0;
  const lines = order.map(({ input, expected, tags, split }, index) => {
    if (split !== order[index - 1]?.split) left = 0;
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
      ...(split === undefined ? {} : { split }),
    });
  });
  return `${lines.join('\n')}\n`;
}
