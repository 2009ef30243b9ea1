import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type DataContainer, type DataFormat, RowFault, type WrittenRows } from '#core/data-format.ts';
import type { DataRow } from '#core/data-row.ts';
import { inputError } from '#core/errors.ts';
import { contentHash, type JsonObject } from '#core/json.ts';
import { containerOfName } from './containers/detect-container.ts';
import { openSink, type RecordSink } from './containers/record-sink.ts';
import { aboutFields, isOtherForm } from './formats/record-parts.ts';
import { readSideFiles, type SideFile } from './side-files.ts';
import { writeFailure } from './write-failure.ts';
import { writeWhole } from './write-whole.ts';

export interface WriteDataOptions {
  readonly format: DataFormat;
  /** By the file's name where absent, or the format's own where that says nothing. */
  readonly container?: DataContainer;
  /** The format that the rows were read as; what it gave no meaning is written back only by itself. The same format where absent. */
  readonly from?: DataFormat;
}

export interface WrittenData {
  readonly written: number;
  /** Rows that the format cannot hold at all; the first thousand. */
  readonly dropped: readonly { readonly row: number; readonly why: string }[];
  /** What the format could not hold, by field, with the number of rows that had it. */
  readonly lost: readonly { readonly field: string; readonly rows: number }[];
  /** SHA-256 of the file's bytes; of the names and hashes of its files where it is a folder. */
  readonly hash: string;
  /** Every file that was written, the rows first. */
  readonly files: readonly string[];
}

const listedDropped = 1000;

/**
 * Writes rows into a file, or into a folder of parts where the format wants one, whole or not at all: what stood there before stays until the
 * last row is written. Throws where the disk is full or the file cannot be written.
 */
export async function writeDataFile(
  path: string,
  rows: AsyncIterable<DataRow> | Iterable<DataRow>,
  options: WriteDataOptions,
): Promise<WrittenData> {
  const { format } = options;
  const container = containerFor(path, options);
  const sinks = new Map<string, RecordSink>();
  const sinkOf = async (row: DataRow): Promise<RecordSink> => {
    const file = format.parts === undefined ? path : join(path, format.parts[row.split ?? 'train']);
    const open = sinks.get(file) ?? openSink(file, container);
    sinks.set(file, open);
    return open;
  };
  try {
    if (format.parts !== undefined) await mkdir(path, { recursive: true });
    else sinks.set(path, openSink(path, container));
    const { seen, ...told } = await putRows(rows, options, sinkOf);
    if (format.parts !== undefined) await refuseLeftOver(path, format.parts, sinks);
    for (const sink of sinks.values()) await sink.end();
    const side = await readSideFiles(format.parts === undefined ? dirname(path) : path, format.sideFiles?.(basename(path), seen) ?? {});
    return { ...told, ...(await moveIntoPlace(sinks, side, format.parts === undefined ? undefined : path)) };
  } catch (error) {
    for (const sink of sinks.values()) await sink.discard();
    throw writeFailure(error, path);
  }
}

/** What `writeDataFile` would write, drop and lose. */
export async function tryDataFormat(
  rows: AsyncIterable<DataRow> | Iterable<DataRow>,
  options: WriteDataOptions,
): Promise<Pick<WrittenData, 'written' | 'dropped' | 'lost'>> {
  const { written, dropped, lost } = await putRows(rows, options, async () => ({ put: async () => {} }));
  return { written, dropped, lost };
}

function containerFor(path: string, { format, container }: WriteDataOptions): DataContainer {
  const chosen = container ?? (format.parts === undefined ? containerOfName(path) : undefined) ?? format.container;
  if (chosen !== 'parquet' || !/\.gz$/i.test(path)) return chosen;
  throw inputError({
    code: 'parquet-in-gzip',
    message: 'A Parquet file is packed already; no loader reads it within gzip.',
    hint: 'Take .gz off its name.',
    place: { file: path },
  });
}

async function putRows(
  rows: AsyncIterable<DataRow> | Iterable<DataRow>,
  options: WriteDataOptions,
  sinkOf: (row: DataRow) => Promise<Pick<RecordSink, 'put'>>,
): Promise<Pick<WrittenData, 'written' | 'dropped' | 'lost'> & { readonly seen: WrittenRows }> {
  const lost = new Map<string, number>();
  const dropped: { row: number; why: string }[] = [];
  const seen = { preferences: false, tools: false, weights: false };
  let written = 0;
  for await (const row of rows) {
    const result = writeRow(row, options);
    if (result instanceof RowFault) {
      if (dropped.length < listedDropped) dropped.push({ row: row.line, why: result.message });
      continue;
    }
    for (const field of new Set(result.lost)) lost.set(field, (lost.get(field) ?? 0) + 1);
    await (await sinkOf(row)).put(result.record);
    written += 1;
    seen.preferences ||= row.preference !== undefined;
    seen.tools ||= row.tools !== undefined;
    seen.weights ||= row.turns.some(({ weight }) => weight !== undefined);
  }
  return { seen, written, dropped, lost: [...lost].sort().map(([field, count]) => ({ field, rows: count })) };
}

/** A row in the words of a format, with what it could not hold. */
function writeRow(row: DataRow, { format, from = format }: WriteDataOptions): { record: JsonObject; lost: readonly string[] } | RowFault {
  try {
    if (from.id === format.id) return format.write(row);
    const { extra, form: _, ...kept } = row;
    const about = format.closed === true ? aboutFields.filter((field) => kept[field] !== undefined) : [];
    const bare = { ...kept, ...Object.fromEntries(about.map((field) => [field, undefined])) };
    const { record, lost } = format.write(bare);
    return { record, lost: [...lost, ...about, ...Object.keys(extra ?? {}).filter((field) => !isOtherForm(row, field))] };
  } catch (error) {
    if (error instanceof RowFault) return error;
    throw error;
  }
}

/** A part of other rows beside the new ones would be trained or tested on with them. */
async function refuseLeftOver(
  folder: string,
  parts: NonNullable<DataFormat['parts']>,
  sinks: ReadonlyMap<string, RecordSink>,
): Promise<void> {
  const there = await readdir(folder);
  const left = Object.values(parts).find((name) => there.includes(name) && !sinks.has(join(folder, name)));
  if (left === undefined) return;
  throw inputError({
    code: 'part-left-over',
    message: `The folder holds ${left} of other rows, and none of the new rows belong there.`,
    hint: 'Move it away, or name another folder.',
    place: { file: join(folder, left) },
  });
}

async function moveIntoPlace(
  sinks: ReadonlyMap<string, RecordSink>,
  side: readonly SideFile[],
  folder: string | undefined,
): Promise<Pick<WrittenData, 'hash' | 'files'>> {
  const hashes: [string, string][] = [];
  for (const [file, sink] of sinks) hashes.push([file, await hashOf(sink.temporary)]);
  for (const { file, content } of side) await writeWhole(file, content);
  for (const [file, sink] of sinks) await rename(sink.temporary, file);
  return {
    hash: folder === undefined ? hashes[0]![1] : contentHash(Object.fromEntries(hashes.map(([file, hash]) => [basename(file), hash]))),
    files: [...hashes.map(([file]) => file), ...side.map(({ file }) => file)],
  };
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
