import { parseRecord } from './parse-record.ts';
import type { ReadItem, ReadingOptions } from './read-record.ts';
import { splitLines } from './split-lines.ts';

/** Reads one JSON object on each line. */
export async function* readJsonl(chunks: AsyncIterable<Buffer>, options: ReadingOptions): AsyncGenerator<ReadItem> {
  for await (const item of splitLines(chunks, options.maximumRowBytes)) {
    yield 'bytes' in item ? parseRecord(item.bytes, item.line, `Line ${item.line}`, options) : item;
  }
}
