import { join } from 'node:path';
import { inputError } from '#core/errors.ts';
import { findInside } from '#data/inside-folder.ts';

/** A model as Transformers is told of it. */
export interface HubModel {
  /** A folder's path, or a name on the model hub. */
  readonly model: string;
  /** Path of the folder, where it is one. */
  readonly folder?: string;
}

const hubName = /^[\w.-]+(\/[\w.-]+)?$/;

/** A folder inside the task folder that holds a model, else a name on the model hub. Throws a usage error for what is neither. */
export async function findHubModel(name: string, taskFolder: string, entry: string): Promise<HubModel> {
  const config = name === '' ? undefined : await findInside(taskFolder, join(name, 'config.json'), { file: name });
  if (config !== undefined) {
    const folder = join(config, '..');
    return { model: folder, folder };
  }
  if (hubName.test(name) && !name.startsWith('.')) return { model: name };
  throw inputError({
    code: 'unknown-model',
    message: `${entry} names no model: ${JSON.stringify(name)} is neither a folder of the task with a config.json nor a name of the model hub.`,
    hint: 'Write it as OWNER/NAME, or give the folder under "providers:", as small: { kind: transformers, model: models/small }.',
  });
}
