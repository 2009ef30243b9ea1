import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { inputError, RungError } from '#core/errors.ts';
import { contentHash } from '#core/json.ts';
import type { GenerateOptions, Model, ModelRequest, ModelResponse, ScoreRequest, ScoreResponse } from '#core/model.ts';
import { ModelError } from '#core/model-error.ts';
import { defineProvider, type OpenModelOptions, type Provider } from '#core/provider.ts';
import { resolveInside } from '#data/inside-folder.ts';
import type { Nano } from '#nano/index.ts';
import { type NanoSource, shippedFolder } from '#nano/nano-source.ts';
import { readSettings } from './settings.ts';

const id = 'nano';

const nanoSettings = z.strictObject({ folder: z.string().min(1).optional() });

/** Requests in flight: enough that the model can always work on a whole batch. */
const concurrency = { initial: 32, maximum: 32 };

/**
 * The embedded model, or another plain Llama folder inside the task folder by the setting `folder`. All models of one
 * folder share the instance that the source holds, and the trainer's too; the source closes it.
 */
export function createNanoProvider(source: NanoSource): Provider {
  return defineProvider({
    id,
    summary: 'The embedded language model; needs no key and no network.',
    open: (options) => openNanoModel(options, source),
  });
}

async function openNanoModel(options: OpenModelOptions, source: NanoSource): Promise<Model> {
  const { folder } = readSettings(nanoSettings, options.settings, id);
  const { model, adapterFolder: adapter, price, taskFolder } = options;
  if (folder === undefined && model !== '' && model !== id) {
    throw inputError({
      code: 'unknown-model',
      message: `The embedded model is named ${id}; there is no ${id}/${model}.`,
      hint: `Write ${id}, or give the folder of another model under "providers:", as ${model}: { kind: nano, folder: model }.`,
    });
  }
  const path = folder === undefined ? undefined : await resolveInside(taskFolder, folder, 'model folder', { file: folder });
  const nano = await source.open(path);
  const generalSuite = join(path ?? shippedFolder, 'general.jsonl');
  const replay = join(path ?? shippedFolder, 'replay.jsonl');
  const fingerprint =
    adapter === undefined ? nano.fingerprint : contentHash({ base: nano.fingerprint, adapter: await hashAdapter(adapter) });
  return {
    name: folder === undefined ? id : `${id}/${model}`,
    fingerprint,
    price: price ?? {},
    priceIsAssumed: price === undefined ? undefined : true,
    contextLength: nano.contextLength,
    can: { logProbabilities: true, trainers: [id] },
    ...(existsSync(generalSuite) ? { generalSuite } : {}),
    ...(existsSync(replay) ? { replay } : {}),
    concurrency,
    remote: false,
    countTokens: (text) => nano.encode(text).length,
    generate: (request, generateOptions) => generate(nano, adapter, request, generateOptions),
    score: (request, generateOptions) => score(nano, adapter, request, generateOptions),
  };
}

// The two files of a PEFT adapter; what else lies in its folder does not change the answers.
async function hashAdapter(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of ['adapter_config.json', 'adapter_model.safetensors']) {
    const bytes = await readFile(join(folder, name)).catch((cause: unknown) => {
      throw new RungError({
        code: 'adapter-missing',
        message: `The adapter folder has no readable ${name}.`,
        hint: 'Give a PEFT folder with adapter_config.json and adapter_model.safetensors.',
        place: { file: join(folder, name) },
        cause,
      });
    });
    // Lengths keep the files apart.
    hash.update(`${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}

async function generate(
  nano: Nano,
  adapter: string | undefined,
  request: ModelRequest,
  { signal, onPiece }: GenerateOptions,
): Promise<ModelResponse> {
  signal.throwIfAborted();
  const { messages, temperature, topP, seed, stop, logProbabilities, sample } = request;
  try {
    const result = await nano.generate(
      {
        messages,
        maxOutputTokens: request.maxOutputTokens ?? nano.contextLength,
        temperature,
        topP,
        // Repeats of a request are other draws, and each the same every time.
        seed: (seed ?? 0) + (sample ?? 0),
        stop,
        adapter,
        logProbabilities,
      },
      { signal, onPiece },
    );
    return {
      text: result.text,
      finishReason: result.finishReason,
      // What is still in the prefix cache depends on what ran before; the bill of a repeated run must not.
      usage: { inputTokens: result.inputTokens, cachedInputTokens: 0, outputTokens: result.outputTokens },
      logProbabilities: result.logProbabilities,
      firstTokenMs: result.firstTokenMs,
    };
  } catch (error) {
    throw tooLong(error);
  }
}

async function score(
  nano: Nano,
  adapter: string | undefined,
  { messages, answers }: ScoreRequest,
  { signal }: GenerateOptions,
): Promise<ScoreResponse> {
  signal.throwIfAborted();
  try {
    const scored = await Promise.all(answers.map((completion) => nano.score({ messages, completion, adapter }, { signal })));
    const scores = scored.map(({ logProbabilities }) => ({
      logProbability: logProbabilities.reduce((sum, each) => sum + each, 0),
      tokens: logProbabilities.length,
    }));
    const inputTokens = answers.length * nano.countTokens(messages) + scores.reduce((sum, { tokens }) => sum + tokens, 0);
    return { scores, usage: { inputTokens, cachedInputTokens: 0, outputTokens: 0 } };
  } catch (error) {
    throw tooLong(error);
  }
}

function tooLong(error: unknown): unknown {
  if (!RungError.is(error) || error.code !== 'context-exceeded') return error;
  return new ModelError({ kind: 'context-exceeded', message: error.message, hint: error.hint, cause: error });
}
