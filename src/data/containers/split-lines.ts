import type { UnreadableRow } from '#data/unreadable-row.ts';

/** The bytes of one line, without its line end. Lines count from 1. */
export interface LineBytes {
  readonly line: number;
  readonly bytes: Buffer;
}

const newline = 0x0a;
const carriageReturn = 0x0d;

/**
 * Splits bytes at line feeds, carriage returns and both together; blank lines are counted and passed over. A line over `maximumBytes`
 * is passed over without being held, and told as a fault.
 */
export async function* splitLines(chunks: AsyncIterable<Buffer>, maximumBytes: number): AsyncGenerator<LineBytes | UnreadableRow> {
  let line = 1;
  let pieces: Buffer[] = [];
  let size = 0;
  let skipped = 0;
  let afterReturn = false;
  const take = (end: Buffer): LineBytes | UnreadableRow | undefined => {
    const whole = size + skipped + end.length;
    const bytes = pieces.length === 0 ? end : Buffer.concat([...pieces, end]);
    pieces = [];
    size = 0;
    skipped = 0;
    const number = line;
    line += 1;
    if (whole > maximumBytes) return lineTooLong(number, whole, maximumBytes);
    return isBlank(bytes) ? undefined : { line: number, bytes };
  };
  for await (const chunk of chunks) {
    let start: number = afterReturn && chunk[0] === newline ? 1 : 0;
    afterReturn = false;
    let feed: number = chunk.indexOf(newline, start);
    let back: number = chunk.indexOf(carriageReturn, start);
    while (feed !== -1 || back !== -1) {
      const end: number = back === -1 || (feed !== -1 && feed < back) ? feed : back;
      const item = take(chunk.subarray(start, end));
      if (item !== undefined) yield item;
      const both: boolean = end === back && chunk[end + 1] === newline;
      start = end + (both ? 2 : 1);
      afterReturn = end === back && end === chunk.length - 1;
      if (feed !== -1 && feed < start) feed = chunk.indexOf(newline, start);
      if (back !== -1 && back < start) back = chunk.indexOf(carriageReturn, start);
    }
    if (start >= chunk.length) continue;
    const rest = chunk.subarray(start);
    if (size + skipped + rest.length > maximumBytes) {
      skipped += size + rest.length;
      pieces = [];
      size = 0;
    } else {
      pieces.push(rest);
      size += rest.length;
    }
  }
  if (size + skipped > 0) {
    const item = take(Buffer.alloc(0));
    if (item !== undefined) yield item;
  }
}

function lineTooLong(line: number, bytes: number, maximumBytes: number): UnreadableRow {
  return {
    line,
    code: 'row-too-long',
    message: `Line ${line} has ${bytes.toLocaleString('en')} bytes, more than the ${maximumBytes.toLocaleString('en')} that are read.`,
    fix: 'Look for a missing line break, shorten the row, or allow more with --max-row-bytes.',
  };
}

function isBlank(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte !== 0x20 && byte !== 0x09) return false;
  return true;
}
