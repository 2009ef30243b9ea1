import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { gradientInChunks } from './gradient-chunks.ts';
import { Heap } from './heap.ts';
import { jaxGradient } from './jax-llama.fixture.ts';
import { linearModules } from './linear-layers.ts';
import { LoraGradient } from './lora-gradient.ts';
import { type LoraSettings, loraLayout } from './lora-layout.ts';
import { loadShared, loadWeights } from './model-weights.ts';
import { judge, type Objective } from './objective.ts';
import type { TrainingRow } from './packed-batch.ts';
import { makeTinyModel, randomFloats } from './tiny-model.fixture.ts';

const settings: LoraSettings = { rank: 3, alpha: 6, dropout: 0, targetModules: linearModules };

function rowOf(length: number, shared: number, seed: number): TrainingRow {
  const tokens = Array.from({ length }, (_, index) => (index * 31 + (index < shared ? 0 : seed * 57 + index * index)) % 262);
  return { tokens, mask: tokens.map((_, index) => index >= length - 5 || index === length - 8) };
}

async function setUp(changes: Record<string, unknown> = {}, lora: LoraSettings = settings) {
  const { folder, config, tensors } = await makeTinyModel(changes);
  await rm(folder, { recursive: true });
  const heap = new Heap();
  const shared = loadShared(heap, config, tensors);
  const trainer = new LoraGradient(heap, config, tensors, shared, loadWeights(heap, config, tensors));
  const { slots, size } = loraLayout(config, lora);
  return { config, tensors, heap, trainer, slots, parameters: randomFloats(size, 0.1, 5) };
}

const shapes = {
  plain: {},
  'grouped-query attention': { num_attention_heads: 4, num_key_value_heads: 2, head_dim: 8 },
  'its own output head': { tie_word_embeddings: false },
};

test.each(Object.entries(shapes))('loss and gradient equal those of automatic differentiation: %s', async (_, changes) => {
  const { config, tensors, trainer, slots, parameters } = await setUp(changes);
  const row = rowOf(21, 0, 1);
  const ours = trainer.run([row], parameters, settings, 0, true);
  const theirs = await jaxGradient(config, tensors, row, parameters, slots, settings);
  expect(Math.abs(ours.losses[0]! - theirs.loss)).toBeLessThan(1e-3);
  expect(relativeDifference(ours.gradient, theirs.gradient)).toBeLessThan(1e-4);
});

test('a subset of the layers gets exactly its part of the gradient', async () => {
  const some: LoraSettings = { ...settings, targetModules: ['self_attn.k_proj', 'mlp.up_proj'] };
  const { config, tensors, trainer, slots, parameters } = await setUp({}, some);
  const row = rowOf(17, 0, 2);
  const theirs = await jaxGradient(config, tensors, row, parameters, slots, some);
  expect(relativeDifference(trainer.run([row], parameters, some, 0, true).gradient, theirs.gradient)).toBeLessThan(1e-4);
});

test('computing a shared beginning once changes neither losses nor gradient', async () => {
  const { trainer, parameters } = await setUp();
  const rows = [rowOf(60, 30, 1), rowOf(45, 30, 2), rowOf(70, 30, 3)];
  const together = trainer.run(rows, parameters, settings, 0, true);
  const alone = rows.map((row) => trainer.run([row], parameters, settings, 0, true));
  expect(together.losses).toEqual(alone.map(({ losses }) => losses[0]));
  const sum = together.gradient.map((_, index) => alone.reduce((total, { gradient }) => total + gradient[index]!, 0));
  expect(relativeDifference(together.gradient, sum)).toBeLessThan(1e-5);
});

test('dropout is fixed by its seed and is off when only losses are asked for', async () => {
  const dropped: LoraSettings = { ...settings, dropout: 0.3 };
  const { trainer, parameters } = await setUp();
  const rows = [rowOf(30, 0, 1)];
  const run = (seed: number) => trainer.run(rows, parameters, dropped, seed, true);
  expect(run(1)).toEqual(run(1));
  expect(run(1).losses).not.toEqual(run(2).losses);
  expect(trainer.run(rows, parameters, dropped, 1, false).losses).toEqual(trainer.run(rows, parameters, settings, 1, false).losses);
});

test('the gradient under dropout is the slope of the loss under the same dropout', async () => {
  const dropped: LoraSettings = { ...settings, dropout: 0.3 };
  const { trainer, parameters } = await setUp();
  const rows = [rowOf(30, 0, 1)];
  const { gradient } = trainer.run(rows, parameters, dropped, 7, true);
  const norm = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0));
  const step = 1e-2;
  const lossAt = (sign: number): number =>
    trainer.run(
      rows,
      parameters.map((value, index) => value + (sign * step * gradient[index]!) / norm),
      dropped,
      7,
      true,
    ).losses[0]!;
  expect((lossAt(1) - lossAt(-1)) / (2 * step) / norm).toBeCloseTo(1, 2);
});

