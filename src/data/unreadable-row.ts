import type { DataRow } from '#core/data-row.ts';

/** A record of a file that could not be read as a row: where, why, and what to do. Reading goes on after it. */
export interface UnreadableRow {
  /** Line or record of its file, counted from 1. */
  readonly line: number;
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

export function isUnreadable(row: DataRow | UnreadableRow): row is UnreadableRow {
  return !('turns' in row);
}
