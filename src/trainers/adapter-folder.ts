import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inputError, messageOf } from '#core/errors.ts';
import { isJsonObject, type JsonObject } from '#core/json.ts';
import { formatSafetensors, parseSafetensors } from '#nano/safetensors.ts';
import { peftFromMlx } from './mlx-adapter.ts';
import { checkWholeWeights } from './whole-weights.ts';

export const configFile = 'adapter_config.json';
export const weightsFile = 'adapter_model.safetensors';
const mlxFile = 'adapters.safetensors';

/** What an adapter of PEFT consists of. */
export const adapterFiles: readonly string[] = [configFile, weightsFile];

/** Longest file that is taken: weights are read at once, as far as Node can; a configuration is a page of JSON. */
export function mostBytesOf(file: string): number {
  return file === configFile ? 1_000_000 : 2 ** 31 - 1;
}

/** An adapter as a training elsewhere left it, in PEFT's form. */
export interface FoundAdapter {
  /** The folder that it lay in: the one that was named, or its last checkpoint. */
  readonly folder: string;
  readonly source: 'peft' | 'mlx-lm';
  /** The base that it says it was trained on. */
  readonly base: string | undefined;
  readonly rank: number | undefined;
  /** File name → content. */
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/**
 * Reads the adapter of a folder: PEFT's two files, the last of its `checkpoint-N`, or MLX-LM's, which are converted. Throws a
 * usage error where it holds none of these.
 */
export async function readAdapterFolder(folder: string): Promise<FoundAdapter> {
  const found = (await holds(folder)) ? folder : await lastCheckpoint(folder);
  if (found === undefined) {
    throw inputError({
      code: 'adapter-missing',
      message: `The folder ${folder} holds no adapter.`,
      hint: `It needs ${configFile} with ${weightsFile} (PEFT) or ${mlxFile} (MLX-LM), or a checkpoint-N folder with them.`,
      place: { file: folder },
    });
  }
  const file = join(found, configFile);
  try {
    const bytes = await readFile(file);
    const config: unknown = JSON.parse(bytes.toString('utf8'));
    const names = await readdir(found);
    if (names.includes(weightsFile)) return peftFolder(found, config, bytes);
    const { tensors } = parseSafetensors(await readFile(join(found, mlxFile)), join(found, mlxFile));
    const converted = peftFromMlx(config, tensors);
    return {
      folder: found,
      source: 'mlx-lm',
      base: baseOf(converted.config),
      rank: rankOf(converted.config),
      files: {
        [configFile]: Buffer.from(`${JSON.stringify(converted.config, null, 2)}\n`),
        [weightsFile]: formatSafetensors(converted.tensors, { format: 'pt' }),
      },
    };
  } catch (error) {
    throw inputError({
      code: 'adapter-unreadable',
      message: `The adapter in ${found} cannot be taken in: ${messageOf(error)}`,
      hint: 'Copy it again, or export it again from the program that trained it, as LoRA without merged weights.',
      place: { file },
      cause: error,
    });
  }
}

async function peftFolder(folder: string, config: unknown, bytes: Uint8Array): Promise<FoundAdapter> {
  if (!isJsonObject(config) || config['peft_type'] !== 'LORA') throw new Error('its adapter_config.json says no peft_type LORA.');
  await checkWholeWeights(join(folder, weightsFile));
  const weights = await readFile(join(folder, weightsFile));
  const about = { base: baseOf(config as JsonObject), rank: rankOf(config as JsonObject) };
  return { folder, source: 'peft', ...about, files: { [configFile]: bytes, [weightsFile]: weights } };
}

function rankOf({ r }: JsonObject): number | undefined {
  return Number.isSafeInteger(r) ? Number(r) : undefined;
}

function baseOf(config: JsonObject): string | undefined {
  const base = config['base_model_name_or_path'];
  return typeof base === 'string' && base !== '' ? base : undefined;
}

async function holds(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => [] as string[]);
  return names.includes(configFile) && (names.includes(weightsFile) || names.includes(mlxFile));
}

async function lastCheckpoint(folder: string): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const numbered = names.flatMap((name) => {
    const match = /^checkpoint-(\d+)$/.exec(name);
    return match === null ? [] : [{ name, step: Number(match[1]) }];
  });
  for (const { name } of numbered.sort((a, b) => b.step - a.step)) if (await holds(join(folder, name))) return join(folder, name);
  return undefined;
}
