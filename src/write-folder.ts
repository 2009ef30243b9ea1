import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { inputError } from '#core/errors.ts';
import { writeFailure } from '#data/write-failure.ts';

/** Throws a usage error where a file or a folder with something in it lies there already: nothing is written over. */
export async function refuseTaken(folder: string, hint = 'Name another with -o.'): Promise<void> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return;
    if (code === 'ENOTDIR') throw taken('A file lies in the way of the folder; nothing is written over.', folder, hint);
    throw writeFailure(error, folder);
  }
  if (names.length > 0) throw taken('The folder is there and not empty; nothing is written over.', folder, hint);
}

function taken(message: string, file: string, hint: string): Error {
  return inputError({ code: 'folder-taken', message, hint, place: { file } });
}

/** Writes a folder whole or not at all. Throws a usage error where it is taken or cannot be written. */
export async function writeFolder(folder: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  await refuseTaken(folder);
  const temporary = join(dirname(folder), `.${basename(folder)}-${randomUUID().slice(0, 8)}`);
  try {
    await mkdir(temporary, { recursive: true });
    for (const [name, content] of Object.entries(files)) {
      const file = join(temporary, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    // an empty folder gives way; a file, a link, or a folder that was filled meanwhile does not
    await rmdir(folder).catch(() => {});
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw writeFailure(error, folder);
  }
}
