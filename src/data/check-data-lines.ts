import { createReadStream } from 'node:fs';
import { readFailure } from './read-lines.ts';

/** A stretch of a line's bytes; `end` is true for the stretch that holds its line end, or the end of the file. */
export interface LinePart {
  readonly line: number;
  readonly bytes: Buffer;
  readonly end: boolean;
}

const newline = 0x0a;

/** Streams a file's bytes, told apart by lines and otherwise as they are: joined again they are the file. Lines may be of any length. */
export async function* lineParts(file: string): AsyncGenerator<LinePart> {
  let line = 1;
  let open = false;
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      let start = 0;
      for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, start)) {
        yield { line, bytes: chunk.subarray(start, at + 1), end: true };
        line += 1;
        start = at + 1;
        open = false;
      }
      if (start === chunk.length) continue;
      open = true;
      yield { line, bytes: chunk.subarray(start), end: false };
    }
  } catch (error) {
    throw readFailure(error, file);
  }
  if (open) yield { line, bytes: Buffer.alloc(0), end: true };
}

/** A line without its end, and the end: `\n`, `\r\n` or nothing. */
export function splitEnd(line: Buffer): { readonly text: Buffer; readonly end: Buffer } {
  if (line.at(-1) !== newline) return { text: line, end: Buffer.alloc(0) };
  const from = line.length - (line.at(-2) === 0x0d ? 2 : 1);
  return { text: line.subarray(0, from), end: line.subarray(from) };
}
