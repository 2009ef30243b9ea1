import { disjointSets } from '#data/disjoint-sets.ts';
import type { LeftOut } from './keep-rows.ts';
import { leaveOut } from './keep-rows.ts';
import type { PrintedRows } from './row-prints.ts';
import { type EmbedTexts, findSemanticPairs, semanticThresholds, vectorTable } from './semantic-pairs.ts';
import { wordVector } from './word-vector.ts';

export interface SemanticOptions {
  /** Gives vectors of the rows' own texts; vectors of hashed words and pairs of words where absent. */
  readonly embed?: EmbedTexts;
  /** Cosine from which a row goes; 0.95 where absent. Pairs from 0.1 below it are for review. */
  readonly drop?: number;
}

export interface SemanticDuplicates {
  readonly leftOut: readonly LeftOut[];
  /** Pairs of rows that stay, the most alike first, at most a thousand. */
  readonly review: readonly { readonly row: number; readonly other: number; readonly cosine: number }[];
  readonly approximate: boolean;
}

const textsPerCall = 512;
const reviewBelow = 0.1;
const listedReview = 1000;
const heldReview = 100_000;

/** Rows among `rows` that say the same as one that stays, by the cosine of their vectors. */
export async function semanticDuplicates(
  printed: PrintedRows,
  rows: readonly number[],
  about: {
    settingOf(row: number): number;
    richer(first: number, second: number): number;
    /** A row's text as it is written, for `embed`. */
    ownText?(row: number): string;
    progress?(done: number, total: number): void;
  },
  { embed, drop = semanticThresholds.drop }: SemanticOptions,
): Promise<SemanticDuplicates> {
  const vectors = vectorTable(rows.length);
  const { ownText } = about;
  if (embed === undefined || ownText === undefined) {
    const read = printed.textReader();
    for (const row of rows) vectors.add(wordVector(read(row)));
  } else {
    for (let first = 0; first < rows.length; first += textsPerCall) {
      const texts = rows.slice(first, first + textsPerCall).map(ownText);
      for (const vector of await embed(texts)) vectors.add(vector);
      about.progress?.(vectors.size, rows.length);
    }
  }
  const sets = disjointSets(rows.length);
  const near = new Map<string, number>();
  const approximate = findSemanticPairs(
    vectors,
    {
      least: drop - reviewBelow,
      settingOf: (index) => about.settingOf(rows[index]!),
      compare: (left, right) => about.richer(rows[left]!, rows[right]!),
      progress: about.progress,
    },
    ({ left, right, cosine }) => {
      if (cosine >= drop) sets.join(left, right);
      else if (near.size < heldReview) near.set(`${Math.min(left, right)} ${Math.max(left, right)}`, cosine);
    },
  );
  const clusters = Map.groupBy(rows.keys(), sets.find);
  const leftOut: LeftOut[] = [];
  for (const cluster of clusters.values()) {
    if (cluster.length === 1) continue;
    const ordered = cluster.sort((first, second) => about.richer(rows[first]!, rows[second]!));
    for (const { row, kept, likeness } of leaveOut(ordered, vectors.cosine, drop))
      leftOut.push({ row: rows[row]!, kept: rows[kept]!, likeness });
  }
  const gone = new Set(leftOut.map(({ row }) => row));
  const review = Array.from(near, ([key, cosine]) => {
    const [left = 0, right = 0] = key.split(' ').map(Number);
    return { row: rows[left]!, other: rows[right]!, cosine };
  }).filter(({ row, other }) => !gone.has(row) && !gone.has(other));
  review.sort(
    (first, second) => second.cosine - first.cosine || about.richer(first.row, second.row) || about.richer(first.other, second.other),
  );
  return { leftOut, review: review.slice(0, listedReview), approximate };
}
