import { splitNames } from '#core/example.ts';
import { sha256 } from '#core/json.ts';
import { firstSeen } from './first-seen.ts';
import type { RowMarks } from './mark-row.ts';
import type { NearSearch } from './near-search.ts';
import { type Strata, strataColumn } from './strata.ts';

/** What a splitter keeps of all rows: numbers, never texts. Index i of a column is the i-th row that could be read. */
export interface RowColumns {
  readonly size: number;
  /** Place of each row in an order drawn from seed and id. */
  readonly keys: readonly number[];
  /** 52 bits of a hash of each id. */
  readonly ids: readonly number[];
  /** The same of the comparable text; -1 where there is nothing to compare. */
  readonly texts: readonly number[];
  /** The same of the group; -1 without one. */
  readonly groups: readonly number[];
  /** Index into `splitNames`; -1 where the row names no side. */
  readonly told: readonly number[];
  readonly strata: Strata;
  /** SHA-256 of each row, 32 bytes each. */
  readonly digests: Buffer;
  /** Pairs of rows that have a group, a text or an id in common, one after the other. */
  readonly links: readonly number[];
  /** The row of each text that was given to the search for near-duplicates; from `size` on, texts of earlier test rows that are gone. */
  readonly rowOfText: readonly number[];
  readonly goneTexts: number;
  readonly groupCount: number;
  readonly duplicateTexts: number;
  readonly repeatedIds: number;
}

export interface RowColumnsWriter {
  add(marks: RowMarks): void;
  /** Takes the text of an earlier test row; after all rows. */
  addKept(text: string): void;
  columns(): RowColumns;
}

const digestBytes = 32;

/** The first 52 bits of a text's SHA-256: two of a million texts agree by chance once in ten thousand files. */
export function hashNumber(text: string): number {
  return Number.parseInt(sha256(text).slice(0, 13), 16);
}

export function rowColumns(seed: number, near: NearSearch): RowColumnsWriter {
  const [keys, ids, texts, groups, told, links, rowOfText]: number[][] = [[], [], [], [], [], [], []] as const;
  const [firstId, firstText, firstGroup] = [firstSeen(), firstSeen(), firstSeen()];
  const copies = new Map<number, number>();
  const strata = strataColumn();
  let digests = Buffer.alloc(1024 * digestBytes);
  let [groupCount, duplicateTexts, repeatedIds, goneTexts] = [0, 0, 0, 0];
  return {
    add(marks) {
      const row = keys!.length;
      const id = hashNumber(marks.id);
      const sameId = firstId.earlier(id, row);
      if (sameId !== -1) links!.push(sameId, row);
      if (sameId !== -1 && marks.named) repeatedIds += 1;
      keys!.push(hashNumber(`${seed}\n${marks.named || sameId === -1 ? marks.id : `${marks.id}-${nextCopy(copies, id)}`}`));
      ids!.push(id);
      const text = marks.text === '' ? -1 : hashNumber(marks.text);
      const sameText = text === -1 ? -1 : firstText.earlier(text, row);
      if (sameText !== -1) {
        links!.push(sameText, row);
        duplicateTexts += 1;
      } else if (text !== -1) {
        rowOfText!.push(row);
        near.add(marks.text);
      }
      texts!.push(text);
      const group = marks.group === undefined ? -1 : hashNumber(marks.group);
      const sameGroup = group === -1 ? -1 : firstGroup.earlier(group, row);
      if (sameGroup !== -1) links!.push(sameGroup, row);
      else if (group !== -1) groupCount += 1;
      groups!.push(group);
      told!.push(marks.told === undefined ? -1 : splitNames.indexOf(marks.told));
      strata.add(marks);
      if (digests.length < (row + 1) * digestBytes) digests = Buffer.concat([digests, Buffer.alloc(digests.length)]);
      marks.digest.copy(digests, row * digestBytes);
    },
    addKept(text) {
      if (text === '' || firstText.earlier(hashNumber(text), keys!.length + goneTexts) !== -1) return;
      rowOfText!.push(keys!.length + goneTexts);
      near.add(text);
      goneTexts += 1;
    },
    columns: () => ({
      ...{ size: keys!.length, keys: keys!, ids: ids!, texts: texts!, groups: groups!, told: told!, links: links!, rowOfText: rowOfText! },
      ...{ strata: strata.end(), digests, goneTexts, groupCount, duplicateTexts, repeatedIds },
    }),
  };
}

// Copies are told apart as a task does it: the second has `-2` at the end of its id.
function nextCopy(copies: Map<number, number>, id: number): number {
  const copy = (copies.get(id) ?? 1) + 1;
  copies.set(id, copy);
  return copy;
}

export function digestOf({ digests }: RowColumns, row: number): Buffer {
  return digests.subarray(row * digestBytes, (row + 1) * digestBytes);
}
