import { expect, it } from 'vitest';
import type { Model } from '#core/model.ts';
import { openSqliteStore } from '#stores/sqlite.ts';
import { defaultRetryPolicy } from './backoff.ts';
import { Budget } from './budget.ts';
import { manualClock, never } from './engine.fixture.ts';
import { Meter } from './meter.ts';
import { meterModel } from './metered-model.ts';

const messages = [{ role: 'user' as const, content: 'question' }];

it('is one call however many answers it holds, is billed, and comes from the store the next time', async () => {
  let asked = 0;
  const model: Model = {
    ...{ name: 'test/given', fingerprint: 'test', can: {}, remote: true, price: { inputPerMillion: 1 } },
    concurrency: { initial: 4, maximum: 4 },
    generate: async () => expect.fail('no chat'),
    async score({ answers }) {
      asked++;
      const scores = answers.map((answer) => ({ logProbability: -answer.length / 3, tokens: answer.length }));
      return { scores, usage: { inputTokens: 100, cachedInputTokens: 0, outputTokens: 0 } };
    },
  };
  const [budget, meter, store] = [new Budget({}), new Meter(), await openSqliteStore(':memory:')];
  const open = () => meterModel({ model, store, budget, meter, retryPolicy: defaultRetryPolicy, clock: manualClock() });
  const first = await open().score!({ messages, answers: ['a', 'bcd'] }, { signal: never });
  expect(first.scores).toEqual([
    { logProbability: -1 / 3, tokens: 1 },
    { logProbability: -1, tokens: 3 },
  ]);
  const again = await open().score!({ messages, answers: ['a', 'bcd'] }, { signal: never });
  expect(again).toEqual({ ...first, call: { ...first.call, cached: true } });
  expect([asked, budget.calls, budget.spent, meter.cached]).toEqual([1, 1, 100_000, 1]);
  // the same answers in another order are another request
  await open().score!({ messages, answers: ['bcd', 'a'] }, { signal: never });
  expect(asked).toBe(2);
  const { score: _, ...silent } = model;
  expect(meterModel({ model: silent, store, budget, meter, retryPolicy: defaultRetryPolicy, clock: manualClock() }).score).toBeUndefined();
  await store.close();
});
