import { readFile } from 'node:fs/promises';
import { inputError, messageOf } from '#core/errors.ts';

/** The value of a JSON file; `what` names it in errors ("scenario"), `hint` says what to do where it cannot be read. */
export async function readJson(file: string, what: string, hint = 'Check its path.'): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw inputError({
      code: 'file-unreadable',
      message: `The ${what} file cannot be read.`,
      hint,
      place: { file },
      cause,
    });
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw inputError({
      code: 'json-malformed',
      message: `The ${what} is not JSON: ${messageOf(cause)}.`,
      hint: 'Mend it and run again.',
      place: { file },
      cause,
    });
  }
}
