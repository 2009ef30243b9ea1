import { realpath } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { inputError, type Place } from '#core/errors.ts';

/** The path of a file that a task names, with links followed; undefined where there is none. Throws where it lies outside the folder. */
export async function findInside(folder: string, path: string, place: Place): Promise<string | undefined> {
  if (path.includes('\0')) throw outside(path, place);
  const root = await realpath(folder);
  const wanted = resolve(root, path);
  if (!contains(root, wanted) && !contains(resolve(folder), wanted)) throw outside(path, place);
  let found: string;
  try {
    found = await realpath(wanted);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  if (!contains(root, found)) throw outside(path, place);
  return found;
}

/** As `findInside`, but a missing file is an error too. `what` names it in the message, as `examples file`. */
export async function resolveInside(folder: string, path: string, what: string, place: Place): Promise<string> {
  const found = await findInside(folder, path, place);
  if (found !== undefined) return found;
  throw inputError({
    code: 'file-missing',
    message: `The ${what} ${JSON.stringify(path)} does not exist.`,
    hint: `Create it in ${folder} or correct its name in the task file.`,
    place,
  });
}

/** True for the errors of a path that leads nowhere. */
export function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function contains(root: string, path: string): boolean {
  const step = relative(root, path);
  return step !== '..' && !step.startsWith(`..${sep}`) && resolve(root, step) === path;
}

function outside(path: string, place: Place): Error {
  return inputError({
    code: 'path-outside-task',
    message: `The path ${JSON.stringify(path)} leads out of the task folder.`,
    hint: 'Copy the file into the task folder and name it from there; links that lead out are not followed.',
    place,
  });
}
