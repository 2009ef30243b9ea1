import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inputError } from '#core/errors.ts';
import { isJsonObject } from '#core/json.ts';
import { isMissing } from './inside-folder.ts';

/** A file beside the rows, with the content it shall have. */
export interface SideFile {
  readonly file: string;
  readonly content: string;
}

/**
 * The files that a format wants beside the rows. Members of a JSON file that is there already are kept. Throws a usage error where another
 * file of that name has other content.
 */
export async function readSideFiles(folder: string, wanted: Readonly<Record<string, string>>): Promise<readonly SideFile[]> {
  return Promise.all(
    Object.entries(wanted).map(async ([name, content]) => {
      const file = join(folder, name);
      const there = await readFile(file, 'utf8').catch((error: unknown) => {
        if (isMissing(error)) return undefined;
        throw error;
      });
      return { file, content: there === undefined || there === content ? content : merged(file, there, content) };
    }),
  );
}

function merged(file: string, there: string, content: string): string {
  const [before, added] = [parsed(there), parsed(content)];
  if (isJsonObject(before) && isJsonObject(added)) return `${JSON.stringify({ ...before, ...added }, null, 2)}\n`;
  throw inputError({
    code: 'file-exists',
    message: `${file} is there already, and would be written beside the rows with other content.`,
    hint: 'Move it away, or write into another folder.',
    place: { file },
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