test('the gradient of a preference is that of automatic differentiation, weighted', async () => {
  const { config, tensors, trainer, slots, parameters } = await setUp();
  const rows = [rowOf(14, 9, 1), rowOf(14, 9, 2)];
  const objective: Objective = { type: 'preference', beta: 0.3, references: [1.5] };
  const ours = trainer.run(rows, parameters, settings, 0, true, objective);
  const theirs = await Promise.all(rows.map((row) => jaxGradient(config, tensors, row, parameters, slots, settings)));
  const { values, weights } = judge(
    theirs.map(({ loss }) => loss),
    objective,
  );
  for (const [index, value] of values.entries()) expect(ours.values[index]).toBeCloseTo(value, 3);
  const sum = ours.gradient.map((_, index) => theirs.reduce((total, { gradient }, row) => total + weights[row]! * gradient[index]!, 0));
  expect(relativeDifference(ours.gradient, sum)).toBeLessThan(1e-3);
});

test('the gradient of a preference is the slope of its value', async () => {
  const { trainer, parameters } = await setUp();
  const rows = [rowOf(40, 12, 1), rowOf(45, 12, 2)];
  const objective: Objective = { type: 'preference', beta: 0.5, references: [0.7] };
  const { gradient } = trainer.run(rows, parameters, settings, 0, true, objective);
  const norm = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0));
  const step = 1e-2;
  const valueAt = (sign: number): number => {
    const moved = parameters.map((value, index) => value + (sign * step * gradient[index]!) / norm);
    return trainer.run(rows, moved, settings, 0, false, objective).values[0]!;
  };
  expect((valueAt(1) - valueAt(-1)) / (2 * step) / norm).toBeCloseTo(1, 2);
});

test('long rows equal automatic differentiation too: attention in blocks leaves nothing out', async () => {
  const { config, tensors, trainer, slots, parameters } = await setUp();
  const row = rowOf(130, 0, 3);
  const ours = trainer.run([row], parameters, settings, 0, true);
  const theirs = await jaxGradient(config, tensors, row, parameters, slots, settings);
  expect(Math.abs(ours.losses[0]! - theirs.loss)).toBeLessThan(1e-3);
  expect(relativeDifference(ours.gradient, theirs.gradient)).toBeLessThan(1e-4);
});

test('work in chunks gives the same losses, and the gradient to the last bits of a sum', async () => {
  const { trainer, parameters } = await setUp();
  const rows = Array.from({ length: 12 }, (_, index) => rowOf(200 + index, 20, index + 1));
  const request = { type: 'gradient' as const, rows, parameters, settings, noise: 0, wantGradient: true };
  const likelihood: Objective = { type: 'likelihood' };
  const preference: Objective = { type: 'preference', beta: 0.1, references: [1, 2, 3, 4, 5, 6] };
  for (const objective of [likelihood, preference]) {
    let pauses = 0;
    const chunked = await gradientInChunks(trainer, { ...request, objective }, async () => {
      pauses += 1;
    });
    expect(pauses).toBeGreaterThan(1);
    const whole = trainer.run(rows, parameters, settings, 0, true, objective);
    expect(chunked.losses).toEqual(whole.losses);
    expect(chunked.values).toEqual(whole.values);
    expect(chunked.correct).toEqual(whole.correct);
    expect(relativeDifference(chunked.gradient, whole.gradient)).toBeLessThan(1e-4);
  }
});

test('judged tokens that were the likeliest are counted', async () => {
  const { trainer, parameters } = await setUp();
  const row = rowOf(30, 0, 1);
  const single = { ...row, mask: row.tokens.map((_, index) => index === row.tokens.length - 1) };
  // the likeliest last token is the one of least loss
  const losses = Array.from({ length: 262 }, (_, token) => {
    const tokens = [...row.tokens.slice(0, -1), token];
    return { token, ...trainer.run([{ ...single, tokens }], parameters, settings, 0, false) };
  });
  const least = losses.reduce((best, other) => (other.losses[0]! < best.losses[0]! ? other : best));
  expect(losses.filter(({ correct }) => correct[0] === 1).map(({ token }) => token)).toEqual([least.token]);
});

test('a step leaves no memory behind', async () => {
  const { heap, trainer, parameters } = await setUp();
  const before = heap.bytesInUse;
  trainer.run([rowOf(40, 20, 1), rowOf(50, 20, 2)], parameters, settings, 0, true);
  expect(heap.bytesInUse).toBe(before);
});

function relativeDifference(ours: Float32Array, theirs: Float32Array): number {
  expect(ours.length).toBe(theirs.length);
  const largest = theirs.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return ours.reduce((most, value, index) => Math.max(most, Math.abs(value - theirs[index]!)), 0) / largest;
}
