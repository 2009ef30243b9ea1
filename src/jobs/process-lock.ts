import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { RungError } from '#core/errors.ts';
import { isJsonObject } from '#core/json.ts';
import { writeFailure } from '#data/write-failure.ts';
import { writeWhole } from '#data/write-whole.ts';

/** Who works in a folder. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

export interface ProcessLock {
  release(): void;
}

const lockFile = 'lock.sqlite';
const holderFile = 'holder.json';
/** Long enough for a process that is just being killed. */
const attempts = 10;
const attemptEveryMs = 50;

/**
 * Lets one process at a time work in a folder; undefined where another does. The lock is the operating system's, held
 * through SQLite: it ends with the process that holds it, however that process ends.
 */
export async function takeLock(folder: string, now: () => number): Promise<ProcessLock | undefined> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw writeFailure(error, folder);
  });
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const database = openExclusively(folder);
    if (database !== undefined) {
      const holder: Holder = { pid: process.pid, host: hostname(), since: now() };
      await writeWhole(join(folder, holderFile), `${JSON.stringify(holder)}\n`).catch((error: unknown) => {
        database.close();
        throw writeFailure(error, folder);
      });
      return { release: () => database.close() };
    }
    await sleep(attemptEveryMs);
  }
  return undefined;
}

/** Asks and does not wait, since waiting in SQLite would hold up the whole process. */
function openExclusively(folder: string): Database.Database | undefined {
  let database: Database.Database | undefined;
  try {
    database = new Database(join(folder, lockFile), { timeout: 0 });
    database.pragma('locking_mode = EXCLUSIVE');
    database.exec('begin exclusive');
    return database;
  } catch (error) {
    database?.close();
    if (isBusy(error)) return undefined;
    if (codeOf(error) === 'SQLITE_NOTADB') throw isNoLock(join(folder, lockFile), error);
    throw writeFailure(error, folder);
  }
}

/** Who works in a folder now; undefined where nobody does, also where whoever did was killed. */
export function holderOf(folder: string): Holder | undefined {
  let database: Database.Database | undefined;
  try {
    database = new Database(join(folder, lockFile), { readonly: true, fileMustExist: true, timeout: 0 });
    database.prepare('select 1 from sqlite_master').get();
    return undefined;
  } catch (error) {
    return isBusy(error) ? readHolder(join(folder, holderFile)) : undefined;
  } finally {
    database?.close();
  }
}

function readHolder(file: string): Holder {
  const unknown = { pid: 0, host: '', since: 0 };
  try {
    const read: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isJsonObject(read) ? { ...unknown, ...read } : unknown;
  } catch {
    return unknown;
  }
}

function isBusy(error: unknown): boolean {
  return /BUSY|LOCKED/.test(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function isNoLock(file: string, cause: unknown): RungError {
  return new RungError({
    code: 'lock-unreadable',
    message: 'The lock of this folder was changed.',
    hint: 'Delete the file, which holds nothing, and run the same command again.',
    place: { file },
    cause,
  });
}
