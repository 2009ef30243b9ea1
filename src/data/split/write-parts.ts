import { mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataRow } from '#core/data-row.ts';
import { inputError } from '#core/errors.ts';
import type { SplitName } from '#core/example.ts';
import type { DataFile } from '#data/read-data-file.ts';
import { type WrittenData, writeDataFile } from '#data/write-data-file.ts';
import { fanOut } from './fan-out.ts';

export interface SidedRow {
  readonly row: DataRow;
  readonly side: SplitName;
}

/** Parts that were written together: one, or all of them where the format has a folder of its own for them. */
export interface WrittenPart {
  readonly sides: readonly SplitName[];
  /** The name of a part's file in the folder. */
  file(side: SplitName): string;
  readonly outcome: WrittenData;
}

/** Writes the parts of a split into a folder, aside first, so that what stood there stays until all of them are complete. */
export async function writeParts(
  { format, container }: Pick<DataFile, 'format' | 'container'>,
  rows: () => AsyncIterable<SidedRow>,
  sides: readonly SplitName[],
  folder: string,
): Promise<readonly WrittenPart[]> {
  const { parts } = format;
  if (parts !== undefined) {
    const outcome = await writeDataFile(folder, withSides(rows()), { format, container });
    return [{ sides, file: (side) => parts[side], outcome }];
  }
  const files = sides.map((side) => `${side}.${container}`);
  const options = { format, container };
  const named = (outcomes: readonly WrittenData[]) =>
    sides.map((side, index) => ({ sides: [side], file: () => files[index]!, outcome: outcomes[index]! }));
  // files beside the rows are read and added to: one part after the other, where they lie
  if (format.sideFiles !== undefined) {
    const outcomes: WrittenData[] = [];
    for (const [index, side] of sides.entries())
      outcomes.push(await writeDataFile(join(folder, files[index]!), bare(only(rows(), side)), options));
    return named(outcomes);
  }
  await refuseFolders(files.map((file) => join(folder, file)));
  const aside = await mkdtemp(join(folder, '.split-'));
  try {
    const outcomes = await writeAtOnce(rows(), sides, (index, some) => writeDataFile(join(aside, files[index]!), bare(some), options));
    for (const file of files) await rename(join(aside, file), join(folder, file));
    return named(outcomes);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function writeAtOnce(
  rows: AsyncIterable<SidedRow>,
  sides: readonly SplitName[],
  write: (index: number, some: AsyncIterable<SidedRow>) => Promise<WrittenData>,
): Promise<WrittenData[]> {
  const fan = fanOut(rows, sides.length, ({ side }) => sides.indexOf(side));
  const writing = fan.streams.map((stream, index) => write(index, stream));
  const outcomes = await Promise.allSettled([fan.run(), ...writing]);
  const reasons: unknown[] = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  // a part that failed is the reason, before what that did to the reading and so to the others
  if (reasons.length > 0) throw reasons.find((reason) => reason !== reasons[0]) ?? reasons[0];
  return Promise.all(writing);
}

async function refuseFolders(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const found = await stat(file).catch(() => undefined);
    if (!found?.isDirectory()) continue;
    throw inputError({
      code: 'is-folder',
      message: 'There is a folder where a part would be written.',
      hint: 'Name another folder with -o.',
      place: { file },
    });
  }
}

async function* withSides(rows: AsyncIterable<SidedRow>): AsyncGenerator<DataRow> {
  for await (const { row, side } of rows) yield { ...row, split: side };
}

async function* bare(rows: AsyncIterable<SidedRow>): AsyncGenerator<DataRow> {
  for await (const { row } of rows) yield row;
}

async function* only(rows: AsyncIterable<SidedRow>, wanted: SplitName): AsyncGenerator<SidedRow> {
  for await (const one of rows) if (one.side === wanted) yield one;
}
