import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { inputError } from '#core/errors.ts';
import { contentHash, isJsonObject, type JsonObject } from '#core/json.ts';
import type { Message } from '#core/message.ts';
import { type BaseModel, type Hyperparameters, mostSamples, type TrainerSite, type TrainingJob } from '#core/trainer.ts';
import { resolveInside } from '#data/inside-folder.ts';
import { chatTemplateOf } from '#data/python/chat-template.ts';
import { findHubModel } from '#data/python/hub-model.ts';
import { shippedFolder } from '#nano/nano-source.ts';
import { planOf } from '#nano/train-job.ts';
import { loraSettings } from './lora-defaults.ts';

const settingsSchema = z.strictObject({
  python: z.string().min(1).optional(),
  device: z.enum(['cpu', 'cuda', 'mps']).optional(),
  dtype: z.enum(['float32', 'bfloat16', 'float16']).optional(),
  /** Of the processor; all cores where absent. */
  threads: z.int().min(1).max(1024).optional(),
  /** Padded tokens of one forward pass: what bounds the memory. */
  tokensPerPass: z.int().min(1).optional(),
  /** Layers are computed again on the way back, for less memory: gradient checkpointing. */
  recompute: z.boolean().optional(),
  /** Seconds between checkpoints, besides those of evaluations. */
  checkpointSeconds: z.number().min(0).optional(),
  /** Longest row, where it is to be less than what the model reads. */
  contextLength: z.int().min(2).optional(),
});

export type PeftSettings = z.infer<typeof settingsSchema>;

/** Reads the entry of `trainers:`. Throws a usage error that names the setting. */
export function readPeftSettings(settings: JsonObject): PeftSettings {
  const result = settingsSchema.safeParse(settings);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw inputError({
    code: 'trainer-settings',
    message: `The settings of the trainer peft do not fit at ${issue?.path.join('.') || 'the top'}: ${issue?.message ?? 'unknown fault'}.`,
    hint: 'Correct "peft" under "trainers:" in the task file.',
  });
}

/** What tune.py is told: job.json and its two files of rows. */
export interface PeftJob {
  /** Hash of everything that decides the outcome: the same job in the same folder goes on where it was. */
  readonly id: string;
  readonly json: JsonObject;
  readonly train: readonly JsonObject[];
  readonly validation: readonly JsonObject[];
  readonly hyperparameters: JsonObject;
  readonly patience: number;
}

export async function peftJob(job: TrainingJob, site: TrainerSite): Promise<PeftJob> {
  const { device, dtype, threads, tokensPerPass, recompute, checkpointSeconds, contextLength } = readPeftSettings(site.settings);
  const adapter = job.base.adapter === undefined ? undefined : await site.adapterFolder(job.base.adapter);
  const hyperparameters = await hyperparametersOf(job, site.base, adapter);
  const { seed, method } = job;
  const decides = {
    method,
    base: { name: site.base.name, ...(await baseOf(site.base, site.taskFolder)), adapter },
    hyperparameters,
    seed,
    samples: samplesOf(job),
    device,
    dtype,
    threads,
    contextLength,
  };
  return {
    id: contentHash({ ...decides, train: job.train, validation: job.validation }).slice(0, 16),
    json: {
      ...(decides as JsonObject),
      tokensPerPass,
      recompute,
      checkpointSeconds,
      train: 'train.jsonl',
      validation: 'validation.jsonl',
      folder: '.',
      answers: 'answers.jsonl',
      watcher: 'watcher',
    },
    train: job.train as unknown as readonly JsonObject[],
    validation: job.validation as unknown as readonly JsonObject[],
    hyperparameters,
    patience: hyperparameters.patience,
  };
}

/** What was asked with defaults filled in: those of a large model's LoRA, or for nano's folders nano's own, which is far narrower. */
async function hyperparametersOf(job: TrainingJob, base: BaseModel, adapter: string | undefined) {
  const { learningRateMultiplier = 1, ...given } = job.hyperparameters;
  const asked = { ...given, ...(adapter !== undefined && (await shapeOf(adapter, given))) };
  const { evaluateEvery, quantization } = asked;
  const usual = base.kind === 'nano' ? planOf({ ...job, ...asked, folder: '' }) : loraSettings(job.method, job.train.length, asked);
  const { epochs, batchSize, warmupRatio, rank, alpha, dropout, weightDecay, beta, patience } = usual;
  return {
    ...{ epochs, batchSize, learningRate: usual.learningRate * learningRateMultiplier, warmupRatio },
    ...{ rank, alpha, dropout, weightDecay, beta, patience },
    ...(evaluateEvery !== undefined && { evaluateEvery }),
    ...(quantization !== undefined && { quantization }),
  };
}

/** Rank and alpha of the adapter to go on from. Throws a usage error where the job asks for others. */
async function shapeOf(folder: string, asked: Hyperparameters): Promise<{ rank: number; alpha: number }> {
  const file = join(folder, 'adapter_config.json');
  const config: unknown = JSON.parse(await readFile(file, 'utf8').catch(() => 'null'));
  const { r: rank, lora_alpha: alpha } = isJsonObject(config) ? config : {};
  if (typeof rank !== 'number' || typeof alpha !== 'number') {
    throw inputError({
      code: 'adapter-missing',
      message: `${file} is not the configuration of a LoRA.`,
      hint: 'Go on from a PEFT folder.',
    });
  }
  for (const [name, wanted, has] of [
    ['rank', asked.rank, rank],
    ['alpha', asked.alpha, alpha],
  ] as const) {
    if (wanted === undefined || wanted === has) continue;
    throw inputError({
      code: 'adapter-shape',
      message: `The job asks for the ${name} ${wanted}, and the adapter to go on from has ${has}.`,
      hint: `Leave ${name} out, or start from the base model.`,
    });
  }
  return { rank, alpha };
}

async function baseOf(base: BaseModel, taskFolder: string): Promise<JsonObject> {
  const { folder, model, revision } = base.settings;
  if (base.kind === 'nano') {
    if (typeof folder !== 'string') return { model: shippedFolder };
    return { model: await resolveInside(taskFolder, folder, 'model folder', { file: folder }) };
  }
  const found = await findHubModel(typeof model === 'string' ? model : base.model, taskFolder, `The base model ${base.name}`);
  return { model: found.model, ...(typeof revision === 'string' && { revision }), ...chatTemplateOf(base.settings) };
}

function samplesOf(job: TrainingJob): JsonObject[][] {
  if (job.method === 'pretraining') return [];
  const rows = (job.validation.length > 0 ? job.validation : job.train).slice(0, mostSamples);
  return rows.flatMap((row) => {
    const messages: readonly Message[] = 'chosen' in row ? row.messages : 'messages' in row ? row.messages : [];
    const last = messages.findLastIndex(({ role }) => role === 'assistant');
    const asked = 'chosen' in row || last === -1 ? messages : messages.slice(0, last);
    return asked.length === 0 ? [] : [asked.map(({ role, content }) => ({ role, content }))];
  });
}

/** The folder of a job inside the scratch folder: another job never goes on from this one's checkpoint. */
export function folderOf(job: PeftJob, scratchFolder: string): string {
  return join(scratchFolder, `peft-${job.id}`);
}
