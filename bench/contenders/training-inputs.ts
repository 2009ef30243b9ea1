// What both contenders of the training bench are given: the same rows as tokens, in the same order, from the same first adapter.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NanoMessage } from '../../src/nano/chat-tokenizer.ts';
import type { Nano } from '../../src/nano/index.ts';
import { initialiseLora, loraLayout, toAdapter } from '../../src/nano/lora-layout.ts';
import { readModelFolder } from '../../src/nano/model-folder.ts';
import { writePeftFolder } from '../../src/nano/peft-folder.ts';
import { planOf, type TrainJob } from '../../src/nano/train-job.ts';
import { batchAt, learningRateAt } from '../../src/nano/training-plan.ts';
import { rowOf } from './nano-inputs.ts';

export const modelFolder = join(import.meta.dirname, '../../models/nano');
const supportFile = join(import.meta.dirname, '../../examples/support/examples.jsonl');
const instruction =
  'Say which team should handle the message.\n\nAnswer with exactly one of these labels and nothing else: billing, shipping, returns, technical.';

/** `support`: an instruction before every message; `bare`: rows that share no beginning; `long`: rows of 384 tokens, nearly all learnt. */
export const workloads = ['support', 'bare', 'long'] as const;
export type Workload = (typeof workloads)[number];

/** Steps a measurement goes through; all rows are gone through at least once. */
export const measuredSteps = { support: 48, bare: 48, long: 8 } as const;

export async function conversationsOf(nano: Nano, workload: Workload): Promise<{ messages: readonly NanoMessage[] }[]> {
  if (workload === 'long') return Array.from({ length: 64 }, (_, seed) => ({ messages: rowOf(nano, 384, seed) }));
  const lines = (await readFile(supportFile, 'utf8')).trim().split('\n').slice(0, 304);
  return lines.map((line) => {
    const { input, expected } = JSON.parse(line) as { input: string; expected: string };
    const turns: NanoMessage[] = [
      { role: 'user', content: input },
      { role: 'assistant', content: expected },
    ];
    return { messages: workload === 'bare' ? turns : [{ role: 'system', content: instruction }, ...turns] };
  });
}

export async function jobOf(nano: Nano, workload: Workload, folder: string): Promise<Extract<TrainJob, { method: 'supervised' }>> {
  const train = await conversationsOf(nano, workload);
  const stepsPerEpoch = Math.ceil(train.length / 16);
  const epochs = measuredSteps[workload] / stepsPerEpoch;
  return {
    method: 'supervised',
    train,
    validation: [],
    seed: 1,
    folder,
    rank: 16,
    alpha: 32,
    batchSize: 16,
    epochs,
    evaluateEvery: measuredSteps[workload],
  };
}

/** Writes what a foreign contender needs; gives the file. */
export async function writeInputs(nano: Nano, workload: Workload, folder: string): Promise<string> {
  const job = await jobOf(nano, workload, folder);
  const plan = planOf(job);
  const { config } = await readModelFolder(modelFolder);
  const { slots, size } = loraLayout(config, plan);
  const parameters = new Float32Array(size);
  initialiseLora(parameters, slots, plan.rank, plan.seed);
  const adapter = join(folder, 'first-adapter');
  await writePeftFolder(adapter, toAdapter(parameters, slots, plan, ''), { ...plan, baseModel: 'nano' }, config);
  const rows = job.train.map(({ messages }) => nano.trainedTokens(messages));
  const steps = Array.from({ length: plan.totalSteps }, (_, index) => ({
    rows: batchAt(rows, plan.batchSize, index + 1, plan.seed).map(({ tokens, mask }) => ({ tokens, mask: mask.map(Number) })),
    learningRate: learningRateAt(index + 1, plan.learningRate, plan.warmupSteps, plan.totalSteps, plan.decay),
  }));
  const file = join(folder, `${workload}.json`);
  const { weightDecay, largestGradientNorm } = plan;
  await writeFile(file, JSON.stringify({ model: modelFolder, adapter, weightDecay, largestGradientNorm, steps }));
  return file;
}
