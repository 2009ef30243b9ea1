import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { asyncBufferFromFile, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { inputError, messageOf } from '#core/errors.ts';
import type { Json, JsonObject } from '#core/json.ts';
import { readFailure } from '#data/read-lines.ts';
import { BrokenInput } from './open-bytes.ts';
import type { ReadItem, ReadingOptions } from './read-record.ts';

const compressors = {
  GZIP: (input: Uint8Array) => new Uint8Array(gunzipSync(input)),
  BROTLI: (input: Uint8Array) => new Uint8Array(brotliDecompressSync(input)),
  ZSTD: (input: Uint8Array) => new Uint8Array(zstdDecompressSync(input)),
};

/** A value that stands as JSON text in its column: a null in it was written, not absent. */
class JsonCell {
  readonly value: Json;

  constructor(value: Json) {
    this.value = value;
  }
}

function jsonFromBytes(bytes: Uint8Array | undefined): JsonCell | undefined {
  return bytes && new JsonCell(JSON.parse(Buffer.from(bytes).toString()) as Json);
}

/** Reads the rows of a Parquet file, one row group in memory at a time. Nested lists and structs become lists and objects; what is null is left out. */
export async function* readParquet(file: string, options: ReadingOptions): AsyncGenerator<ReadItem> {
  const buffer = await asyncBufferFromFile(file).catch((error: unknown) => {
    throw readFailure(error, file);
  });
  const metadata = await readMetadata(buffer, file);
  let line = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = line + Number(group.num_rows);
    let rows: Record<string, unknown>[];
    try {
      rows = await parquetReadObjects({ file: buffer, metadata, rowStart: line, rowEnd, compressors, parsers: { jsonFromBytes } });
    } catch (error) {
      const reason = messageOf(error).split('\n', 1)[0]!.slice(0, 200);
      throw new BrokenInput(
        'parquet-broken',
        `A row group of the Parquet file cannot be read (${reason})`,
        'Write the file anew, or convert it to JSONL with the tool it came from.',
      );
    }
    for (const row of rows) {
      line += 1;
      yield { line, record: plainObject(row, line, options) };
    }
  }
}

async function readMetadata(buffer: Awaited<ReturnType<typeof asyncBufferFromFile>>, file: string): Promise<FileMetaData> {
  try {
    return await parquetMetadataAsync(buffer);
  } catch (error) {
    throw inputError({
      code: 'parquet-broken',
      message: `${file} is not a whole Parquet file: ${messageOf(error).replace(/\.$/, '')}.`,
      hint: 'Copy or download it again.',
      place: { file },
    });
  }
}

function plainObject(row: object, line: number, options: ReadingOptions): JsonObject {
  const members: [string, Json][] = [];
  for (const [name, value] of Object.entries(row)) {
    if (value !== null && value !== undefined) members.push([name, plainValue(value, line, options)]);
  }
  return Object.fromEntries(members);
}

function plainValue(value: unknown, line: number, options: ReadingOptions): Json {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null || value === undefined) return value ?? null;
  if (value instanceof JsonCell) return value.value;
  if (typeof value === 'bigint') {
    if (Number.isSafeInteger(Number(value))) return Number(value);
    options.note('numbers-as-text', line);
    return String(value);
  }
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value;
    options.note('numbers-as-text', line);
    return String(value);
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) {
    options.note('bytes-as-base64', line);
    return Buffer.from(value).toString('base64');
  }
  if (Array.isArray(value) || ArrayBuffer.isView(value))
    return Array.from(value as ArrayLike<unknown>, (member) => plainValue(member, line, options));
  if (value instanceof Map) return plainObject(Object.fromEntries(value), line, options);
  return plainObject(value as object, line, options);
}
