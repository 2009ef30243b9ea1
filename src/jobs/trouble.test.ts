import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TrainingEvent } from '#core/trainer.ts';
import { troubleIn } from './trouble.ts';

const step = (index: number, trainLoss: number, more: object = {}): TrainingEvent => ({
  type: 'step',
  step: index,
  totalSteps: 100,
  epoch: 1,
  trainLoss,
  learningRate: 1e-3,
  ...more,
});
const steps = (count: number, lossAt: (index: number) => number, more: object = {}) =>
  Array.from({ length: count }, (_, index) => step(index + 1, lossAt(index + 1), more));
const evaluations = (validationLosses: readonly number[], more: (index: number) => object = () => ({})) =>
  validationLosses.map(
    (validationLoss, index): TrainingEvent => ({
      type: 'evaluation',
      step: 10 * (index + 1),
      validationLoss,
      best: false,
      ...more(index),
    }),
  );
const signsOf = (...events: readonly TrainingEvent[]) => troubleIn(events).map(({ id }) => id);
const falling = steps(60, (index) => 2 / Math.sqrt(index));

describe('signs of trouble', () => {
  it('are none in a training that goes well', () => {
    expect(signsOf(...falling, ...evaluations([1.2, 0.9, 0.7, 0.6, 0.55], (index) => ({ metric: 0.6 + 0.05 * index })))).toEqual([]);
    expect(signsOf()).toEqual([]);
  });

  it('are none where the metric has reached its end', () => {
    expect(signsOf(...falling, ...evaluations([0.4, 0.3, 0.2, 0.2, 0.2], () => ({ metric: 0.995 })))).toEqual([]);
  });

  it.each([
    ['diverged', steps(30, (index) => (index < 20 ? 1 / index : Number.NaN))],
    ['rate-too-high', steps(40, (index) => 1 + index / 10)],
    ['rate-too-low', steps(40, (index) => 2.3 - index / 10_000)],
    ['loss-spikes', steps(80, (index) => (index > 30 && index % 12 === 0 ? 2.5 : 1 - index / 200))],
    ['validation-loss-rises', [...falling, ...evaluations([1, 0.8, 0.6, 0.7, 0.75, 0.9])]],
    ['metric-flat', [...falling, ...evaluations([1, 0.9, 0.8, 0.7, 0.6], () => ({ metric: 0.71 }))]],
    ['answers-copied', [...falling, ...evaluations([1, 0.9], () => ({ copied: 0.4 }))]],
    ['learnt-by-heart', [...steps(60, (index) => 2 / index, { tokenAccuracy: 1 }), ...evaluations([0.5], () => ({ tokenAccuracy: 0.62 }))]],
  ] as const)('say %s', (id, events) => {
    const found = troubleIn(events).find((trouble) => trouble.id === id);
    expect(found?.sign).toMatch(/\d/);
    expect(found?.advice).toMatch(/\w+ \w+/);
  });

  it('never show a number that is none, whatever the losses', () => {
    const loss = fc.double({ noNaN: false, min: -1, max: 1e6 });
    fc.assert(
      fc.property(fc.array(loss, { maxLength: 60 }), fc.array(loss, { maxLength: 8 }), (train, validation) => {
        const events = [...train.map((value, index) => step(index + 1, value)), ...evaluations(validation)];
        for (const { sign } of troubleIn(events)) expect(sign).not.toMatch(/NaN|Infinity|undefined/);
      }),
    );
  });
});
