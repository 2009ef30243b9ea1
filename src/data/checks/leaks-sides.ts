import type { DataRow } from '#core/data-row.ts';
import { openRowPrints, type PrintedRows, type RowPrinting } from '#data/deduplicate/row-prints.ts';
import { askedText, rowText } from '#data/deduplicate/row-text.ts';
import { hashText } from '#data/deduplicate/text-hash.ts';
import { readDataFile } from '#data/read-data-file.ts';
import { comparableText } from '#data/shingles.ts';
import { isUnreadable } from '#data/unreadable-row.ts';

/** Rows with the side they are on, in blocks of memory. A higher side is guarded against rows of lower ones. */
export interface SidedRows {
  readonly printed: PrintedRows;
  readonly size: number;
  side(row: number): number;
  line(row: number): number;
  /** A hash of the row's group; 0 where it has none. */
  group(row: number): number;
  /** A hash of what the row asks, without case and marks. */
  question(row: number): number;
  /** What a side is called. */
  readonly sides: readonly string[];
}

export interface SideCollector {
  add(row: DataRow): void;
  /** Reads the other files, a side each, and ends. */
  end(files: readonly string[]): Promise<SidedRows>;
  close(): void;
}

const chunkRows = 2 ** 14;
const columns = 4;
const splits = ['train', 'validation', 'test'] as const;

/** Collects the rows of a file by their splits; a row without one counts as training data. */
export function sideCollector(): SideCollector {
  const printing: RowPrinting = openRowPrints();
  const chunks: Float64Array[] = [];
  let size = 0;
  const put = (row: DataRow, side: number): void => {
    const said = rowText(row).said;
    printing.add(said === '' ? ' ' : said);
    if (size % chunkRows === 0) chunks.push(new Float64Array(columns * chunkRows));
    const group = groupOf(row);
    const asked = comparableText(askedText(row).said);
    const hashes = [group === undefined ? 0 : numberOf(group), asked === '' ? 0 : numberOf(asked)];
    chunks.at(-1)!.set([side, row.line, ...hashes], columns * (size % chunkRows));
    size += 1;
  };
  const at = (row: number, place: number): number => chunks[Math.floor(row / chunkRows)]![columns * (row % chunkRows) + place]!;
  return {
    add: (row) => put(row, row.split === undefined ? 0 : splits.indexOf(row.split)),
    end: async (files) => {
      for (const [index, file] of files.entries()) {
        for await (const row of (await readDataFile(file)).rows) if (!isUnreadable(row)) put(row, splits.length + index);
      }
      return {
        printed: await printing.end(),
        size,
        side: (row) => at(row, 0),
        line: (row) => at(row, 1),
        group: (row) => at(row, 2),
        question: (row) => at(row, 3),
        sides: [...splits, ...files],
      };
    },
    close: printing.close,
  };
}

/** Formats that know no groups keep the field beside the row. */
function groupOf({ group, extra }: DataRow): string | undefined {
  const beside = extra?.['group'];
  return group ?? (typeof beside === 'string' ? beside : undefined);
}

function numberOf(text: string): number {
  const { low, high } = hashText(text);
  return (high & 0x1f_ffff) * 2 ** 32 + low + 1;
}
