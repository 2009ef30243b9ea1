import type { RowColumns } from './row-columns.ts';
import { hashNumber } from './row-columns.ts';
import { hashText, type SplitRecord, unpackHashes } from './split-record.ts';

/** What an earlier split says about the rows of a new one. */
export interface KeptSides {
  /** True for a row that was a test row, says what one said, or belongs to the group of one. */
  isTest(row: number): boolean;
  /** The side, as index into `splitNames`, of a row that was in another part; -1 where it is new. */
  side(row: number): number;
  /** Ids of test rows of which neither the id nor the text is there any more. */
  readonly vanished: readonly string[];
  /** Test rows whose id or text is there. */
  readonly found: number;
}

/** Looks an earlier split's rows up among the columns of a new one, by id, by text and by group. */
export function keptSides(record: SplitRecord, columns: RowColumns): KeptSides {
  const ids = new Set(record.test.map(({ id }) => hashNumber(id)));
  const texts = new Set(record.test.flatMap(({ text }) => text ?? []));
  const groups = new Set(record.test.flatMap(({ group }) => group ?? []));
  const others = [unpackHashes(record.ids.train), unpackHashes(record.ids.validation)];
  const thereIds = new Set<number>();
  const thereTexts = new Set<string>();
  const has = (set: ReadonlySet<string>, hash: number) => hash !== -1 && set.has(hashText(hash));
  for (let row = 0; row < columns.size; row += 1) {
    if (ids.has(columns.ids[row]!)) thereIds.add(columns.ids[row]!);
    if (has(texts, columns.texts[row]!)) thereTexts.add(hashText(columns.texts[row]!));
  }
  const isThere = ({ id, text }: SplitRecord['test'][number]) =>
    thereIds.has(hashNumber(id)) || (text !== undefined && thereTexts.has(text));
  const vanished = record.test.filter((row) => !isThere(row)).map(({ id }) => id);
  return {
    isTest: (row) => ids.has(columns.ids[row]!) || has(texts, columns.texts[row]!) || has(groups, columns.groups[row]!),
    side: (row) => others.findIndex((holds) => holds(columns.ids[row]!)),
    vanished,
    found: record.test.length - vanished.length,
  };
}
