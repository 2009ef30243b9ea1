import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RungError } from '#core/errors.ts';
import type { TokenizerFiles } from './chat-tokenizer.ts';
import { type LlamaConfig, parseLlamaConfig } from './llama-config.ts';
import { checkWeights, type RawWeights } from './model-weights.ts';
import { parseSafetensors } from './safetensors.ts';
import { shareTensors } from './shared-tensors.ts';

export interface ModelFolder {
  readonly config: LlamaConfig;
  /** In shared memory. */
  readonly weights: RawWeights;
  readonly tokenizerFiles: TokenizerFiles;
  /** SHA-256 over config, weights, tokenizer and chat template. */
  readonly fingerprint: string;
}

/** Reads a Hugging Face model folder. Throws a RungError that names the file at fault. */
export async function readModelFolder(folder: string): Promise<ModelFolder> {
  const required = async (name: string): Promise<Uint8Array> => {
    try {
      return await readFile(join(folder, name));
    } catch (cause) {
      throw new RungError({
        code: 'model-missing',
        message: `The model folder ${folder} has no readable ${name}.`,
        hint: 'Point to a folder with config.json, model.safetensors, tokenizer.json and chat_template.jinja.',
        place: { file: join(folder, name) },
        cause,
      });
    }
  };
  const optional = async (name: string): Promise<string | undefined> => readFile(join(folder, name), 'utf8').catch(() => undefined);
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  const configBytes = await required('config.json');
  const weightBytes = await required('model.safetensors');
  const tokenizerBytes = await required('tokenizer.json');
  const settings = await optional('tokenizer_config.json');
  const template = (await optional('chat_template.jinja')) ?? templateOf(settings) ?? text(await required('chat_template.jinja'));

  const hash = createHash('sha256');
  for (const part of [configBytes, weightBytes, tokenizerBytes, template]) {
    // Lengths keep the parts apart.
    hash.update(`${part.length}\n`).update(part);
  }
  const configFile = join(folder, 'config.json');
  const generation = parseJson((await optional('generation_config.json')) ?? '{}', join(folder, 'generation_config.json'));
  const config = parseLlamaConfig(parseJson(text(configBytes), configFile), configFile, generation);
  parseJson(text(tokenizerBytes), join(folder, 'tokenizer.json'));
  const file = join(folder, 'model.safetensors');
  return {
    config,
    weights: shareTensors(checkWeights(parseSafetensors(weightBytes, file).tensors, config, file)),
    tokenizerFiles: { tokenizer: text(tokenizerBytes), settings, template },
    fingerprint: hash.digest('hex'),
  };
}

function parseJson(text: string, file: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw new RungError({
      code: 'model-unreadable',
      message: `${file} is not JSON.`,
      hint: 'Fetch the model folder again.',
      place: { file },
      cause,
    });
  }
}

function templateOf(settings: string | undefined): string | undefined {
  const template = settings === undefined ? undefined : (JSON.parse(settings) as Record<string, unknown>)['chat_template'];
  return typeof template === 'string' ? template : undefined;
}
