import { join } from 'node:path';
import { inputError } from '#core/errors.ts';
import { findInside } from '#data/inside-folder.ts';
import { configFile, readAdapterFolder } from '#trainers/adapter-folder.ts';
import { refuseTaken, writeFolder } from './write-folder.ts';

export interface ImportedAdapter {
  /** Inside the task folder. */
  readonly folder: string;
  readonly source: 'peft' | 'mlx-lm';
  /** The base that it says it was trained on; absent where it says none. */
  readonly base?: string;
  readonly rank?: number;
  readonly bytes: number;
}

const nameShape = /^[\w][\w.-]*$/;

const home = 'adapters';

/**
 * The folder in the task that an adapter of that name has. Throws a usage error for a name that is none, one that is taken, and
 * where a link leads out of the task.
 */
export async function adapterPlace(taskFolder: string, name: string): Promise<{ readonly folder: string; readonly into: string }> {
  if (!nameShape.test(name)) {
    throw inputError({
      code: 'adapter-name',
      message: `${JSON.stringify(name)} cannot be the name of an adapter.`,
      hint: 'Take letters, digits, dots and dashes, as in --name support-1.',
    });
  }
  const folder = join(home, name);
  const into = join(taskFolder, folder);
  for (const path of [home, folder]) await findInside(taskFolder, path, { file: join(taskFolder, path) });
  await refuseTaken(into, 'Give another name with --name, or move what is there away.');
  return { folder, into };
}

/**
 * Copies an adapter that was trained elsewhere into a task folder, as PEFT's two files, whole or not at all; `base` stands for
 * the name that it gives its base. Throws a usage error for a folder without an adapter, a name that is none, and a name that
 * is taken.
 */
export async function importAdapter(
  from: string,
  { taskFolder, name, base: given }: { readonly taskFolder: string; readonly name: string; readonly base?: string },
): Promise<ImportedAdapter> {
  const { folder, into } = await adapterPlace(taskFolder, name);
  const found = await readAdapterFolder(from);
  const { source, rank } = found;
  const base = given ?? found.base;
  const files = given === undefined ? found.files : { ...found.files, [configFile]: withBase(found.files[configFile]!, given) };
  await writeFolder(into, files);
  const bytes = Object.values(files).reduce((sum, { byteLength }) => sum + byteLength, 0);
  return { folder, source, ...(base === undefined ? {} : { base }), ...(rank === undefined ? {} : { rank }), bytes };
}

function withBase(config: Uint8Array, base: string): Uint8Array {
  const told = JSON.parse(Buffer.from(config).toString('utf8')) as object;
  return Buffer.from(`${JSON.stringify({ ...told, base_model_name_or_path: base }, null, 2)}\n`);
}
