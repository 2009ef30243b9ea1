import { availableParallelism } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { inputError, RungError } from '#core/errors.ts';
import type { GenerateOptions } from '#core/model.ts';
import { AdapterShelf } from './adapter-shelf.ts';
import { AnswerPieces } from './answer-pieces.ts';
import { ChatTokenizer, type NanoMessage, type TokenizerFiles, type TrainedTokens } from './chat-tokenizer.ts';
import { readModelFolder } from './model-folder.ts';
import { readPeftFolder } from './peft-folder.ts';
import { type StartAdapter, startFrom } from './start-adapter.ts';
import { logProbabilityOf, type Rehearsal, rehearse, trainLora } from './train.ts';
import type { TrainJob, TrainOptions, TrainResult } from './train-job.ts';
import type { ReadOptions } from './training-items.ts';
import { TrainingRun } from './training-run.ts';
import { WorkerPool } from './worker-pool.ts';
import type { WorkerUsage } from './worker-protocol.ts';

export interface NanoOptions {
  /** A Hugging Face folder of a Llama model: config.json, model.safetensors, tokenizer.json, chat template. */
  readonly folder: string;
  /** Worker threads; by default 2, or 1 on a single core. The results do not depend on it. */
  readonly workers?: number;
  /** Bound of the prefix cache of each worker, in bytes; 32 MiB by default. */
  readonly prefixCacheBytes?: number;
}

export interface GenerateRequest {
  readonly messages: readonly NanoMessage[];
  readonly maxOutputTokens: number;
  /** 0 (greedy) by default. */
  readonly temperature?: number;
  readonly topP?: number;
  readonly seed?: number;
  /** The answer ends before the first of these. */
  readonly stop?: readonly string[];
  /** A PEFT folder. */
  readonly adapter?: string;
  readonly logProbabilities?: boolean;
}

interface TokenLogProbability {
  readonly token: string;
  readonly logProbability: number;
}

interface GenerateResult {
  readonly text: string;
  readonly finishReason: 'stop' | 'length';
  readonly inputTokens: number;
  /** Input tokens that were still in the prefix cache: depends on what ran before, and nothing else does. */
  readonly cachedInputTokens: number;
  /** Counts the end token. */
  readonly outputTokens: number;
  readonly logProbabilities?: readonly TokenLogProbability[];
  /** Until the first token was there, waiting for a worker included. */
  readonly firstTokenMs: number;
}

interface ScoreRequest {
  readonly messages: readonly NanoMessage[];
  /** The assistant's answer to judge. */
  readonly completion: string;
  readonly adapter?: string;
}

interface ScoreResult {
  /** The answer's tokens, the end token included. */
  readonly tokens: readonly string[];
  /** ln p of each token given all before it. */
  readonly logProbabilities: readonly number[];
  /** ln p of each token less that of the likeliest other one in its place; negative where another is likelier. */
  readonly margins: readonly number[];
}

interface LogitsRequest {
  readonly tokens: readonly number[];
  readonly adapter?: string;
}

/** A loaded model. The same request gives the same text and log-probabilities, whatever runs beside it. */
export interface Nano {
  /** SHA-256 over config, weights, tokenizer and chat template. */
  readonly fingerprint: string;
  readonly contextLength: number;
  /** Tokens of the conversation up to where the answer begins. */
  countTokens(messages: readonly NanoMessage[]): number;
  render(messages: readonly NanoMessage[], options: { addGenerationPrompt: boolean }): string;
  encode(text: string): number[];
  /** The tokens of a conversation and which of them training counts. */
  trainedTokens(messages: readonly NanoMessage[]): TrainedTokens;
  /** Each token by itself, special tokens by their names. */
  tokenTexts(tokens: readonly number[]): string[];
  generate(request: GenerateRequest, options?: Partial<GenerateOptions>): Promise<GenerateResult>;
  score(request: ScoreRequest, options?: { signal?: AbortSignal }): Promise<ScoreResult>;
  /** Logits after each token, [tokens][vocabulary]. */
  logits(request: LogitsRequest): Promise<Float32Array[]>;
  /**
   * Trains a LoRA adapter; see TrainJob. Throws `training-options`, `training-rows`, `adapter-base` or `adapter-shape` before
   * anything is written, or the signal's reason between steps.
   */
  train(job: TrainJob, options?: TrainOptions): Promise<TrainResult>;
  /** Throws what `train` throws of a job that cannot be done. */
  checkJob(job: TrainJob, options?: ReadOptions): Promise<void>;
  /** What a job will take, by a step that is not kept; throws what `train` throws of a job that cannot be done. */
  rehearse(job: TrainJob, options?: ReadOptions): Promise<Rehearsal>;
  /** ln p of an answer, its end token included, as training computes it: other kernels than those that answer. */
  trainedLogProbability(request: ScoreRequest): Promise<{ readonly logProbability: number; readonly tokens: number }>;
  /** Memory of each worker. */
  usage(): Promise<WorkerUsage[]>;
  close(): Promise<void>;
}

