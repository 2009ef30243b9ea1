import { jsonElements } from './json-elements.ts';
import { parseRecord } from './parse-record.ts';
import type { ReadItem, ReadingOptions } from './read-record.ts';

/** Reads the objects of one JSON list, or of the list that an exported object holds. */
export async function* readJson(chunks: AsyncIterable<Buffer>, options: ReadingOptions): AsyncGenerator<ReadItem> {
  for await (const item of jsonElements(chunks, options.maximumRowBytes)) {
    yield 'bytes' in item ? parseRecord(item.bytes, item.line, `Record ${item.line}`, options) : item;
  }
}
