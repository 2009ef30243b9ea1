import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DataFix } from '#core/data-check.ts';
import type { DataFormat } from '#core/data-format.ts';
import type { DataRow } from '#core/data-row.ts';
import { lineParts, splitEnd } from './check-data-lines.ts';
import { isUnreadable, type UnreadableRow } from './unreadable-row.ts';
import { writeFailure } from './write-failure.ts';

/** A change of one line, as a list of changes holds it: enough to take it back. */
export interface LineChange {
  /** Line of the file before. */
  readonly line: number;
  readonly rules: readonly string[];
  readonly what: string;
  readonly before: string;
  /** Absent where the row went. */
  readonly after?: string;
  /** What ended the line: a line feed, with a carriage return or not, or nothing. */
  readonly end: string;
}

/** The last line of a list of changes. */
export interface ChangesEnd {
  readonly schema: 'rung.data-changes/1';
  readonly changes: number;
  /** SHA-256 of the file before and after. */
  readonly before: string;
  readonly after: string;
}

export interface FixRequest {
  readonly source: string;
  /** The same as `source` only where it is to be replaced. */
  readonly target: string;
  readonly changesFile: string;
  /** The rows of the source, once more. */
  readonly rows: AsyncIterable<DataRow | UnreadableRow>;
  readonly format: DataFormat;
  mend(row: DataRow): readonly DataFix[];
}

/**
 * Writes a file of lines with its rows mended: lines that stay are copied byte for byte, and every change is written to a list
 * from which `undoChanges` makes the file as it was. Both files appear whole or not at all; what stood at `target` stays until
 * then. Throws where the disk is full or a file cannot be written.
 */
export async function fixLines(request: FixRequest): Promise<ChangesEnd> {
  const [before, after] = [createHash('sha256'), createHash('sha256')];
  const changes = changeWriter(request.changesFile);
  const changed = changedRows(request);
  async function* mended(): AsyncGenerator<Buffer> {
    let next = await changed.next();
    let held: Buffer[] = [];
    for await (const part of lineParts(request.source)) {
      before.update(part.bytes);
      if (next.done === true || next.value.line !== part.line) {
        after.update(part.bytes);
        yield part.bytes;
        continue;
      }
      held.push(part.bytes);
      if (!part.end) continue;
      const { text, end } = splitEnd(Buffer.concat(held));
      held = [];
      const { fixes, written } = next.value;
      const was = text.toString('utf8');
      const bytes =
        written === undefined ? Buffer.alloc(0) : Buffer.concat([Buffer.from((was.startsWith('\uFEFF') ? '\uFEFF' : '') + written), end]);
      await changes.write({
        line: part.line,
        rules: fixes.map(({ rule }) => rule),
        what: fixes.map(({ what }) => what).join('; '),
        before: was,
        ...(written !== undefined && { after: written }),
        end: end.toString('latin1'),
      });
      after.update(bytes);
      yield bytes;
      next = await changed.next();
    }
  }
  try {
    await writeBeside(request.target, mended(), async () => {
      await changes.end({
        schema: 'rung.data-changes/1',
        changes: changes.count,
        before: before.copy().digest('hex'),
        after: after.copy().digest('hex'),
      });
    });
  } catch (error) {
    await changes.discard();
    throw error;
  }
  return { schema: 'rung.data-changes/1', changes: changes.count, before: before.digest('hex'), after: after.digest('hex') };
}

interface ChangedRow {
  readonly line: number;
  readonly fixes: readonly DataFix[];
  /** Absent where the row goes. */
  readonly written: string | undefined;
}

async function* changedRows({ rows, mend, format }: FixRequest): AsyncGenerator<ChangedRow> {
  for await (const row of rows) {
    if (isUnreadable(row)) continue;
    const fixes = mend(row);
    const last = fixes.at(-1);
    if (last === undefined) continue;
    yield { line: row.line, fixes, written: last.row === undefined ? undefined : JSON.stringify(format.write(last.row).record) };
  }
}

/** Writes bytes beside a file and puts them in its place when all of them are there and `ready` is through. */
export async function writeBeside(file: string, bytes: AsyncIterable<Buffer>, ready: () => Promise<void>): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  // a file that only its owner may read stays one
  const mode = (await stat(file).catch(() => undefined))?.mode;
  try {
    await pipeline(Readable.from(bytes, { objectMode: false }), createWriteStream(temporary, mode === undefined ? {} : { mode }));
    await ready();
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw writeFailure(error, file);
  }
}

function changeWriter(file: string) {
  const temporary = `${file}.${process.pid}.tmp`;
  const stream = createWriteStream(temporary);
  let failed: Error | undefined;
  let count = 0;
  stream.on('error', (error) => (failed = error));
  const write = async (value: LineChange | ChangesEnd): Promise<void> => {
    if (failed !== undefined) throw failed;
    await new Promise<void>((resolve, reject) =>
      stream.write(`${JSON.stringify(value)}\n`, (error) => (error ? reject(error) : resolve())),
    );
  };
  return {
    get count() {
      return count;
    },
    async write(change: LineChange): Promise<void> {
      count += 1;
      await write(change);
    },
    async end(last: ChangesEnd): Promise<void> {
      await write(last);
      await new Promise<void>((resolve) => stream.end(() => resolve()));
      await rename(temporary, file);
    },
    async discard(): Promise<void> {
      stream.destroy();
      await rm(temporary, { force: true });
    },
  };
}
