import fc from 'fast-check';
import { expect, test } from 'vitest';
import { argmax, sample, uniform } from './sampler.ts';

const logits = Float32Array.from([1, 3, 2, 0, -5]);
const draws = (temperature: number, topP: number, count = 4000): number[] => {
  const counts = new Array<number>(logits.length).fill(0);
  for (let position = 0; position < count; position++) counts[sample(logits, { temperature, topP, seed: 11 }, position)]! += 1;
  return counts.map((each) => each / count);
};

test('temperature zero takes the likeliest, the first of equals', () => {
  expect(sample(logits, { temperature: 0, topP: 0.1, seed: 1 }, 5)).toBe(1);
  expect(argmax(Float32Array.from([2, 7, 7]))).toBe(1);
});

test('draws follow the softmax at their temperature', () => {
  const weights = [...logits].map((logit) => Math.exp(logit / 1.5));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  // The standard error of a share from 4,000 draws is at most 0.008.
  for (const [token, share] of draws(1.5, 1).entries()) expect(Math.abs(share - weights[token]! / total)).toBeLessThan(0.032);
});

test('top-p keeps the fewest likeliest tokens that reach it', () => {
  // Softmax: 0.09, 0.66, 0.24, 0.03, 0.0002.
  expect(draws(1, 0.6)).toEqual([0, 1, 0, 0, 0]);
  const two = draws(1, 0.7);
  expect([two[0], two[3], two[4]]).toEqual([0, 0, 0]);
  expect(two[2]).toBeGreaterThan(0.2);
});

test('the generator is a function of seed and counter, in [0, 1), even and uncorrelated', () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(), (seed, counter) => {
      const value = uniform(seed, counter);
      return value === uniform(seed, counter) && value >= 0 && value < 1;
    }),
  );
  const values = Array.from({ length: 20_000 }, (_, counter) => uniform(7, counter));
  const mean = (numbers: readonly number[]): number => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  expect(Math.abs(mean(values) - 0.5)).toBeLessThan(0.01);
  expect(Math.abs(mean(values.map((value) => value ** 2)) - 1 / 3)).toBeLessThan(0.01);
  expect(Math.abs(mean(values.slice(1).map((value, index) => value * values[index]!)) - 0.25)).toBeLessThan(0.01);
  expect(Math.abs(mean(values.map((value, counter) => value * uniform(8, counter))) - 0.25)).toBeLessThan(0.01);
});
