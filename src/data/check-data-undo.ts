import { createHash } from 'node:crypto';
import { inputError } from '#core/errors.ts';
import { isJsonObject } from '#core/json.ts';
import { type ChangesEnd, type LineChange, writeBeside } from './check-data-fix.ts';
import { lineParts } from './check-data-lines.ts';
import { readLines } from './read-lines.ts';

const longestChange = 256 * 1024 * 1024;

/**
 * Makes a mended file as it was, from its list of changes; gives how many were taken back. Throws a usage error where the file
 * is not the one that the list belongs to; nothing is written then.
 */
export async function undoChanges(request: {
  readonly source: string;
  readonly target: string;
  readonly changesFile: string;
}): Promise<ChangesEnd> {
  const { source, target, changesFile } = request;
  const [mended, restored] = [createHash('sha256'), createHash('sha256')];
  const list = readChanges(changesFile);
  let end: ChangesEnd | undefined;
  async function* original(): AsyncGenerator<Buffer> {
    let next = await list.next();
    let line = 1;
    let skipping = false;
    let fresh = true;
    const emit = (bytes: Buffer): Buffer => {
      restored.update(bytes);
      return bytes;
    };
    async function* gone(): AsyncGenerator<Buffer> {
      while (next.done !== true && next.value.line === line && next.value.after === undefined) {
        yield emit(Buffer.concat([Buffer.from(next.value.before), Buffer.from(next.value.end, 'latin1')]));
        line += 1;
        next = await list.next();
      }
    }
    for await (const part of lineParts(source)) {
      mended.update(part.bytes);
      if (fresh) {
        yield* gone();
        skipping = next.done !== true && next.value.line === line;
        if (skipping && next.done !== true)
          yield emit(Buffer.concat([Buffer.from(next.value.before), Buffer.from(next.value.end, 'latin1')]));
      }
      if (!skipping) yield emit(part.bytes);
      fresh = part.end;
      if (!part.end) continue;
      if (skipping) next = await list.next();
      line += 1;
    }
    yield* gone();
    end = next.done === true ? next.value : undefined;
  }
  await writeBeside(target, original(), async () => {
    if (end === undefined || mended.digest('hex') !== end.after || restored.digest('hex') !== end.before) {
      throw inputError({
        code: 'changes-unfit',
        message: `${source} is not the file that the list of changes was written for, or was changed since.`,
        hint: 'Name the file that --fix wrote, as it wrote it.',
        place: { file: changesFile },
      });
    }
  });
  return end!;
}

async function* readChanges(file: string): AsyncGenerator<LineChange, ChangesEnd | undefined> {
  for await (const { text, number } of readLines(file, longestChange)) {
    const value = parsed(text);
    if (isEnd(value)) return value;
    if (!isChange(value)) {
      throw inputError({
        code: 'changes-unreadable',
        message: `Line ${number} of the list of changes is no change.`,
        hint: 'Name the list that --fix wrote, ending in .changes.jsonl.',
        place: { file, line: number },
      });
    }
    yield value;
  }
  return undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isEnd(value: unknown): value is ChangesEnd {
  return isJsonObject(value) && value['schema'] === 'rung.data-changes/1';
}

function isChange(value: unknown): value is LineChange {
  return (
    isJsonObject(value) &&
    typeof value['line'] === 'number' &&
    typeof value['before'] === 'string' &&
    typeof value['end'] === 'string' &&
    (value['after'] === undefined || typeof value['after'] === 'string')
  );
}
