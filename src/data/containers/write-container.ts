import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { DataContainer } from '#core/data-format.ts';
import type { JsonObject } from '#core/json.ts';
import { type ColumnShape, noShape, widenShape } from './column-shape.ts';
import { openBytes } from './open-bytes.ts';
import { writeParquet } from './parquet-write.ts';
import { splitLines } from './split-lines.ts';
import { jsonlText, jsonText, tableText, yamlText } from './text-writers.ts';

type Records = AsyncIterable<JsonObject>;
type WriteFile = (file: string, records: Records, gzip: boolean) => Promise<void>;

const writers: Readonly<Record<DataContainer, WriteFile>> = {
  jsonl: (file, records, gzip) => writeTexts(file, jsonlText(records), gzip),
  json: (file, records, gzip) => writeTexts(file, jsonText(records), gzip),
  yaml: (file, records, gzip) => writeTexts(file, yamlText(records), gzip),
  csv: (file, records, gzip) => writeTable(file, records, gzip, ','),
  tsv: (file, records, gzip) => writeTable(file, records, gzip, '\t'),
  parquet: (file, records) => withSpool(file, records, (spooled, columns) => writeParquet(file, spooled, columns)),
};

/** Writes records into a file, no faster than the disk takes them. Columns of tables and Parquet are known at the end only: their rows are put down beside the file first. */
export function writeContainer(file: string, records: Records, container: DataContainer, gzip: boolean): Promise<void> {
  return writers[container](file, records, gzip);
}

function writeTable(file: string, records: Records, gzip: boolean, delimiter: string): Promise<void> {
  return withSpool(file, records, (spooled, columns) =>
    writeTexts(file, tableText(recordsOf(spooled), [...columns.keys()], delimiter), gzip),
  );
}

async function* recordsOf(spooled: AsyncIterable<{ record: JsonObject }>): AsyncGenerator<JsonObject> {
  for await (const { record } of spooled) yield record;
}

async function writeTexts(file: string, texts: AsyncGenerator<string>, gzip: boolean): Promise<void> {
  const target = createWriteStream(file);
  if (gzip) await pipeline(gathered(texts), createGzip(), target);
  else await pipeline(gathered(texts), target);
}

/** Joins short texts, so that a million rows are not a million writes. */
async function* gathered(texts: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let held: string[] = [];
  let size = 0;
  for await (const text of texts) {
    held.push(text);
    size += text.length;
    if (size < 1 << 18) continue;
    yield Buffer.from(held.join(''));
    held = [];
    size = 0;
  }
  if (size > 0) yield Buffer.from(held.join(''));
}

type Spooled = AsyncIterable<{ readonly record: JsonObject; readonly bytes: number }>;

async function withSpool(
  file: string,
  records: Records,
  write: (spooled: Spooled, columns: ReadonlyMap<string, ColumnShape>) => Promise<void>,
): Promise<void> {
  const spool = `${file}.rows`;
  const columns = new Map<string, ColumnShape>();
  async function* observed(): AsyncGenerator<JsonObject> {
    for await (const record of records) {
      for (const [name, value] of Object.entries(record)) {
        if (value !== undefined) columns.set(name, widenShape(columns.get(name) ?? noShape, value));
      }
      yield record;
    }
  }
  try {
    await writeTexts(spool, jsonlText(observed()), false);
    await write(readSpool(spool), columns);
  } finally {
    await rm(spool, { force: true });
  }
}

async function* readSpool(spool: string): AsyncGenerator<{ readonly record: JsonObject; readonly bytes: number }> {
  for await (const item of splitLines(openBytes(spool), Number.MAX_SAFE_INTEGER)) {
    if ('bytes' in item) yield { record: JSON.parse(item.bytes.toString()) as JsonObject, bytes: item.bytes.length };
  }
}
