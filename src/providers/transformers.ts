import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { contentHash, isJsonObject, type JsonObject } from '#core/json.ts';
import type { Model } from '#core/model.ts';
import { defineProvider, type OpenModelOptions, type Provider } from '#core/provider.ts';
import { chatTemplateOf, chatTemplateSettings } from '#data/python/chat-template.ts';
import { findHubModel } from '#data/python/hub-model.ts';
import { findPython } from '#data/python/python-command.ts';
import { openChatModel } from './chat-model.ts';
import { readSettings } from './settings.ts';
import { TransformersServer } from './transformers-server.ts';

const id = 'transformers';

const transformersSettings = z.strictObject({
  /** A folder inside the task folder, or a name on the model hub; the name of the model where absent. */
  model: z.string().min(1).optional(),
  /** Commit, tag or branch on the hub. */
  revision: z.string().min(1).optional(),
  python: z.string().min(1).optional(),
  device: z.enum(['cpu', 'cuda', 'mps']).optional(),
  dtype: z.enum(['float32', 'bfloat16', 'float16']).optional(),
  quantization: z.literal('nf4').optional(),
  ...chatTemplateSettings,
  timeoutMs: z.number().int().positive().max(3_600_000).optional(),
});

/** A whole batch waits while the one before it is answered; more would only wait longer. */
const concurrency = { initial: 32, maximum: 64 };
const usualTimeoutMs = 600_000;

interface SharedServer {
  readonly server: TransformersServer;
  users: number;
}

/**
 * Models of the Transformers library, on this machine through a Python process: for measuring a tune beside its base, not for
 * production. All adapters of one base share a process, which ends with the last model that uses it.
 */
export function createTransformersProvider(): Provider {
  const servers = new Map<string, SharedServer>();
  return defineProvider({
    id,
    summary: 'Models of the Transformers library, in a Python process on this machine; for measuring.',
    open: (options) => openTransformers(options, servers),
  });
}

async function openTransformers(options: OpenModelOptions, servers: Map<string, SharedServer>): Promise<Model> {
  const { taskFolder, environment, adapterFolder, price, note } = options;
  const settings = readSettings(transformersSettings, options.settings, id);
  const { revision, device, dtype, quantization } = settings;
  const name = `${id}/${options.model || settings.model || ''}`;
  const found = await findHubModel(settings.model ?? options.model, taskFolder, `The model ${name}`);
  const python = await findPython({ setting: settings.python, entry: `The provider ${id}`, taskFolder, environment, device });
  const template = chatTemplateOf(options.settings);
  const base = { model: found.model, name, ...(revision !== undefined && { revision }), ...template };
  const served: JsonObject = { base, device, dtype, hyperparameters: { ...(quantization !== undefined && { quantization }) } };
  const key = contentHash({ served, python });
  const shared = servers.get(key) ?? { server: new TransformersServer({ python, served, environment, ...(note && { note }) }), users: 0 };
  servers.set(key, shared);
  shared.users += 1;

  let opened: Promise<Model> | undefined;
  const chat = async (): Promise<Model> => {
    const { baseUrl, key: apiKey } = await shared.server.address();
    return openChatModel({
      name,
      baseUrl,
      dialect: { model: adapterFolder ?? 'base', maxTokensField: 'max_tokens', omitTemperature: false, stream: false, schemaBy: 'format' },
      key: apiKey,
      keyVariable: 'RUNG_SERVE_KEY',
      headers: {},
      timeoutMs: settings.timeoutMs ?? usualTimeoutMs,
      concurrency,
      can: { logProbabilities: true },
      scores: true,
    });
  };
  const asked = async (signal: AbortSignal): Promise<Model> => {
    signal.throwIfAborted();
    opened ??= chat();
    opened.catch(() => {
      opened = undefined;
    });
    return opened;
  };
  return {
    name,
    fingerprint: contentHash({
      base: found.folder === undefined ? { hub: found.model, revision } : await hashFolder(found.folder, modelFiles),
      adapter: adapterFolder === undefined ? undefined : await hashFolder(adapterFolder, adapterFiles),
      // numbers of another width, or another machine's, give other answers
      dtype,
      device,
      quantization,
      ...template,
    }),
    price: price ?? {},
    priceIsAssumed: price === undefined ? undefined : true,
    contextLength: found.folder === undefined ? undefined : await contextLengthOf(found.folder),
    ...Object.fromEntries(companions.flatMap(([key, name]) => fileIn(found.folder, name).map((file) => [key, file]))),
    can: { logProbabilities: true, trainers: ['peft'] },
    concurrency,
    remote: false,
    async generate(request, generateOptions) {
      // repeats of a request are other draws, and each the same every time
      const seed = (request.seed ?? 0) + (request.sample ?? 0);
      return (await asked(generateOptions.signal)).generate({ ...request, seed }, generateOptions);
    },
    score: async (request, generateOptions) => (await asked(generateOptions.signal)).score!(request, generateOptions),
    async close() {
      const model = await opened?.catch(() => undefined);
      await model?.close?.();
      shared.users -= 1;
      if (shared.users > 0) return;
      servers.delete(key);
      shared.server.close();
    },
  };
}

/** Files that may lie beside a model: what it could do before any tuning, and rows to mix in so that it still can. */
const companions = [
  ['generalSuite', 'general.jsonl'],
  ['replay', 'replay.jsonl'],
] as const;

function fileIn(folder: string | undefined, name: string): string[] {
  const file = folder === undefined ? '' : join(folder, name);
  return existsSync(file) ? [file] : [];
}

const modelFiles = /^(config|generation_config|tokenizer|tokenizer_config|special_tokens_map)\.json$|\.jinja$|\.safetensors$|\.model$/;
const adapterFiles = /^adapter_(config\.json|model\.safetensors)$/;

/** The content of the files that decide the answers. */
async function hashFolder(folder: string, wanted: RegExp): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(folder)).filter((file) => wanted.test(file)).sort()) {
    const content = createHash('sha256');
    for await (const chunk of createReadStream(join(folder, name))) content.update(chunk as Buffer);
    hash.update(`${name}\n${content.digest('hex')}\n`);
  }
  return hash.digest('hex');
}

async function contextLengthOf(folder: string): Promise<number | undefined> {
  const config: unknown = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8').catch(() => 'null'));
  const length = isJsonObject(config) ? config['max_position_embeddings'] : undefined;
  return typeof length === 'number' && length > 0 ? length : undefined;
}
