import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { GradientRequest } from './gradient-chunks.ts';
import type { InferenceTask } from './inference-task.ts';
import { type LoraSettings, loraLayout } from './lora-layout.ts';
import { type ModelFolder, readModelFolder } from './model-folder.ts';
import { makeTinyModel } from './tiny-model.fixture.ts';
import { WorkerPool } from './worker-pool.ts';

let folder: string;
let model: ModelFolder;
beforeAll(async () => {
  folder = (await makeTinyModel()).folder;
  model = await readModelFolder(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const tokens = [3, 4, 5];
const logits: InferenceTask = { type: 'logits', tokens };
const settings: LoraSettings = { rank: 2, alpha: 4, dropout: 0, targetModules: ['self_attn.q_proj', 'self_attn.v_proj'] };

function openPool(): WorkerPool {
  const pool = new WorkerPool({ ...model, prefixCacheBytes: 2 ** 20 }, 1);
  onTestFinished(() => pool.close());
  return pool;
}

function gradientOf(rows: number): GradientRequest {
  const row = Array.from({ length: 200 }, (_, index) => 3 + (index % 40));
  const { size } = loraLayout(model.config, settings);
  return {
    ...{ type: 'gradient', objective: { type: 'likelihood' }, noise: 0, wantGradient: true, settings },
    rows: Array.from({ length: rows }, () => ({ tokens: row, mask: row.map(() => true) })),
    parameters: new Float32Array(new SharedArrayBuffer(4 * size)),
  };
}

it('answers in the midst of a gradient that takes long', async () => {
  const pool = openPool();
  // started, so that both are waiting for it
  await pool.infer(logits);
  const ended: string[] = [];
  await Promise.all([
    pool.call<'gradient'>(0, gradientOf(30)).then(() => ended.push('gradient')),
    pool.infer(logits).then(() => ended.push('answer')),
  ]);
  expect(ended).toEqual(['answer', 'gradient']);
});

it('refuses what a worker failed at, and starts another one', async () => {
  const pool = openPool();
  const broken = { ...gradientOf(1), rows: undefined } as unknown as GradientRequest;
  const failed = pool.call<'gradient'>(0, broken);
  await expect(failed).rejects.toMatchObject({ code: 'nano-worker-failed' });
  expect((await pool.infer(logits)).logits).toHaveLength(tokens.length);
});