/**
 * Opens the embedded model: reads the folder now, starts workers when first asked. Throws a RungError for a folder that
 * cannot be read (`model-missing`, `model-unreadable`, `model-incomplete`) or is no plain Llama (`model-unsupported`).
 */
export async function openNano(options: NanoOptions): Promise<Nano> {
  const folder = resolve(options.folder);
  const { config, weights, tokenizerFiles, fingerprint } = await readModelFolder(folder);
  const tokenizer = openTokenizer(tokenizerFiles, folder);
  const pool = new WorkerPool(
    { config, weights, tokenizerFiles, prefixCacheBytes: options.prefixCacheBytes ?? 32 * 2 ** 20 },
    options.workers ?? Math.min(2, availableParallelism()),
  );
  const adapters = new AdapterShelf((path) => readPeftFolder(path, config));

  const trainContext = { pool, config, tokenizer, fingerprint, baseModel: basename(folder) };
  const startOf = async (job: TrainJob): Promise<StartAdapter | undefined> => {
    const adapter = await adapters.get(job.from);
    if (adapter?.baseFingerprint !== undefined && adapter.baseFingerprint !== fingerprint) throw otherBase(folder);
    return adapter && startFrom(adapter, config, job);
  };
  const promptOf = (messages: readonly NanoMessage[]): number[] =>
    tokenizer.encode(tokenizer.render(messages, { addGenerationPrompt: true }));
  const checkLength = (tokens: readonly number[], longest: number): void => {
    if (tokens.length === 0 || tokens.length > longest) throw contextExceeded(tokens.length, config.contextLength);
  };

  return {
    fingerprint,
    contextLength: config.contextLength,
    countTokens: (messages) => promptOf(messages).length,
    render: (messages, renderOptions) => tokenizer.render(messages, renderOptions),
    encode: (text) => tokenizer.encode(text),
    trainedTokens: (messages) => tokenizer.trainedTokens(messages),
    tokenTexts: (tokens) => tokens.map((token) => tokenizer.tokenText(token)),

    async generate(request, { signal, onPiece } = {}) {
      const begun = performance.now();
      const tokens = promptOf(request.messages);
      checkLength(tokens, config.contextLength - 1);
      checkOptions(request);
      const adapter = await adapters.get(request.adapter);
      const { temperature = 0, topP = 1, seed = 0, stop = [], logProbabilities = false, maxOutputTokens } = request;
      const pieces = onPiece && new AnswerPieces(tokenizer, stop, onPiece);
      const told = pieces !== undefined;
      const result = await pool.infer(
        { type: 'generate', tokens, maxOutputTokens, sampling: { temperature, topP, seed }, stop, logProbabilities, told, adapter },
        signal,
        pieces && ((coming) => pieces.add(coming)),
      );
      const text = cutAt(tokenizer.decode(result.tokens), stop);
      pieces?.end(text);
      return {
        text,
        finishReason: result.finishReason,
        inputTokens: tokens.length,
        cachedInputTokens: result.cachedTokens,
        outputTokens: result.tokens.length,
        firstTokenMs: performance.now() - begun - result.afterFirstTokenMs,
        ...(logProbabilities && {
          logProbabilities: result.tokens.map((token, index) => ({
            token: tokenizer.tokenText(token),
            logProbability: result.logProbabilities[index]!,
          })),
        }),
      };
    },

    async score({ messages, completion, adapter: adapterFolder }, { signal } = {}) {
      const { tokens } = tokenizer.trainedTokens([...messages, { role: 'assistant', content: completion }]);
      checkLength(tokens, config.contextLength);
      const from = promptOf(messages).length;
      const adapter = await adapters.get(adapterFolder);
      const result = await pool.infer({ type: 'score', tokens, from, adapter }, signal);
      const { logProbabilities, margins } = result;
      return { tokens: result.tokens.map((token) => tokenizer.tokenText(token)), logProbabilities, margins };
    },

    async logits({ tokens, adapter: adapterFolder }) {
      checkLength(tokens, config.contextLength);
      const unknown = tokens.find((token) => !(Number.isInteger(token) && token >= 0 && token < config.vocabularySize));
      if (unknown !== undefined) {
        throw new RungError({
          code: 'unknown-token',
          message: `The model has no token ${unknown}.`,
          hint: `Tokens go from 0 to ${config.vocabularySize - 1}.`,
        });
      }
      const adapter = await adapters.get(adapterFolder);
      return (await pool.infer({ type: 'logits', tokens, adapter })).logits;
    },

    train: async (job, trainOptions = {}) => trainLora(trainContext, job, trainOptions, await startOf(job)),
    checkJob: async (job, read) => void (await TrainingRun.open(trainContext, job, await startOf(job), read)),
    rehearse: async (job, read) => rehearse(trainContext, job, await startOf(job), read),

    async trainedLogProbability({ messages, completion, adapter: adapterFolder }) {
      const shown = messages.map((message) => ({ ...message, weight: 0 as const }));
      const row = tokenizer.trainedTokens([...shown, { role: 'assistant', content: completion }]);
      checkLength(row.tokens, config.contextLength);
      const adapter = await adapters.get(adapterFolder);
      return logProbabilityOf(pool, row, adapter && startFrom(adapter, config));
    },

    usage: () => Promise.all(Array.from({ length: pool.size }, (_, worker) => pool.call<'usage'>(worker, { type: 'usage' }))),
    close: () => pool.close(),
  };
}

