import { describe, expect, it } from 'vitest';
import type { Model, ModelRequest, ModelResponse } from '#core/model.ts';
import { ModelError, type ModelErrorKind } from '#core/model-error.ts';
import { fromDollars } from '#core/money.ts';
import { openSqliteStore } from '#stores/sqlite.ts';
import { defaultRetryPolicy } from './backoff.ts';
import { Budget, BudgetEndedError, type BudgetLimits } from './budget.ts';
import { manualClock, never } from './engine.fixture.ts';
import { Meter } from './meter.ts';
import { meterModel } from './metered-model.ts';

const ask = (content: string): ModelRequest => ({ messages: [{ role: 'user', content }], maxOutputTokens: 10 });

async function metered(
  generate: (request: ModelRequest, attempt: number) => ModelResponse | Promise<ModelResponse>,
  limits: BudgetLimits = {},
  remote = true,
) {
  const clock = manualClock();
  const budget = new Budget(limits);
  const meter = new Meter();
  const store = await openSqliteStore(':memory:');
  let attempts = 0;
  const model: Model = {
    name: 'test/model',
    fingerprint: 'test',
    can: {},
    remote,
    price: { inputPerMillion: 1, outputPerMillion: 2 },
    concurrency: { initial: 4, maximum: 4 },
    generate: async (request) => generate(request, ++attempts),
  };
  const callable = meterModel({ model, store, budget, meter, retryPolicy: defaultRetryPolicy, clock });
  return { callable, clock, budget, meter, store, model, attempts: () => attempts };
}

const answer = (text: string): ModelResponse => ({
  text,
  finishReason: 'stop',
  usage: { inputTokens: 100, cachedInputTokens: 0, outputTokens: 10 },
});
const fail = (kind: ModelErrorKind, retryAfterMs?: number): never => {
  throw new ModelError({ kind, message: kind, retryAfterMs });
};

describe('a metered model', () => {
  it('does not buy an answer twice, and bills what it bought', async () => {
    const { callable, attempts, budget, meter } = await metered(() => answer('yes'));
    const first = await callable.generate(ask('a'), { signal: never });
    const second = await callable.generate(ask('a'), { signal: never });
    expect(second.response).toEqual(first.response);
    expect([first.call.cached, second.call.cached]).toEqual([false, true]);
    expect(attempts()).toBe(1);
    expect(meter.cached).toBe(1);
    expect(budget.spent).toBe(120_000);
  });

  it('remembers what a local model cannot read, and asks a service again', async () => {
    for (const remote of [false, true]) {
      const { callable, attempts, model, budget } = await metered(() => fail('context-exceeded'), {}, remote);
      for (let time = 0; time < 2; time++) {
        await expect(callable.generate(ask('long'), { signal: never })).rejects.toMatchObject({ kind: 'context-exceeded' });
      }
      expect([model.remote, attempts(), budget.spent]).toEqual([remote, remote ? 2 : 1, 0]);
    }
  });

  it('sends equal requests in flight once', async () => {
    const { callable, attempts } = await metered(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return answer('yes');
    });
    const answers = await Promise.all(Array.from({ length: 5 }, () => callable.generate(ask('a'), { signal: never })));
    expect(answers.filter(({ call }) => !call.cached)).toHaveLength(1);
    expect(attempts()).toBe(1);
  });

  it('keeps repeats of the same request apart', async () => {
    const { callable, attempts } = await metered(() => answer('yes'));
    await callable.generate({ ...ask('a'), sample: 0 }, { signal: never });
    await callable.generate({ ...ask('a'), sample: 1 }, { signal: never });
    expect(attempts()).toBe(2);
  });

  it('tries again what can be tried again, after the time that the service asked for', async () => {
    const { callable, clock, meter } = await metered((_, attempt) => (attempt === 1 ? fail('rate-limited', 5_000) : answer('yes')));
    expect((await callable.generate(ask('a'), { signal: never })).response.text).toBe('yes');
    expect(clock.waited).toEqual([5_000]);
    expect(meter.retries).toBe(1);
  });

  it('does not try again what cannot succeed', async () => {
    const { callable, attempts } = await metered(() => fail('rejected'));
    await expect(callable.generate(ask('a'), { signal: never })).rejects.toThrow('rejected');
    expect(attempts()).toBe(1);
  });

  it('gives up after the last attempt', async () => {
    const { callable, attempts, budget } = await metered(() => fail('overloaded'));
    await expect(callable.generate(ask('a'), { signal: never })).rejects.toThrow('overloaded');
    expect(attempts()).toBe(defaultRetryPolicy.attempts);
    expect(budget.spent).toBe(0);
  });

  it('sends nothing that might pass the budget', async () => {
    const { callable, attempts } = await metered(() => answer('yes'), { maxCost: fromDollars(0.0000001) });
    await expect(callable.generate(ask('a'), { signal: never })).rejects.toThrow(BudgetEndedError);
    expect(attempts()).toBe(0);
  });

  it('counts attempts against the calls that are allowed', async () => {
    const { callable, attempts } = await metered(() => fail('overloaded'), { maxCalls: 3 });
    await expect(callable.generate(ask('a'), { signal: never })).rejects.toThrow('3 calls');
    expect(attempts()).toBe(3);
  });

  it('hands on what the model knows of its context, its tokens and its first token', async () => {
    const { model, store, meter, clock, callable } = await metered(() => ({ ...answer('yes'), firstTokenMs: 12 }));
    const options = { store, meter, clock, retryPolicy: defaultRetryPolicy, budget: new Budget({}) };
    const knowing = meterModel({ ...options, model: { ...model, contextLength: 512, countTokens: (text) => text.length } });
    expect([knowing.contextLength, knowing.countTokens?.('four')]).toEqual([512, 4]);
    expect([callable.contextLength, callable.countTokens, callable.embed]).toEqual([undefined, undefined, undefined]);
    expect((await callable.generate(ask('a'), { signal: never })).call.firstTokenMs).toBe(12);
    expect((await callable.generate(ask('a'), { signal: never })).call).toMatchObject({ cached: true, firstTokenMs: 12 });
  });

  it('refuses a budget in dollars for a model without a price', async () => {
    const { model, store, meter, clock } = await metered(() => answer('yes'));
    const options = { store, meter, clock, retryPolicy: defaultRetryPolicy, budget: new Budget({ maxCost: 1 }) };
    expect(() => meterModel({ ...options, model: { ...model, price: undefined } })).toThrow('the price of test/model is not known');
  });
});
