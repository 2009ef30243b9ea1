import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { inputError } from '#core/errors.ts';
import { isMissing } from '#data/inside-folder.ts';
import { writeFailure } from '#data/write-failure.ts';

/** Throws a usage error where something lies there already: nothing is written over. */
export async function refuseTaken(folder: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return;
    throw writeFailure(error, folder);
  }
  if (names.length === 0) return;
  throw inputError({
    code: 'folder-taken',
    message: 'The folder is there and not empty; nothing is written over.',
    hint: 'Name another with -o.',
    place: { file: folder },
  });
}

/** Writes a folder whole or not at all. Throws a usage error where it is taken or cannot be written. */
export async function writeFolder(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await refuseTaken(folder);
  let temporary: string | undefined;
  try {
    await mkdir(dirname(folder), { recursive: true });
    temporary = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
    for (const [name, content] of Object.entries(files)) {
      const file = join(temporary, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    // an empty folder gives way; one that was filled meanwhile does not
    await rename(temporary, folder);
  } catch (error) {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
    throw writeFailure(error, folder);
  }
}
