import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { inputError } from '#core/errors.ts';
import type { SplitName } from '#core/example.ts';
import { containerOfName } from './containers/detect-container.ts';
import { readFailure } from './read-lines.ts';

/** One file of a data set. */
export interface DataPart {
  readonly file: string;
  /** Where the file's name says which part of the data it is. */
  readonly split?: SplitName;
}

const splitOfName: Readonly<Record<string, SplitName>> = {
  train: 'train',
  valid: 'validation',
  validation: 'validation',
  val: 'validation',
  dev: 'validation',
  eval: 'validation',
  test: 'test',
};
const order: readonly SplitName[] = ['train', 'validation', 'test'];

/** The file itself, or the files of a folder that are named after a part of the data. Throws a usage error where there are none. */
export async function dataParts(path: string): Promise<readonly DataPart[]> {
  const found = await stat(path).catch((error: unknown) => {
    throw readFailure(error, path);
  });
  if (!found.isDirectory()) return [{ file: path }];
  const parts = (await readdir(path)).sort().flatMap((name) => {
    const split = splitOfName[name.split('.', 1)[0]!.toLowerCase()];
    return split === undefined || containerOfName(name) === undefined ? [] : [{ file: join(path, name), split }];
  });
  if (parts.length > 0) return parts.sort((left, right) => order.indexOf(left.split) - order.indexOf(right.split));
  throw inputError({
    code: 'folder-without-data',
    message: `The folder ${path} holds no file named train, valid or test.`,
    hint: 'Name a data file, or a folder with train.jsonl, valid.jsonl and test.jsonl.',
    place: { file: path },
  });
}
