import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clipGradient, createAdamWState, updateAdamW } from './adamw.ts';
import { batchAt, learningRateAt, shardsOf } from './training-plan.ts';

test('the learning rate rises over the warm-up, falls after it, and never reaches zero within the run', () => {
  const rates = (decay: 'cosine' | 'linear') => Array.from({ length: 10 }, (_, index) => learningRateAt(index + 1, 1, 2, 10, decay));
  const round = (values: readonly number[]) => values.map((value) => Number(value.toFixed(4)));
  expect(round(rates('linear'))).toEqual([0.5, 1, 1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125]);
  // (1 + cos(π k / 8)) / 2
  expect(round(rates('cosine'))).toEqual([0.5, 1, 1, 0.9619, 0.8536, 0.6913, 0.5, 0.3087, 0.1464, 0.0381]);
});

test('every epoch goes once through all rows, in its own order', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 20 }), fc.nat(), (count, batchSize, seed) => {
      const rows = Array.from({ length: count }, (_, index) => index);
      const steps = Math.ceil(count / batchSize);
      const epoch = (number: number) =>
        Array.from({ length: steps }, (_, step) => batchAt(rows, batchSize, number * steps + step + 1, seed)).flat();
      for (const number of [0, 1]) expect([...epoch(number)].sort((a, b) => a - b)).toEqual(rows);
      expect(epoch(0)).toEqual(epoch(0));
    }),
  );
  const rows = Array.from({ length: 30 }, (_, index) => index);
  expect(batchAt(rows, 30, 1, 5)).not.toEqual(batchAt(rows, 30, 2, 5));
});

test('shards keep every row once and share the tokens about evenly', () => {
  const lengths = Array.from({ length: 16 }, (_, index) => 10 + index * 3);
  const [first, second] = shardsOf(lengths, (length) => length);
  expect(new Set([...first, ...second]).size).toBe(16);
  const tokens = (shard: readonly number[]) => shard.reduce((sum, length) => sum + length, 0);
  expect(Math.abs(tokens(first) - tokens(second))).toBeLessThan(10);
});

test('AdamW makes the steps that its paper writes', () => {
  // Computed by hand: the first step moves by the learning rate against the sign, plus the decay.
  const parameters = Float32Array.from([1, -2, 0]);
  const state = createAdamWState(3);
  updateAdamW(parameters, Float32Array.from([0.5, -4, 0]), state, { learningRate: 0.1, weightDecay: 0.01 });
  expect([...parameters].map((value) => Number(value.toFixed(5)))).toEqual([0.899, -1.898, 0]);
  // Second step, same sign with g = 1: m = 0.9·0.05 + 0.1 = 0.145, v = 0.999·0.00025 + 0.001; m̂ / √v̂ = 0.96518.
  updateAdamW(parameters, Float32Array.from([1, 0, 0]), state, { learningRate: 0.1, weightDecay: 0 });
  expect(parameters[0]).toBeCloseTo(0.899 - 0.096518, 5);
});

test('clipping scales to the largest norm and leaves what is below it', () => {
  const gradient = Float32Array.from([3, 4]);
  expect(clipGradient(gradient, 1)).toBe(5);
  expect([...gradient].map((value) => Number(value.toFixed(6)))).toEqual([0.6, 0.8]);
  expect(clipGradient(gradient, 2)).toBeCloseTo(1, 6);
  expect([...gradient].map((value) => Number(value.toFixed(6)))).toEqual([0.6, 0.8]);
});
