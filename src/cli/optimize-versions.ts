import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FoundVersion } from '#approaches/optimized-versions.ts';
import type { Task } from '#core/task.ts';
import { formatPromptFile } from '#data/prompt-file.ts';
import { promptsFolder } from '#data/prompt-library.ts';
import { writeVersion } from './prompt-write.ts';

/** Writes what a search found into the task's `prompts` folder; gives the files. One that is there already stays as it is. */
export async function writeFound(task: Pick<Task, 'folder'>, found: readonly FoundVersion[]): Promise<string[]> {
  const files: string[] = [];
  for (const { name, ...version } of found) {
    const file = join(task.folder, promptsFolder, `${name}.md`);
    const isThere = (await stat(file).catch(() => undefined)) !== undefined;
    files.push(isThere ? file : await writeVersion(task, name, formatPromptFile(version)));
  }
  return files;
}
