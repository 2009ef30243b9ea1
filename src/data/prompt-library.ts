import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { inputError } from '#core/errors.ts';
import type { Overlay, PromptLibrary, PromptVersion } from '#core/prompt.ts';
import type { Task } from '#core/task.ts';
import { findInside } from './inside-folder.ts';
import { decodeDocument } from './knowledge-text.ts';
import { suggestName } from './nearest.ts';
import { readOverlayFile } from './overlay-file.ts';
import { readPromptFile } from './prompt-file.ts';

/** Folders of a task that hold its prompts. */
export const promptsFolder = 'prompts';
const overlaysFolder = 'overlays';

const maximumFileBytes = 2_000_000;

/**
 * Reads the Markdown files in the `prompts` and `overlays` folders of a task, in the order of their names; a folder that is
 * not there is an empty one, and a `README.md` is for people. Throws a usage error with file and line for what does not fit.
 */
export async function readPromptLibrary({ folder }: Pick<Task, 'folder'>): Promise<PromptLibrary> {
  return {
    versions: await readEach(folder, promptsFolder, readPromptFile),
    overlays: await readEach(folder, overlaysFolder, readOverlayFile),
  };
}

/** The version of that name; the only one where none is named. Throws a usage error where there is none. */
export function versionOf({ versions }: PromptLibrary, name: string | undefined): PromptVersion {
  const found = name === undefined && versions.length === 1 ? versions[0] : versions.find((version) => version.name === name);
  if (found !== undefined) return found;
  const known = versions.map((version) => version.name);
  throw inputError({
    code: 'unknown-prompt',
    message:
      name === undefined
        ? `The prompts folder holds ${known.length === 0 ? 'no version' : `${known.length} versions`}, and none is named.`
        : `There is no prompt version named ${JSON.stringify(name)}.`,
    hint: known.length === 0 ? 'Make one: rung prompt new NAME --template classify.' : suggestName(name ?? '', known),
    place: { file: promptsFolder },
  });
}

/** The overlays of those names, in their order. Throws a usage error for one that does not exist. */
export function overlaysOf({ overlays }: PromptLibrary, names: readonly string[]): readonly Overlay[] {
  return names.map((name) => {
    const found = overlays.find((overlay) => overlay.name === name);
    if (found !== undefined) return found;
    throw inputError({
      code: 'unknown-overlay',
      message: `There is no overlay named ${JSON.stringify(name)}.`,
      hint:
        overlays.length === 0
          ? `Put it into ${overlaysFolder}/${name}.md in the task folder.`
          : suggestName(
              name,
              overlays.map((overlay) => overlay.name),
            ),
      place: { file: overlaysFolder },
    });
  });
}

async function readEach<T>(root: string, folder: string, read: (content: string, name: string, file: string) => T): Promise<readonly T[]> {
  const path = await findInside(root, folder, { file: join(root, folder) });
  if (path === undefined) return [];
  if (!(await stat(path)).isDirectory()) throw notAFolder(join(root, folder));
  const names = (await readdir(path)).filter((name) => /^[^.].*\.md$/.test(name) && name !== 'README.md').sort();
  const found: T[] = [];
  for (const name of names) {
    const file = join(root, folder, name);
    const real = await findInside(root, join(folder, name), { file });
    if (real === undefined) continue;
    if ((await stat(real)).size > maximumFileBytes) throw tooLarge(file);
    found.push(read(decodePrompt(await readFile(real), file), name.slice(0, -'.md'.length), file));
  }
  return found;
}

/** The text of a prompt file, its line ends and byte order mark as they are. Throws a usage error where it is not UTF-8 text. */
export function decodePrompt(bytes: Uint8Array, file: string): string {
  decodeDocument(bytes, file);
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function notAFolder(file: string): Error {
  return inputError({ code: 'not-a-folder', message: `${file} is a file.`, hint: 'Put it into a folder of that name.', place: { file } });
}

function tooLarge(file: string): Error {
  return inputError({
    code: 'prompt-too-large',
    message: `The file is larger than ${maximumFileBytes.toLocaleString('en')} bytes.`,
    hint: 'A prompt is text that a model reads at every question; put documents into the knowledge folder.',
    place: { file },
  });
}
