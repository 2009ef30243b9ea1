import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inputError } from '#core/errors.ts';
import { writeFailure } from '#data/write-failure.ts';
import { configFile, readAdapterFolder } from '#trainers/adapter-folder.ts';

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

/** The folder in the task that an adapter of that name has. Throws a usage error for a name that is none, and one that is taken. */
export async function adapterPlace(taskFolder: string, name: string): Promise<{ readonly folder: string; readonly into: string }> {
  if (!nameShape.test(name)) {
    throw inputError({
      code: 'adapter-name',
      message: `${JSON.stringify(name)} cannot be the name of an adapter.`,
      hint: 'Take letters, digits, dots and dashes, as in --name support-1.',
    });
  }
  const folder = join('adapters', name);
  const into = join(taskFolder, folder);
  if ((await readdir(into).catch(() => [])).length > 0) {
    throw inputError({
      code: 'adapter-name-taken',
      message: `The task has an adapter named ${name} already.`,
      hint: 'Give another name with --name, or move that folder away.',
      place: { file: into },
    });
  }
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
  const temporary = `${into}.${process.pid}.tmp`;
  try {
    await mkdir(temporary, { recursive: true });
    for (const [file, bytes] of Object.entries(files)) await writeFile(join(temporary, file), bytes);
    await rm(into, { recursive: true, force: true });
    await rename(temporary, into);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw writeFailure(error, into);
  }
  const bytes = Object.values(files).reduce((sum, { byteLength }) => sum + byteLength, 0);
  return { folder, source, ...(base === undefined ? {} : { base }), ...(rank === undefined ? {} : { rank }), bytes };
}

function withBase(config: Uint8Array, base: string): Uint8Array {
  const told = JSON.parse(Buffer.from(config).toString('utf8')) as object;
  return Buffer.from(`${JSON.stringify({ ...told, base_model_name_or_path: base }, null, 2)}\n`);
}
