import { access, constants, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { RungError } from '#core/errors.ts';
import { storeError } from './store-error.ts';

/**
 * Lets one run at a time work in a folder. The lock is the operating system's, held through SQLite: it ends with the
 * process that holds it, however that process ends.
 */
export async function lockRuns(folder: string): Promise<{ release(): void }> {
  const file = join(folder, 'lock.sqlite');
  try {
    // asked first, since mkdir calls a read-only file system a missing file
    await access(dirname(folder), constants.W_OK);
    await mkdir(folder, { recursive: true });
    // waits a little, for a run that is just being killed
    const database = new Database(file, { timeout: 5_000 });
    database.pragma('locking_mode = EXCLUSIVE');
    database.exec('begin exclusive');
    return { release: () => database.close() };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (/BUSY|LOCKED/.test(code)) {
      throw new RungError({
        code: 'run-locked',
        message: 'Another run is at work on this task.',
        hint: 'Wait for it to end, or stop it; both would buy the same answers.',
        place: { file: folder },
      });
    }
    throw storeError(error, file);
  }
}