function openTokenizer(files: TokenizerFiles, folder: string): ChatTokenizer {
  try {
    return new ChatTokenizer(files);
  } catch (cause) {
    throw new RungError({
      code: 'model-unreadable',
      message: `The tokenizer or the chat template of ${folder} cannot be used: ${cause instanceof Error ? cause.message : cause}`,
      hint: 'Fetch the model folder again.',
      place: { file: join(folder, 'tokenizer.json') },
      cause,
    });
  }
}

function cutAt(text: string, stop: readonly string[]): string {
  const ends = stop.map((end) => text.indexOf(end)).filter((index) => index >= 0);
  return ends.length === 0 ? text : text.slice(0, Math.min(...ends));
}

function checkOptions({ maxOutputTokens, temperature = 0, topP = 1 }: GenerateRequest): void {
  const wrong =
    Number.isInteger(maxOutputTokens) && maxOutputTokens >= 1
      ? temperature >= 0 && Number.isFinite(temperature)
        ? topP > 0 && topP <= 1
          ? undefined
          : `topP cannot be ${topP}`
        : `temperature cannot be ${temperature}`
      : `maxOutputTokens cannot be ${maxOutputTokens}`;
  if (wrong)
    throw new RungError({
      code: 'request-options',
      message: `The request's ${wrong}.`,
      hint: 'Ask for at least one token, a temperature of 0 or more, and a topP in (0, 1].',
    });
}

function otherBase(folder: string): RungError {
  return inputError({
    code: 'adapter-base',
    message: `The adapter to go on from was trained on another base than ${basename(folder)}: its weights, tokenizer or chat template differ.`,
    hint: 'Go on from an adapter of this base, or start from the base model.',
  });
}

function contextExceeded(tokens: number, contextLength: number): RungError {
  return new RungError({
    code: 'context-exceeded',
    message: `The conversation has ${tokens} tokens; the model reads from 1 to ${contextLength}, its answer included.`,
    hint: 'Shorten the prompt, give fewer examples, or use a model with a longer context.',
  });
}
