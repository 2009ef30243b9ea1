import type { UnreadableRow } from '#data/unreadable-row.ts';

/** The bytes of one row of a table, without its line end; `line` is where it begins. */
export interface TableRowBytes {
  readonly line: number;
  readonly bytes: Buffer;
}

const quote = 0x22;
const newline = 0x0a;
const carriageReturn = 0x0d;

/**
 * Cuts the rows out of delimited text: line ends within quotes belong to their cell (RFC 4180). Lines may end in any way. Rows that are too
 * long or whose quotes do not fit are told as faults; after a misplaced quote the next line begins a row again.
 */
export async function* splitCells(
  chunks: AsyncIterable<Buffer>,
  delimiter: number,
  maximumBytes: number,
): AsyncGenerator<TableRowBytes | UnreadableRow> {
  const scan = new RowScan(delimiter, maximumBytes);
  for await (const chunk of chunks) yield* scan.read(chunk);
  yield* scan.end();
}

/** Where within a cell the scan stands. */
type Standing = 'cell-start' | 'plain' | 'quoted' | 'quote-in-quoted' | 'unfit';

class RowScan {
  readonly #delimiter: number;
  readonly #maximumBytes: number;
  #standing: Standing = 'cell-start';
  #line = 1;
  #rowLine = 1;
  #afterReturn = false;
  #pieces: Buffer[] = [];
  #size = 0;

  constructor(delimiter: number, maximumBytes: number) {
    this.#delimiter = delimiter;
    this.#maximumBytes = maximumBytes;
  }

  *read(chunk: Buffer): Generator<TableRowBytes | UnreadableRow> {
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at]!;
      if (byte === newline || byte === carriageReturn) {
        const second = byte === newline && this.#afterReturn;
        this.#afterReturn = byte === carriageReturn;
        if (!second) this.#line += 1;
        if (this.#standing === 'quoted' && this.#size + at - from <= this.#maximumBytes) continue;
        if (second && this.#size === 0 && at === from) {
          from = at + 1;
          this.#rowLine = this.#line;
          continue;
        }
        yield* this.#give(chunk.subarray(from, at));
        from = at + 1;
        continue;
      }
      this.#afterReturn = false;
      this.#standing = this.#next(byte);
    }
    this.#keep(chunk.subarray(from));
  }

  *end(): Generator<TableRowBytes | UnreadableRow> {
    if (this.#standing === 'quoted') yield this.#unclosed();
    else yield* this.#give(Buffer.alloc(0));
  }

  #next(byte: number): Standing {
    switch (this.#standing) {
      case 'cell-start':
        return byte === quote ? 'quoted' : byte === this.#delimiter ? 'cell-start' : 'plain';
      case 'plain':
        return byte === this.#delimiter ? 'cell-start' : 'plain';
      case 'quoted':
        return byte === quote ? 'quote-in-quoted' : 'quoted';
      case 'quote-in-quoted':
        return byte === quote ? 'quoted' : byte === this.#delimiter ? 'cell-start' : 'unfit';
      case 'unfit':
        return 'unfit';
    }
  }

  #keep(piece: Buffer): void {
    this.#size += piece.length;
    if (this.#size <= this.#maximumBytes) this.#pieces.push(piece);
    else this.#pieces = [];
  }

  *#give(last: Buffer): Generator<TableRowBytes | UnreadableRow> {
    this.#keep(last);
    const line = this.#rowLine;
    const size = this.#size;
    const standing = this.#standing;
    const bytes = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#size = 0;
    this.#standing = 'cell-start';
    this.#rowLine = this.#line;
    if (size > this.#maximumBytes) yield rowTooLong(line, size, this.#maximumBytes, standing === 'quoted');
    else if (standing === 'unfit') yield misplacedQuote(line);
    else if (!bytes.every((byte) => byte === 0x20)) yield { line, bytes };
  }

  #unclosed(): UnreadableRow {
    return {
      line: this.#rowLine,
      code: 'quote-open',
      message: `A quote that opens on line ${this.#rowLine} is never closed, so lines ${this.#rowLine} to ${this.#line} were not read.`,
      fix: 'Close the quote, or double it where it belongs to the text.',
    };
  }
}

function rowTooLong(line: number, bytes: number, maximumBytes: number, isQuoted: boolean): UnreadableRow {
  return {
    line,
    code: 'row-too-long',
    message: `The row on line ${line} has ${bytes.toLocaleString('en')} bytes or more; ${maximumBytes.toLocaleString('en')} are read.`,
    fix: isQuoted
      ? 'Look for a quote that is not closed, shorten the row, or allow more with --max-row-bytes.'
      : 'Look for a missing line break, shorten the row, or allow more with --max-row-bytes.',
  };
}

function misplacedQuote(line: number): UnreadableRow {
  return {
    line,
    code: 'quote-unfit',
    message: `The row on line ${line} has text behind a closing quote.`,
    fix: 'Double each quote that belongs to the text, as "he said ""yes""".',
  };
}
