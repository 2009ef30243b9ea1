import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApproachContext } from '#core/approach.ts';
import { candidateId, type Manifest } from '#core/candidate.ts';
import { contextWith, examples, inputFor, never, notingModel } from './approach-contract.fixture.ts';
import { balancedExamples, diverseExamples, NearestExamples } from './example-selection.ts';
import { fewShot } from './few-shot.ts';
import type { GrowthStep } from './few-shot-growth.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-few-shot-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('few-shot', () => {
  it('shows the nearest training examples, the nearest one last', async () => {
    const model = notingModel();
    const context = contextWith(folder, model);
    const manifest = await fewShot.prepare(inputFor({ selection: 'nearest', shots: 3 }), context);
    const candidate = await fewShot.restore(manifest, context);
    await candidate.answer('grey and dripping on day 99', { signal: never });
    const turns = model.requests[0]?.messages.slice(1) ?? [];
    expect(turns).toHaveLength(7);
    expect(turns.at(-3)?.content).toMatch(/grey|dripping/);
    expect(turns.at(-2)).toEqual({ role: 'assistant', content: 'rain' });
  });

  it('keeps the variant that does best on the validation split', async () => {
    const scores: Record<string, number> = { '{"selection":"fixed","shots":8}': 0.9 };
    const context = {
      ...contextWith(folder, notingModel()),
      evaluate: async ({ state }: Manifest) => scores[JSON.stringify(state['variant'])] ?? 0.5,
    };
    const manifest = await fewShot.prepare(inputFor(), context);
    expect(manifest.state['variant']).toEqual({ selection: 'fixed', shots: 8 });
  });

  it('says why it cannot run without examples', () => {
    expect(fewShot.skip?.({ ...inputFor(), train: [] })).toContain('at least 2 training examples');
  });

  it.each([{ shots: 1 }, { shots: 257 }, { shots: 'all' }, { selection: 'random' }, { pays: 0.1 }, { shots: 'many', pays: 2 }])(
    'refuses %j',
    (options) => {
      expect(() => fewShot.checkOptions(options)).toThrow();
    },
  );
});

