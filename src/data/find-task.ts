import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { inputError } from '#core/errors.ts';
import { isMissing } from './inside-folder.ts';

const taskFileNames = ['task.ts', 'task.yaml'] as const;

/** The nearest folder, from `start` upward, that holds a task file. Throws where there is none. */
export async function findTask(start: string): Promise<string> {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    if ((await taskFileIn(folder)) !== undefined) return folder;
    if (folder === dirname(folder)) break;
  }
  throw inputError({
    code: 'task-missing',
    message: `No task.yaml or task.ts was found in ${resolve(start)} or any folder above it.`,
    hint: 'Name a task folder, or make one with `rung init`.',
  });
}

/** The task file that a folder's or a file's name stands for. Throws where there is none. */
export async function taskFileOf(folderOrFile: string): Promise<string> {
  const path = resolve(folderOrFile);
  const kind = await kindOf(path);
  if (kind === 'file') {
    if ((taskFileNames as readonly string[]).includes(basename(path)) || /\.(ya?ml|ts|mts|js|mjs)$/.test(path)) return path;
    throw inputError({
      code: 'task-missing',
      message: `${basename(path)} is not a task file.`,
      hint: 'Name a folder that holds task.yaml or task.ts.',
      place: { file: path },
    });
  }
  const file = kind === 'folder' ? await taskFileIn(path) : undefined;
  if (file !== undefined) return file;
  throw inputError({
    code: 'task-missing',
    message: kind === 'folder' ? `The folder ${path} holds neither task.yaml nor task.ts.` : `The task folder ${path} does not exist.`,
    hint: 'Name a folder that holds task.yaml or task.ts, or make one with `rung init`.',
  });
}

async function taskFileIn(folder: string): Promise<string | undefined> {
  const found: string[] = [];
  for (const name of taskFileNames) {
    if ((await kindOf(join(folder, name))) === 'file') found.push(join(folder, name));
  }
  if (found.length < 2) return found[0];
  throw inputError({
    code: 'task-ambiguous',
    message: `The folder ${folder} holds both task.ts and task.yaml.`,
    hint: 'Keep one of them, or name the file that is meant.',
    place: { file: found[0]! },
  });
}

async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
