import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { exitCodes, inputError, RungError } from '#core/errors.ts';
import { splitNames } from '#core/example.ts';
import { findInside, isMissing } from '#data/inside-folder.ts';
import { type DataFile, readDataFile } from '#data/read-data-file.ts';
import { nearSearch } from '#data/split/near-search.ts';
import { planSplit, type SplitOptions } from '#data/split/plan-split.ts';
import { writeSplit } from '#data/split/split-file.ts';
import { readSplitRecord, type Sides, type SplitRecord } from '#data/split/split-record.ts';
import type { AddCommand } from './add-command.ts';
import { defaultShares, splitShares } from './data-shares.ts';
import { splitDocument } from './data-split-document.ts';
import { formatDataSplit } from './data-split-format.ts';
import { automaticTestRows } from './data-test-rows.ts';
import { rowWatch } from './data-watch-rows.ts';
import { unreadableFlag, wholeNumber } from './flag-values.ts';
import { print } from './prompt-output.ts';
import type { TerminalIo } from './terminal-io.ts';
import { writeAtomically } from './write-atomically.ts';

interface DataSplitFlags {
  readonly output: string;
  readonly into?: Sides;
  readonly group?: string;
  readonly testRows?: number | 'auto';
  readonly keep?: string;
  readonly ignoreSides?: boolean;
  readonly from?: string;
  readonly seed?: number;
  readonly fresh?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const recordName = 'split.json';

/** `rung data split FILE -o DIR`: frozen parts to train, choose and test on, so that no score lies. */
export const addDataSplit: AddCommand = (data, io, exit) => {
  data
    .command('split')
    .argument('<file>', 'file of rows')
    .description('frozen parts to train, to choose and to test on: groups and near-duplicates on one side, labels in proportion')
    .requiredOption('-o, --output <folder>', 'where the parts go, as train.jsonl, and split.json with their hash')
    .option(
      '--into <shares>',
      `shares of the parts; train=${defaultShares.train},validation=${defaultShares.validation},test=${defaultShares.test} where absent`,
      splitShares,
    )
    .option('--group <field>', 'rows that have this field in common stay together; group where absent', nonEmpty)
    .option('--test-rows <n>', 'rows of the test part; auto for as many as the statistics ask for', testRowsValue)
    .option('--keep <split>', "an earlier split's folder or split.json: its test rows stay test rows, its other rows where they were")
    .option('--ignore-sides', 'split rows anew that name their side')
    .option('--from <format>', 'format of the rows, where it should not be found out')
    .option('--seed <n>', 'what is drawn is drawn from this; 1 where absent', wholeNumber)
    .option('--fresh', 'replace another split that is in the folder')
    .option('--dry-run', 'say what the split would be; write nothing')
    .option('--json', 'print one JSON document, alone, on stdout')
    .option('--debug', 'show stack traces')
    .action(async (path: string, flags: DataSplitFlags) => {
      await splitCommand(path, flags, io);
      exit(exitCodes.done);
    });
};

async function splitCommand(path: string, flags: DataSplitFlags, io: TerminalIo): Promise<void> {
  const file = resolve(io.workingFolder, path);
  const folder = resolve(io.workingFolder, flags.output);
  const watch = rowWatch(io);
  const opened = watch.watched(await readDataFile(file, flags.from === undefined ? {} : { format: flags.from }), ['read', 'write']);
  refuseOwnInput(file, folder, opened);
  const keep = flags.keep === undefined ? undefined : await readKept(resolve(io.workingFolder, flags.keep));
  const kept = keep?.record;
  const there = await readThere(join(folder, recordName));
  const groupField = flags.group ?? kept?.groupField ?? undefined;
  const near = nearSearch();
  const options: SplitOptions = {
    file: path,
    format: opened.format,
    seed: flags.seed ?? kept?.seed ?? 1,
    shares: flags.into ?? kept?.shares ?? defaultShares,
    near,
    ...(groupField === undefined ? {} : { groupField }),
    ...(flags.testRows === undefined ? {} : { testRows: testRowsOf(flags.testRows, path) }),
    ...(kept === undefined ? {} : { kept }),
    ...(keep?.tests === undefined ? {} : { keptTests: keep.tests }),
    ...(flags.ignoreSides === undefined ? {} : { ignoreTold: flags.ignoreSides }),
  };
  try {
    const planned = await planSplit(opened.rows, options);
    if (there !== undefined && there.hash !== planned.hash && flags.keep === undefined && flags.fresh !== true) throw frozen(folder);
    const written = flags.dryRun ? undefined : await writeSplit(opened, planned, folder, options);
    if (written !== undefined) await writeAtomically(join(folder, recordName), `${JSON.stringify(written.record, null, 1)}\n`);
    watch.end();
    const document = splitDocument(path, flags.output, opened, planned, options, written);
    print(io, flags.json, document, (columns) => formatDataSplit(document, columns));
  } finally {
    watch.end();
    near.close();
  }
}

/** An earlier split, with its test rows where their file still lies beside its record. */
async function readKept(path: string): Promise<{ readonly record: SplitRecord; readonly tests?: DataFile }> {
  const info = await stat(path).catch(() => undefined);
  const file = info?.isDirectory() ? join(path, recordName) : path;
  const record = await readThere(file);
  if (record === undefined) {
    throw inputError({
      code: 'file-missing',
      message: 'There is no split here to keep.',
      hint: 'Name the folder that an earlier rung data split wrote, or the split.json in it.',
      place: { file },
    });
  }
  const name = record.parts.test.file;
  const tests = name === null ? undefined : await findInside(dirname(file), name, { file });
  return { record, ...(tests === undefined ? {} : { tests: await readDataFile(tests) }) };
}

async function readThere(file: string): Promise<SplitRecord | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  return readSplitRecord(text, file);
}

function refuseOwnInput(file: string, folder: string, { container }: DataFile): void {
  const isPart = dirname(file) === folder && splitNames.some((side) => basename(file) === `${side}.${container}`);
  if (file !== folder && !isPart) return;
  throw inputError({
    code: 'output-is-input',
    message: 'The parts would be written over the file that is split.',
    hint: 'Name another folder with -o.',
    place: { file },
  });
}

function frozen(folder: string): RungError {
  return new RungError({
    code: 'split-frozen',
    message: 'There is another split in the folder, and this one would put rows on other sides.',
    hint: 'Add --keep with that folder so that its test rows stay test rows, name another folder, or replace it with --fresh.',
    place: { file: join(folder, recordName) },
    exitCode: exitCodes.criteriaChanged,
  });
}

function testRowsOf(wanted: number | 'auto', file: string): (rows: number) => number {
  if (wanted === 'auto') return automaticTestRows;
  return (rows) => {
    if (wanted < rows) return wanted;
    throw inputError({
      code: 'test-rows-too-many',
      message: `A test part of ${wanted} rows leaves nothing of ${rows} to train on.`,
      hint: 'Ask for fewer, or for auto.',
      place: { file },
    });
  };
}

function testRowsValue(text: string): number | 'auto' {
  return text === 'auto' ? text : wholeNumber(text);
}

function nonEmpty(text: string): string {
  if (text.trim() !== '') return text;
  throw unreadableFlag('The name of a field is empty.', 'Name a field of the rows, as --group customer.');
}
