import { disjointSets } from '#data/disjoint-sets.ts';
import { findNearDuplicates } from '#data/near-duplicates.ts';
import { comparableText } from '#data/shingles.ts';
import { textHash } from './contradictions-table.ts';

export interface FoldRow {
  readonly text: string;
  readonly label: number;
  readonly group?: string | undefined;
}

/**
 * A fold for every row. Rows of one group, equal texts and near-copies share one, so that no row is judged by a copy of itself;
 * labels are spread over the folds as evenly as that allows.
 */
export function foldsOf(rows: readonly FoldRow[], foldCount: number): Int32Array {
  const sets = disjointSets(rows.length);
  const firstOf = new Map<string, number>();
  const joinBy = (row: number, key: string) => {
    const first = firstOf.get(key);
    if (first === undefined) firstOf.set(key, row);
    else sets.join(first, row);
  };
  const texts = rows.map(({ text }) => comparableText(text));
  for (const [row, { group }] of rows.entries()) {
    joinBy(row, `text ${texts[row]}`);
    if (group !== undefined) joinBy(row, `group ${group}`);
  }
  const distinct = [...new Map(texts.map((text, row) => [text, row]))];
  findNearDuplicates(
    distinct.map(([text]) => text),
    (left, right) => sets.find(distinct[left]![1]) === sets.find(distinct[right]![1]),
    (left, right) => sets.join(distinct[left]![1], distinct[right]![1]),
  );
  const groups = [...Map.groupBy(rows.keys(), (row) => sets.find(row)).values()];
  return spread(rows, shuffledByText(groups, texts), foldCount);
}

/**
 * In an order that has nothing to do with that of the file. Taken as they come, rows of one label that stand together would go to
 * different folds, and rows of two labels sometimes to the same: like rows would then speak for the own label of each other.
 */
function shuffledByText(groups: readonly (readonly number[])[], texts: readonly string[]): readonly (readonly number[])[] {
  return groups
    .map((members) => ({ members, place: textHash(texts[members[0]!]!) }))
    .sort((a, b) => b.members.length - a.members.length || a.place - b.place)
    .map(({ members }) => members);
}

/** Large groups first, each to the fold with the fewest rows of its first label, of those to the smallest. */
function spread(rows: readonly FoldRow[], groups: readonly (readonly number[])[], foldCount: number): Int32Array {
  const folds = new Int32Array(rows.length);
  const sizes = new Uint32Array(foldCount);
  const held = new Map<number, Uint32Array>();
  for (const members of groups) {
    const { label } = rows[members[0]!]!;
    const ofLabel = held.get(label) ?? new Uint32Array(foldCount);
    held.set(label, ofLabel);
    let best = 0;
    for (let fold = 1; fold < foldCount; fold += 1) {
      if (ofLabel[fold]! < ofLabel[best]! || (ofLabel[fold] === ofLabel[best] && sizes[fold]! < sizes[best]!)) best = fold;
    }
    for (const member of members) folds[member] = best;
    sizes[best]! += members.length;
    ofLabel[best]! += members.length;
  }
  return folds;
}
