import { createReadStream } from 'node:fs';
import { TextDecoder } from 'node:util';
import { inputError } from '#core/errors.ts';
import { isMissing } from './inside-folder.ts';

/** One line of a file, without its line end. Lines count from 1. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

const newline = 0x0a;

/**
 * Streams a UTF-8 file line by line, holding one line at a time. A byte order mark and carriage returns are dropped;
 * blank lines are passed over but counted. Throws a usage error for a line longer than `maximumBytes`, for text that is not UTF-8, and for a
 * missing file.
 */
export async function* readLines(file: string, maximumBytes: number): AsyncGenerator<Line> {
  let number = 0;
  let pieces: Buffer[] = [];
  let size = 0;
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const lineOf = (end: Buffer): Line | undefined => {
    number += 1;
    size += end.length;
    if (size > maximumBytes) throw tooLong(file, number, maximumBytes);
    const bytes = pieces.length === 0 ? end : Buffer.concat([...pieces, end]);
    pieces = [];
    size = 0;
    const text = withoutMarks(decode(decoder, bytes, file, number), number);
    return text.trim() === '' ? undefined : { number, text };
  };
  for await (const chunk of chunksOf(file)) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      const line = lineOf(chunk.subarray(start, end));
      start = end + 1;
      if (line !== undefined) yield line;
    }
    if (start === chunk.length) continue;
    pieces.push(chunk.subarray(start));
    size += chunk.length - start;
    if (size > maximumBytes) throw tooLong(file, number + 1, maximumBytes);
  }
  if (size > 0) {
    const line = lineOf(Buffer.alloc(0));
    if (line !== undefined) yield line;
  }
}

async function* chunksOf(file: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(file)) yield chunk as Buffer;
  } catch (error) {
    throw readFailure(error, file);
  }
}

/** A usage error for a file that is missing or a folder; any other error as it is. */
export function readFailure(error: unknown, file: string): unknown {
  const isFolder = error instanceof Error && 'code' in error && error.code === 'EISDIR';
  if (!isFolder && !isMissing(error)) return error;
  return inputError({
    code: 'file-missing',
    message: isFolder ? `${file} is a folder, not a file of examples.` : `The file ${file} does not exist.`,
    hint: 'Create it, or correct its name.',
    place: { file },
  });
}

function decode(decoder: TextDecoder, bytes: Buffer, file: string, number: number): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw inputError({
      code: 'not-utf8',
      message: `Line ${number} is not UTF-8 text.`,
      hint: 'Save the file as UTF-8.',
      place: { file, line: number },
    });
  }
}

function withoutMarks(text: string, number: number): string {
  const unmarked = number === 1 && text.startsWith('\uFEFF') ? text.slice(1) : text;
  return unmarked.endsWith('\r') ? unmarked.slice(0, -1) : unmarked;
}

export function tooLong(file: string, line: number, maximumBytes: number): Error {
  return inputError({
    code: 'row-too-long',
    message: `The row on line ${line} is longer than ${maximumBytes.toLocaleString('en')} bytes.`,
    hint: 'Shorten it, check for a missing line break, or raise maximumRowBytes in the task file.',
    place: { file, line },
  });
}
