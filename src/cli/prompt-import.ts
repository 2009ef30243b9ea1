import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { inputError } from '#core/errors.ts';
import { isMissing } from '#data/inside-folder.ts';
import { decodePrompt } from '#data/prompt-library.ts';
import type { AddCommand } from './add-command.ts';
import { print } from './prompt-output.ts';
import { shownPath, withTask } from './prompt-task.ts';
import { writeVersion } from './prompt-write.ts';

/** `rung prompt import FILE [task]`: takes a prompt file in as a version. */
export const addPromptImport: AddCommand = (prompt, io) => {
  prompt
    .command('import')
    .argument('<file>', 'a prompt file, as rung prompt export writes it')
    .argument('[task]', 'task folder or file; without one, the nearest upward')
    .description('take a prompt file in as a version')
    .option('--as <name>', 'name of the version; that of the file where absent')
    .option('--json', 'print one JSON document on stdout')
    .option('--debug', 'show stack traces')
    .action(async (path: string, task: string | undefined, flags: { as?: string; json?: boolean }) =>
      withTask(task, io, async ({ planned }) => {
        const source = resolve(io.workingFolder, path);
        const content = decodePrompt(await readSource(source), source);
        const version = flags.as ?? basename(source).replace(/\.md$/, '');
        const file = await writeVersion(planned.task, version, content);
        print(io, flags.json, { schema: 'rung.prompt-written/1', version, file }, () => [
          [{ text: `Wrote ${shownPath(file, io)}. Put { rung: prompt, version: ${version} } on the ladder to measure it.` }],
        ]);
      }),
    );
};

async function readSource(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw inputError({
      code: 'file-missing',
      message: 'There is no such file.',
      hint: 'Name a prompt file.',
      place: { file },
      cause: error,
    });
  }
}
