import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Model } from '#core/model.ts';
import { ModelError } from '#core/model-error.ts';
import { openSqliteStore } from '#stores/sqlite.ts';
import { defaultRetryPolicy } from './backoff.ts';
import { Budget, BudgetEndedError, type BudgetLimits } from './budget.ts';
import { manualClock, never } from './engine.fixture.ts';
import { Meter } from './meter.ts';
import { meterModel } from './metered-model.ts';

/** Each vector tells its text; a batch is billed a token a character. */
async function metered(limits: BudgetLimits = {}, failures = 0) {
  const batches: (readonly string[])[] = [];
  const model: Model = {
    name: 'test/vectors',
    fingerprint: 'test',
    can: {},
    remote: true,
    price: { inputPerMillion: 1 },
    concurrency: { initial: 4, maximum: 4 },
    generate: async () => expect.fail('no chat'),
    async embed(texts) {
      batches.push(texts);
      if (batches.length <= failures) throw new ModelError({ kind: 'overloaded', message: 'busy' });
      await new Promise((resolve) => setImmediate(resolve));
      const inputTokens = texts.reduce((sum, text) => sum + text.length, 0);
      return { vectors: texts.map(vectorOf), usage: { inputTokens, cachedInputTokens: 0, outputTokens: 0 } };
    },
  };
  const [budget, meter, store] = [new Budget(limits), new Meter(), await openSqliteStore(':memory:')];
  const open = () => meterModel({ model, store, budget, meter, retryPolicy: defaultRetryPolicy, clock: manualClock() });
  return { embed: open().embed!, again: () => open().embed!, batches, budget, meter };
}

function vectorOf(text: string): Float32Array {
  return Float32Array.of(text.length, text.charCodeAt(0) || 0, 0.1, -1e-30);
}

describe('metered embeddings', () => {
  it('are one vector per text in order, whatever repeats, and no text is bought twice', async () => {
    const text = fc.string({ maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(text, { maxLength: 8 }), { minLength: 1, maxLength: 4 }), async (askedTexts) => {
        const { embed, again, batches } = await metered();
        const together = await Promise.all(askedTexts.map((texts) => embed(texts, { signal: never })));
        const later = await Promise.all(askedTexts.map((texts) => again()(texts, { signal: never })));
        expect(together.map(({ vectors }) => vectors)).toEqual(askedTexts.map((texts) => texts.map(vectorOf)));
        expect(later.map(({ vectors }) => vectors)).toEqual(together.map(({ vectors }) => vectors));
        expect(later.every(({ call }) => call.cached)).toBe(true);
        const bought = batches.flat();
        expect(bought.length).toBe(new Set(bought).size);
        expect(new Set(bought)).toEqual(new Set(askedTexts.flat()));
      }),
      { numRuns: 25 },
    );
  });

  it('are bought in batches, billed as they are counted, and counted when they come from the store', async () => {
    const { embed, batches, budget, meter } = await metered();
    const texts = Array.from({ length: 300 }, (_, at) => `text ${at}`);
    const { call } = await embed(texts, { signal: never });
    const inputTokens = texts.join('').length;
    expect(call).toMatchObject({ cost: 1000 * inputTokens, cached: false, usage: { inputTokens } });
    expect(batches.map(({ length }) => length)).toEqual([128, 128, 44]);
    expect(budget.spent).toBe(1000 * inputTokens);
    expect((await embed(texts.slice(0, 7), { signal: never })).call.cached).toBe(true);
    expect([batches.length, meter.cached]).toEqual([3, 7]);
  });

  it('are tried again where that can help, and stay within the budget', async () => {
    const failing = await metered({}, 1);
    expect((await failing.embed(['a'], { signal: never })).vectors).toEqual([vectorOf('a')]);
    expect([failing.batches.length, failing.meter.retries]).toEqual([2, 1]);
    const poor = await metered({ maxCost: 1 });
    await expect(poor.embed(['a long text'], { signal: never })).rejects.toThrow(BudgetEndedError);
    expect(poor.batches).toEqual([]);
  });

  it('are recorded before the call ends where the budget ends between batches', async () => {
    const { embed, again, batches } = await metered({ maxCalls: 1 });
    const texts = Array.from({ length: 200 }, (_, at) => `text ${at}`);
    await expect(embed(texts, { signal: never })).rejects.toThrow(BudgetEndedError);
    expect(batches.map(({ length }) => length)).toEqual([128]);
    expect((await again()(texts.slice(0, 128), { signal: never })).call.cached).toBe(true);
  });
});
