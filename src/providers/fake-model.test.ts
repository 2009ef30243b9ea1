import { expect, test } from 'vitest';
import { ModelError } from '#core/model-error.ts';
import { fake } from './fake.ts';
import { fakeModel } from './fake-model.ts';

const signal = new AbortController().signal;
const ask = (content: string) => ({ messages: [{ role: 'user' as const, content }] });

test('answers from a table, and keeps a log', async () => {
  const model = fakeModel({ answers: { 'Where is it?': 'shipping now' } });
  expect(await model.generate(ask('Where is it?'), { signal })).toEqual({
    text: 'shipping now',
    finishReason: 'stop',
    usage: { inputTokens: 3, cachedInputTokens: 0, outputTokens: 2 },
  });
  await expect(model.generate(ask('toString'), { signal })).rejects.toMatchObject({ kind: 'not-recorded' });
  expect(model.calls.map((call) => [call.index, call.request.messages[0]?.content])).toEqual([
    [0, 'Where is it?'],
    [1, 'toString'],
  ]);
});

test('answers from a function, fails and waits as told', async () => {
  const overloaded = new ModelError({ kind: 'overloaded', message: 'busy' });
  const model = fakeModel({
    answers: ({ index }) => ({ text: `answer ${index}`, finishReason: 'length' }),
    failure: ({ attempt }) => (attempt === 0 ? overloaded : undefined),
    latencyMs: 2,
    remote: true,
  });
  await expect(model.generate(ask('a'), { signal })).rejects.toBe(overloaded);
  expect(await model.generate(ask('a'), { signal })).toMatchObject({ text: 'answer 1', finishReason: 'length' });
  await Promise.all(['a', 'a', 'a'].map((content) => model.generate(ask(content), { signal })));
  expect(model.peakConcurrency).toBe(3);
});

test('an abort ends the wait', async () => {
  const model = fakeModel({ answers: {}, otherwise: 'x', latencyMs: 60_000 });
  const controller = new AbortController();
  const call = model.generate(ask('a'), { signal: controller.signal });
  controller.abort(new Error('stopped'));
  await expect(call).rejects.toThrow('stopped');
});

test('the fingerprint follows table and version', () => {
  const print = (answers: Record<string, string>, version?: string) => fakeModel({ answers, version }).fingerprint;
  expect(print({ a: 'x' })).toBe(print({ a: 'x' }));
  expect(new Set([print({ a: 'x' }), print({ a: 'y' }), print({ a: 'x' }, '2')]).size).toBe(3);
});

test('the provider takes in models that a task passes as values', () => {
  const model = fakeModel({ answers: {}, otherwise: 'x' });
  expect(fake.adopt?.(model, {})).toBe(model);
  expect(fake.adopt?.(model, { price: { perRequest: 1 } })).toMatchObject({
    name: 'fake/model',
    price: { perRequest: 1 },
    priceIsAssumed: true,
  });
  for (const other of [undefined, 'fake/model', { ...model, generate: undefined }]) expect(fake.adopt?.(other, {})).toBeUndefined();
});
