import type { DataRow } from '#core/data-row.ts';
import { nearDuplicateThreshold } from '#data/near-duplicates.ts';
import { isUnreadable, type UnreadableRow } from '#data/unreadable-row.ts';
import { exactGroups, richer } from './exact-groups.ts';
import { nearDuplicatesOf } from './near-left-out.ts';
import { openOwnTexts } from './own-texts.ts';
import { rowFacts } from './row-facts.ts';
import { openRowPrints, type RowPrintsOptions } from './row-prints.ts';
import { ownText } from './row-text.ts';
import { type SemanticOptions, semanticDuplicates } from './semantic-duplicates.ts';

export interface DeduplicateOptions extends RowPrintsOptions {
  /** Jaccard similarity of five-character shingles from which a row is a near-duplicate; 0.8 where absent, above 1 for none. */
  readonly near?: number;
  /** Looks for rows that say the same as well; not where absent. */
  readonly semantic?: SemanticOptions;
  /** Called during a stage and at its end. */
  progress?(stage: DeduplicateStage, done: number, total?: number): void;
}

type DeduplicateStage = 'reading' | 'exact' | 'near' | 'semantic';

/** A row that says what a row that stays says already. Lines count from 1. */
interface DuplicateRow {
  readonly line: number;
  readonly kept: number;
  readonly kind: 'exact' | 'near' | 'semantic';
  /** To the kept row: Jaccard similarity, of semantic duplicates the cosine; 1 of exact ones. */
  readonly likeness: number;
}

export interface Deduplicated {
  readonly read: number;
  readonly unreadable: readonly UnreadableRow[];
  /** In the order of the file. */
  readonly duplicates: readonly DuplicateRow[];
  /** Pairs of rows that both stay and may say the same, the most alike first; a thousand at most. */
  readonly review: readonly { readonly line: number; readonly other: number; readonly likeness: number }[];
  /** Rows that no vector was asked for since they hold no text, or more than text; they are not compared by vectors. */
  readonly withoutVector: number;
  /** True where so many rows were so alike that duplicates may have been missed. */
  readonly approximate: boolean;
}

/**
 * Finds the rows of a file that may go: exact duplicates (equal but for spacing, in the same setting), near-duplicates of a
 * row that stays, and on demand rows that say the same by a vector. What stays depends on content, not on the order of rows.
 * Memory: about 250 bytes a row, 350 more for the semantic search, besides a byte for each number of a vector.
 */
export async function deduplicateRows(
  rows: AsyncIterable<DataRow | UnreadableRow> | Iterable<DataRow | UnreadableRow>,
  options: DeduplicateOptions = {},
): Promise<Deduplicated> {
  const near = options.near ?? nearDuplicateThreshold;
  const facts = rowFacts();
  const printing = openRowPrints(options);
  const own = options.semantic?.embed === undefined ? undefined : openOwnTexts(options.folder);
  const unreadable: UnreadableRow[] = [];
  try {
    for await (const row of rows) {
      if (isUnreadable(row)) unreadable.push(row);
      else {
        printing.add(facts.add(row));
        own?.add(ownText(row));
      }
      if ((facts.size & 0xfff) === 0) options.progress?.('reading', facts.size);
    }
    const printed = await printing.end();
    options.progress?.('reading', facts.size, facts.size);
    const { columns } = printed;
    const byContent = (first: number, second: number) => richer(columns, facts, first, second);
    const exact = exactGroups(columns, facts);
    options.progress?.('exact', facts.size, facts.size);
    const found = new Map<number, { readonly kept: number; readonly kind: DuplicateRow['kind']; readonly likeness: number }>();
    let approximate = false;
    if (near <= 1) {
      const about = { threshold: near, settingOf: facts.likeSetting, progress: stageProgress('near', options) };
      const nearly = nearDuplicatesOf(printed, exact.kept, about, byContent);
      approximate = nearly.approximate;
      for (const { row, kept, likeness } of nearly.leftOut) found.set(row, { kept, kind: 'near', likeness });
    }
    let review: Deduplicated['review'] = [];
    let withoutVector = 0;
    if (options.semantic !== undefined) {
      const staying = Array.from(exact.kept).filter((row) => !found.has(row));
      const compared = own === undefined ? staying : staying.filter((row) => own.read(row) !== '');
      withoutVector = staying.length - compared.length;
      const about = { settingOf: facts.likeSetting, richer: byContent, progress: stageProgress('semantic', options) };
      const semantic = await semanticDuplicates(printed, compared, { ...about, ...(own && { ownText: own.read }) }, options.semantic);
      approximate ||= semantic.approximate;
      for (const { row, kept, likeness } of semantic.leftOut) found.set(row, { kept, kind: 'semantic', likeness });
      review = semantic.review.map(({ row, other, cosine }) => {
        const [line, later] = [facts.line(row), facts.line(other)].sort((first, second) => first - second) as [number, number];
        return { line, other: later, likeness: cosine };
      });
    }
    for (let at = 0; at < exact.pairs.length; at += 2) {
      const [row, kept] = [exact.pairs[at]!, exact.pairs[at + 1]!];
      // where its equal goes for another row, this one goes for that row too
      found.set(row, found.get(kept) ?? { kept, kind: 'exact', likeness: 1 });
    }
    const duplicates = Array.from(found, ([row, out]): DuplicateRow => {
      // a row kept among near-duplicates may have gone for another in the semantic search
      const { kept, kind, likeness } = found.get(out.kept) ?? out;
      return { line: facts.line(row), kept: facts.line(kept), kind, likeness };
    }).sort((first, second) => first.line - second.line);
    return { read: facts.size + unreadable.length, unreadable, duplicates, review, withoutVector, approximate };
  } finally {
    printing.close();
    own?.close();
  }
}

function stageProgress(stage: DeduplicateStage, { progress }: DeduplicateOptions): (done: number, total: number) => void {
  return (done, total) => progress?.(stage, done, total);
}
