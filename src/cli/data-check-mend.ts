import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { DataFix } from '#core/data-check.ts';
import type { DataRow } from '#core/data-row.ts';
import { inputError } from '#core/errors.ts';
import { fixLines } from '#data/check-data-fix.ts';
import { undoChanges } from '#data/check-data-undo.ts';
import type { DataFile } from '#data/read-data-file.ts';
import { isUnreadable } from '#data/unreadable-row.ts';
import { writeDataFile } from '#data/write-data-file.ts';
import type { DataCheckFlags } from './data-check-flags.ts';
import type { TerminalIo } from './terminal-io.ts';

/** What `--fix` wrote. */
export interface Mended {
  readonly target: string;
  readonly changes: number;
  readonly byRule: Readonly<Record<string, number>>;
  /** The list from which `--undo` makes the file as it was; absent where the file is no lines of JSON, and the original stays where it is. */
  readonly changesFile?: string;
  /** Rows that could not be read, left out where the file is no lines of JSON. */
  readonly dropped: readonly { readonly row: number; readonly why: string }[];
}

const gzip = Buffer.from([0x1f, 0x8b]);

/** Where `--fix` writes; refuses to replace a file without `--in-place`. */
export function fixTarget(source: string, { output, inPlace, sample, map }: DataCheckFlags, io: TerminalIo): string {
  if (map !== undefined) {
    throw inputError({
      code: 'fix-of-mapping',
      message: 'Logs that are read by a mapping are not written back: fields without a mapping would be lost.',
      hint: 'Convert them first with rung data convert, and mend what that writes.',
    });
  }
  if (sample !== undefined) {
    throw inputError({
      code: 'fix-of-sample',
      message: 'A file is mended as a whole, not by a sample of its rows.',
      hint: 'Leave --sample out.',
    });
  }
  if (output === undefined && inPlace !== true) {
    throw inputError({
      code: 'output-missing',
      message: 'It is not said where to write.',
      hint: 'Name a file with -o, or replace the file itself with --in-place.',
    });
  }
  const target = output === undefined ? source : resolve(io.workingFolder, output);
  if (target === source && inPlace !== true) {
    throw inputError({
      code: 'would-overwrite',
      message: `${source} would be overwritten.`,
      hint: 'Name another file with -o, or say --in-place.',
      place: { file: source },
    });
  }
  return target;
}

/** Mends a file's rows into another one, or in its place. */
export async function mendFile(
  source: string,
  target: string,
  opened: DataFile,
  mend: (row: DataRow) => readonly DataFix[],
): Promise<Mended> {
  const byRule = new Map<string, number>();
  const counting = (row: DataRow) => {
    const fixes = mend(row);
    for (const { rule } of fixes) byRule.set(rule, (byRule.get(rule) ?? 0) + 1);
    return fixes;
  };
  if (opened.container === 'jsonl' && !(await isCompressed(source))) {
    const changesFile = `${target}.changes.jsonl`;
    const { changes } = await fixLines({ source, target, changesFile, rows: opened.rows, format: opened.format, mend: counting });
    return { target, changes, byRule: Object.fromEntries(byRule), changesFile, dropped: [] };
  }
  if (target === source) {
    throw inputError({
      code: 'not-in-place',
      message: `Only files of plain JSON lines are mended in place; this is ${opened.container}.`,
      hint: 'Name another file with -o.',
      place: { file: source },
    });
  }
  const dropped: { row: number; why: string }[] = [];
  let changes = 0;
  async function* rows(): AsyncGenerator<DataRow> {
    for await (const row of opened.rows) {
      if (isUnreadable(row)) {
        dropped.push({ row: row.line, why: row.message });
        continue;
      }
      const last = counting(row).at(-1);
      if (last !== undefined) changes += 1;
      if (last === undefined) yield row;
      else if (last.row !== undefined) yield last.row;
    }
  }
  await writeDataFile(target, rows(), { format: opened.format, container: opened.container });
  return { target, changes, byRule: Object.fromEntries(byRule), dropped };
}

/** Takes the changes of an earlier `--fix` back. */
export async function undoFix(source: string, changes: string, flags: DataCheckFlags, io: TerminalIo): Promise<Mended> {
  const target = fixTarget(source, flags, io);
  const done = await undoChanges({ source, target, changesFile: resolve(io.workingFolder, changes) });
  return { target, changes: done.changes, byRule: {}, dropped: [] };
}

async function isCompressed(file: string): Promise<boolean> {
  if (/\.gz$/i.test(file)) return true;
  const handle = await open(file);
  try {
    const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.equals(gzip);
  } finally {
    await handle.close();
  }
}