describe('many shots', () => {
  const train = Array.from({ length: 70 }, (_, i) => ({ ...examples[i % 40]!, id: `t${i}` }));

  /** `right` of 100 validation rows, the same ones first; null where no row brought a score. */
  async function grow(right: Record<number, number | null>, options = {}) {
    const tried: number[] = [];
    const validation = Array.from({ length: 100 }, (_, i) => ({ ...examples[i % 40]!, id: `v${i}` }));
    const context: ApproachContext = {
      ...contextWith(folder, notingModel()),
      measure: async ({ state }, rows) => {
        const { shots } = state['variant'] as { shots: number };
        tried.push(shots);
        const those = right[shots] ?? null;
        return rows.map((example, i) => ({ example, score: those === null ? null : i < those ? 1 : 0, latencyMs: 1 }));
      },
    };
    const manifest = await fewShot.prepare({ ...inputFor({ shots: 'many', ...options }), train, validation }, context);
    const steps = (manifest.state['growth'] ?? []) as unknown as readonly GrowthStep[];
    return { tried, variant: manifest.state['variant'], shown: manifest.state['shots'] as readonly unknown[], steps };
  }

  it('takes more while that pays, and ends where the interval says that it cannot', async () => {
    // 32 against 16: one row more of 100, at most 5.4 points (Newcombe's paired interval)
    const { tried, variant, steps, shown } = await grow({ 8: 50, 16: 60, 32: 61, 64: 90 }, { pays: 0.06 });
    expect({ tried, variant }).toEqual({ tried: [8, 16, 32], variant: { selection: 'fixed', shots: 16 } });
    expect(shown).toHaveLength(16);
    expect(steps.map(({ shots, over, kept }) => [shots, over, kept])).toEqual([
      [8, undefined, true],
      [16, 8, true],
      [32, 16, false],
    ]);
    expect(steps[2]).toMatchObject({
      gain: { value: 0.01, n: 100, high: expect.any(Number) },
      why: expect.stringContaining('growth ended'),
    });
    expect(steps[2]!.gain!.high).toBeLessThan(0.06);
  });

  it('goes on where the interval leaves it open, and keeps what pays against the number kept', async () => {
    const { tried, variant, steps } = await grow({ 8: 50, 16: 51, 32: 58, 64: 60 });
    expect({ tried, variant }).toEqual({ tried: [8, 16, 32, 64], variant: { selection: 'fixed', shots: 32 } });
    expect(steps.map(({ over }) => over)).toEqual([undefined, 8, 8, 32]);
    expect(steps[1]?.why).toMatch(/^Not kept: it gains 0\.010; up to 0\.\d+ is possible, so more was tried\.$/);
  });

  it('stays where a longer prompt fails or brings no score, and says so', async () => {
    expect(await grow({ 8: 50, 16: 0 })).toMatchObject({ tried: [8, 16], variant: { shots: 8 } });
    const { tried, variant, steps } = await grow({ 8: 50, 16: null });
    expect({ tried, variant }).toMatchObject({ tried: [8, 16], variant: { shots: 8 } });
    expect(steps[1]?.why).toBe('Not kept, and growth ended: no row could be compared.');
  });

  it('asks for no more where the rows leave nothing to gain', async () => {
    const { tried, variant, steps } = await grow({ 8: 50, 16: 98, 32: 100 });
    expect({ tried, variant }).toMatchObject({ tried: [8, 16], variant: { shots: 16 } });
    expect(steps.at(-1)?.why).toBe('Kept: it gains 0.480, at least 0.03. Growth ended: these rows leave less than 0.03 to gain.');
  });

  it('never keeps more for no gain at all', async () => {
    expect(await grow({ 8: 50, 16: 50, 32: 50, 64: 50 }, { pays: 0 })).toMatchObject({ variant: { shots: 8 } });
  });

  it('forecasts the whole of its search', () => {
    const input = { ...inputFor({ shots: 'many' }), train };
    expect(fewShot.forecast?.(input)).toMatchObject({ prepareCalls: 4 * input.validation.length, callsPerAnswer: 1 });
  });
});

it.each([
  [{}, 'c_73303c270c5a'],
  [{ selection: 'nearest' }, 'c_73303c270c5a'],
  [{ selection: 'fixed', shots: 3 }, 'c_99eeb5bb864c'],
])('keeps the ids of candidates from before: %j', async (options, id) => {
  expect(candidateId(await fewShot.prepare(inputFor(options), contextWith(folder, notingModel())))).toBe(id);
});

describe('choosing examples', () => {
  it('takes labels in turn and does not depend on their order', () => {
    const chosen = diverseExamples(examples, 6);
    expect(chosen.map(({ expected }) => expected).sort()).toEqual(['rain', 'rain', 'rain', 'sun', 'sun', 'sun']);
    expect(diverseExamples([...examples].reverse(), 6)).toEqual(chosen);
  });

  it('balances over labels, and does not depend on their order', () => {
    const uneven = [
      ...examples.filter(({ expected }) => expected === 'sun'),
      ...examples.filter(({ expected }) => expected === 'rain').slice(0, 2),
    ];
    const labels = (count: number) => balancedExamples(uneven, count).map(({ expected }) => expected);
    expect(labels(8).sort()).toEqual(['rain', 'rain', 'sun', 'sun']);
    expect(labels(5)).toHaveLength(4);
    expect(new Set(labels(3))).toEqual(new Set(['rain', 'sun']));
    expect(labels(1)).toHaveLength(1);
    expect(balancedExamples([], 4)).toEqual([]);
    expect(balancedExamples([...uneven].reverse(), 8)).toEqual(balancedExamples(uneven, 8));
  });

  it('fills up with others where few share a word with the question', () => {
    expect(new NearestExamples(examples).nearest('zzz', 4)).toHaveLength(4);
    expect(new NearestExamples(examples.slice(0, 2)).nearest('zzz', 4)).toHaveLength(2);
  });
});
