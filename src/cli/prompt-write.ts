import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inputError } from '#core/errors.ts';
import type { Task } from '#core/task.ts';
import { findInside } from '#data/inside-folder.ts';
import { readPromptFile } from '#data/prompt-file.ts';
import { promptsFolder } from '#data/prompt-library.ts';
import { writeAtomically } from './write-atomically.ts';

/** Writes a new version into the task's `prompts` folder; gives its path. Throws where the name is taken, unfit or leads elsewhere. */
export async function writeVersion(task: Pick<Task, 'folder'>, name: string, content: string): Promise<string> {
  if (!/^[\p{L}\p{N}_][\p{L}\p{N}_ .-]*$/u.test(name) || name.toLowerCase() === 'readme') {
    throw inputError({
      code: 'prompt-name-unfit',
      message: `${JSON.stringify(name)} cannot be the name of a version.`,
      hint: 'Name it as a file without folder and ending, such as v2 or shorter-task.',
    });
  }
  const file = join(task.folder, promptsFolder, `${name}.md`);
  readPromptFile(content, name, file);
  const folder = await findInside(task.folder, promptsFolder, { file: dirname(file) });
  if ((await stat(file).catch(() => undefined)) !== undefined) {
    throw inputError({
      code: 'prompt-exists',
      message: `There is already a version ${name}.`,
      hint: 'Give the new one another name: versions are kept so that they can be compared.',
      place: { file },
    });
  }
  if (folder === undefined) await mkdir(dirname(file), { recursive: true });
  await writeAtomically(file, content);
  return file;
}
