import type { DataRow } from '#core/data-row.ts';
import { rowText } from './row-text.ts';
import { hashText } from './text-hash.ts';

const chunkRows = 2 ** 14;
const numbersPerRow = 5;

/** Numbers kept of each row besides the prints of its text. */
export interface RowFacts {
  readonly size: number;
  /** Takes the next row; gives the text to compare. */
  add(row: DataRow): string;
  line(row: number): number;
  /** A hash of the row's system turns and tools. */
  setting(row: number): number;
  /** The same with numbers masked: to near-duplicates a date in them is no other setting. */
  likeSetting(row: number): number;
  /** Fields besides the conversation: of equal rows the one that says most is kept. */
  fields(row: number): number;
  /** A hash of those fields. */
  about(row: number): number;
}

export function rowFacts(): RowFacts {
  const chunks: Uint32Array[] = [];
  let size = 0;
  let last = { text: '', hash: 0, like: 0 };
  const at = (row: number, place: number): number => chunks[Math.floor(row / chunkRows)]![numbersPerRow * (row % chunkRows) + place]!;
  return {
    get size() {
      return size;
    },
    add: (row) => {
      const { said, setting } = rowText(row);
      // most files have one system text for all rows
      if (setting !== last.text) last = { text: setting, hash: settingHash(setting), like: settingHash(setting.replace(/\d+/g, '0')) };
      const { id, group, tags, source, split, extra } = row;
      const about = [id, group, tags, source, split, extra];
      const fields = about.filter((field) => field !== undefined).length + Object.keys(extra ?? {}).length;
      if (size % chunkRows === 0) chunks.push(new Uint32Array(numbersPerRow * chunkRows));
      const hash = fields === 0 ? 0 : hashText(JSON.stringify(about)).low;
      chunks.at(-1)!.set([row.line, last.hash, last.like, fields, hash], numbersPerRow * (size % chunkRows));
      size += 1;
      return said;
    },
    line: (row) => at(row, 0),
    setting: (row) => at(row, 1),
    likeSetting: (row) => at(row, 2),
    fields: (row) => at(row, 3),
    about: (row) => at(row, 4),
  };
}

function settingHash(setting: string): number {
  return setting === '' ? 0 : hashText(setting).low;
}
