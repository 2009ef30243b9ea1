import type { DataRow } from './data-row.ts';
import type { SplitName } from './example.ts';
import type { JsonObject } from './json.ts';

/** What holds the records of a file. */
export type DataContainer = 'jsonl' | 'json' | 'csv' | 'tsv' | 'yaml' | 'parquet';

/** What the rows of a file that was written have. */
export interface WrittenRows {
  readonly preferences: boolean;
  readonly tools: boolean;
  readonly weights: boolean;
}

/** One way of writing training or evaluation rows down. */
export interface DataFormat {
  readonly id: string;
  readonly summary: string;
  /** The page on which its owner describes it. */
  readonly source: string;
  /** The container it is written into where nothing else is asked. */
  readonly container: DataContainer;
  /** True where its owner takes no fields but its own: what Rung says about a row is left out when other formats are converted to it. */
  readonly closed?: boolean;
  /** How far a record looks like this format, from 0 to 1; over a sample of a file the highest mean wins. */
  recognise(record: JsonObject): number;
  /** Reads a record; throws a RowFault that says what does not fit. */
  read(record: JsonObject): Omit<DataRow, 'line'>;
  /** Writes a row, with the names of what this format cannot hold; throws a RowFault where it cannot hold the row at all. */
  write(row: DataRow): { readonly record: JsonObject; readonly lost: readonly string[] };
  /** Where it is a folder: the file in it of each part of the data. */
  readonly parts?: Readonly<Record<SplitName, string>>;
  /** Files that its reader wants beside the rows, by name. */
  sideFiles?(rowsFile: string, rows: WrittenRows): Readonly<Record<string, string>>;
}

/** Why a record cannot be read as a row of a format. */
export class RowFault extends Error {
  readonly code: string;
  readonly fix: string;

  constructor(code: string, message: string, fix: string) {
    super(message);
    this.name = 'RowFault';
    this.code = code;
    this.fix = fix;
  }
}

export function defineDataFormat(format: DataFormat): DataFormat {
  return format;
}
