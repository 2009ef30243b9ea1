import type { JsonObject } from '#core/json.ts';
import type { UnreadableRow } from '#data/unreadable-row.ts';

/** A record as its container holds it. */
interface ReadRecord {
  readonly line: number;
  readonly record: JsonObject;
}

export type ReadItem = ReadRecord | UnreadableRow;

/** What a reader is given besides bytes. */
export interface ReadingOptions {
  /** Bytes of the longest record that is held in memory. */
  readonly maximumRowBytes: number;
  /** Told of what was read otherwise than written, with the line; several of one kind become one sentence. */
  note(what: string, line: number): void;
}
