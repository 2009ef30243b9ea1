import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RecordedCall, Row } from '#core/run.ts';
import type { Store } from '#core/store.ts';

const call: RecordedCall = {
  key: 'k1',
  model: 'test/model',
  response: { text: 'ja "so" \u0000 \u{1F600}', finishReason: 'stop', usage: { inputTokens: 3, cachedInputTokens: 0, outputTokens: 1 } },
  cost: 123_456_789_012,
  latencyMs: 1.25,
  at: 1_700_000_000_000,
};
const answered = (example: string, text = 'yes'): Row => ({
  candidate: 'c_1',
  example,
  sample: 0,
  split: 'test',
  answer: { text, value: text, strict: true, calls: [] },
  latencyMs: 2,
  at: 1,
});
const failed = (example: string): Row => ({
  ...answered(example),
  answer: undefined,
  failure: { code: 'model-timeout', kind: 'timeout', message: 'late' },
});

async function textsOf(store: Store): Promise<Record<string, string | undefined>> {
  const texts: Record<string, string | undefined> = {};
  for await (const row of store.rows('c_1', 'test')) texts[row.example] = row.answer?.text;
  return texts;
}

/** What every store must do. `open` gives the same store again under the same name. */
export function testStore(name: string, open: (name: string) => Promise<Store>): void {
  describe(`the ${name} store`, () => {
    let store: Store;
    let number = 0;
    beforeEach(async () => {
      store = await open(`store-${++number}`);
    });
    afterEach(() => store.close());

    it('gives a recorded call back as it was', async () => {
      expect(await store.call('k1')).toBeUndefined();
      await store.recordCall(call);
      expect(await store.call('k1')).toEqual(call);
    });

    it('keeps the first of two calls under one key', async () => {
      await Promise.all([store.recordCall(call), store.recordCall({ ...call, cost: 1 })]);
      expect((await store.call('k1'))?.cost).toBe(call.cost);
    });

    it('has after reopening what was recorded before', async () => {
      await Promise.all([store.recordCall(call), store.appendRows([answered('e1')])]);
      await store.close();
      store = await open(`store-${number}`);
      expect(await store.call('k1')).toEqual(call);
      expect(await textsOf(store)).toEqual({ e1: 'yes' });
    });

    it('replaces a failed row by an answered one, and never an answered one', async () => {
      await store.appendRows([failed('e1'), answered('e2')]);
      await store.appendRows([answered('e1'), answered('e2', 'other'), failed('e2')]);
      expect(await textsOf(store)).toEqual({ e1: 'yes', e2: 'yes' });
      expect(await store.row('c_1', 'test', 'e1')).toEqual(answered('e1'));
      expect(await store.row('c_1', 'validation', 'e1')).toBeUndefined();
    });

    it('streams many rows while others are written', async () => {
      await store.appendRows(Array.from({ length: 2500 }, (_, i) => answered(`e${String(i).padStart(5, '0')}`)));
      let seen = 0;
      for await (const _ of store.rows('c_1', 'test')) if (++seen % 500 === 0) await store.recordCall({ ...call, key: `during-${seen}` });
      expect(seen).toBe(2500);
      expect(await store.call('during-2500')).toBeDefined();
    });

    it('finds prepared candidates by key and by id', async () => {
      const manifest = {
        schema: 'rung.candidate/1',
        approach: 'a',
        name: 'n',
        model: null,
        state: { x: [1, 'é'] },
        artefacts: {},
      } as const;
      const prepared = { id: 'c_1', manifest, setup: { cost: 7, seconds: 0.5 } };
      await store.recordPrepared('key', prepared);
      expect(await store.prepared('key')).toEqual(prepared);
      expect(await store.candidate('c_1')).toEqual(prepared);
      expect(await store.prepared('other')).toBeUndefined();
    });

    it('counts looks at the test split once per key, also after it was cleared', async () => {
      expect(await store.lookAtTest('s', 'a')).toBe(1);
      expect(await store.lookAtTest('s', 'a')).toBe(1);
      await store.clear();
      expect(await store.lookAtTest('s', 'b')).toBe(2);
      expect(await store.lookAtTest('other', 'a')).toBe(1);
    });

    it('forgets answers and candidates when it is cleared', async () => {
      await store.recordCall(call);
      await store.appendRows([answered('e1')]);
      await store.register({ criteriaHash: 'c', splitHash: 's', at: 1 });
      await store.clear();
      expect(await store.call('k1')).toBeUndefined();
      expect(await textsOf(store)).toEqual({});
      expect(await store.registration()).toBeUndefined();
    });

    it('keeps forecasts when it is cleared, the latest of each rung, metric and number of rows', async () => {
      const forecast = (rung: string, madeAt: number, value: number) => ({
        rung,
        metric: 'accuracy',
        madeAt,
        points: [{ rows: madeAt * 2, value, low: value - 0.1, high: value + 0.05 }],
      });
      expect(await store.forecasts()).toEqual([]);
      await store.recordForecast(forecast('b', 100, 0.7));
      await store.recordForecast(forecast('a', 1000, 0.8));
      await store.recordForecast(forecast('a', 200, 0.5));
      await store.recordForecast(forecast('a', 200, 0.6));
      await store.clear();
      await store.close();
      store = await open(`store-${number}`);
      expect(await store.forecasts()).toEqual([forecast('a', 200, 0.6), forecast('a', 1000, 0.8), forecast('b', 100, 0.7)]);
    });

    it('keeps training events', async () => {
      const events = [{ type: 'evaluation', step: 3, validationLoss: 0.5, best: true }] as const;
      await store.recordTraining('c_1', events);
      expect(await store.training('c_1')).toEqual(events);
      expect(await store.training('c_2')).toEqual([]);
    });
  });
}
