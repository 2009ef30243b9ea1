import { mkdir } from 'node:fs/promises';
import type { DataRow } from '#core/data-row.ts';
import { RungError } from '#core/errors.ts';
import { type SplitName, splitNames } from '#core/example.ts';
import type { DataFile } from '#data/read-data-file.ts';
import { isUnreadable } from '#data/unreadable-row.ts';
import type { WrittenData } from '#data/write-data-file.ts';
import { writeFailure } from '#data/write-failure.ts';
import { markRow } from './mark-row.ts';
import type { PlannedSplit, SplitOptions } from './plan-split.ts';
import { hashText, packHashes, type SplitRecord } from './split-record.ts';
import { type SidedRow, writeParts } from './write-parts.ts';

export interface WrittenSplit {
  readonly written: number;
  readonly lost: WrittenData['lost'];
  readonly dropped: WrittenData['dropped'];
  /** The document for `split.json`. */
  readonly record: SplitRecord;
}

/**
 * Writes the parts of a planned split into a folder, a file each, as train.jsonl. Reads the file a second time; the parts that get no
 * row are not written. Throws where a part cannot be written; earlier files of their names stay until the last row.
 */
export async function writeSplit(
  data: Pick<DataFile, 'format' | 'container' | 'rows'>,
  planned: PlannedSplit,
  folder: string,
  options: SplitOptions,
): Promise<WrittenSplit> {
  const test: SplitRecord['test'] = [];
  const sides = splitNames.filter((side) => planned.counts[side] > 0);
  const rows = async function* (): AsyncGenerator<SidedRow> {
    test.length = 0;
    let row = -1;
    for await (const read of data.rows) {
      if (isUnreadable(read)) continue;
      row += 1;
      const side = splitNames[planned.sides[row] ?? -1];
      if (side === undefined) throw changed(options.file);
      if (side === 'test') test.push(testEntry(read, row, planned, options));
      // a row that named its side names the new one; of the others only Rung's own have a word for it
      yield { side, row: data.format.id === 'rung' || read.split !== undefined ? { ...read, split: side } : read };
    }
    if (row + 1 !== planned.columns.size) throw changed(options.file);
  };
  const parts = await mkdir(folder, { recursive: true })
    .then(() => writeParts(data, rows, sides, folder))
    .catch((error: unknown) => {
      throw writeFailure(error, folder);
    });
  const written = parts.map(({ outcome }) => outcome);
  const partOf = (side: SplitName): SplitRecord['parts'][SplitName] => {
    const one = parts.find((part) => part.sides.includes(side));
    return one === undefined
      ? { file: null, rows: 0, hash: null }
      : { file: one.file(side), rows: one.sides.length === 1 ? one.outcome.written : planned.counts[side], hash: one.outcome.hash };
  };
  return {
    written: written.reduce((sum, one) => sum + one.written, 0),
    lost: sumLost(written),
    dropped: written.flatMap(({ dropped }) => dropped),
    record: {
      schema: 'rung.split/1',
      hash: planned.hash,
      seed: options.seed,
      shares: planned.shares,
      groupField: options.groupField ?? null,
      rows: planned.columns.size,
      groups: planned.columns.groupCount,
      stratifiedBy: planned.columns.strata.by,
      parts: { train: partOf('train'), validation: partOf('validation'), test: partOf('test') },
      test: test.sort((left, right) => (left.id < right.id ? -1 : 1)),
      ids: { train: packHashes(idsOn(planned, 'train')), validation: packHashes(idsOn(planned, 'validation')) },
    },
  };
}

function testEntry(read: DataRow, row: number, { columns }: PlannedSplit, options: SplitOptions): SplitRecord['test'][number] {
  const [text, group] = [columns.texts[row]!, columns.groups[row]!];
  return {
    id: read.id ?? markRow(read, options).id,
    ...(text === -1 ? {} : { text: hashText(text) }),
    ...(group === -1 ? {} : { group: hashText(group) }),
  };
}

function idsOn({ columns, sides }: PlannedSplit, side: SplitName): number[] {
  return columns.ids.filter((_, row) => sides[row] === splitNames.indexOf(side));
}

function sumLost(written: readonly WrittenData[]): WrittenData['lost'] {
  const lost = new Map<string, number>();
  for (const { field, rows } of written.flatMap((one) => one.lost)) lost.set(field, (lost.get(field) ?? 0) + rows);
  return [...lost].sort().map(([field, rows]) => ({ field, rows }));
}

function changed(file: string): Error {
  return new RungError({
    code: 'file-changed',
    message: 'The file changed while it was split; nothing was written.',
    hint: 'Run the same command again.',
    place: { file },
  });
}
