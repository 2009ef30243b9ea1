import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { candidateId, type Manifest } from '#core/candidate.ts';
import { contextWith, examples, inputFor, never, notingModel } from './approach-contract.fixture.ts';
import { balancedExamples, diverseExamples, NearestExamples } from './example-selection.ts';
import { fewShot } from './few-shot.ts';

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

  async function grow(scores: Record<number, number>, options = {}) {
    const tried: number[] = [];
    const context = {
      ...contextWith(folder, notingModel()),
      evaluate: async ({ state }: Manifest) => {
        const { shots } = state['variant'] as { shots: number };
        tried.push(shots);
        return scores[shots] ?? 0;
      },
    };
    const manifest = await fewShot.prepare({ ...inputFor({ shots: 'many', ...options }), train }, context);
    return { tried, variant: manifest.state['variant'], shown: manifest.state['shots'] as readonly unknown[] };
  }

  it('doubles while that pays', async () => {
    expect(await grow({ 8: 0.5, 16: 0.6, 32: 0.605, 64: 0.9 })).toMatchObject({
      tried: [8, 16, 32],
      variant: { selection: 'fixed', shots: 16 },
    });
    expect(await grow({ 8: 0.5, 16: 0.6, 32: 0.605, 64: 0.9 }, { pays: 0 })).toMatchObject({
      tried: [8, 16, 32, 64],
      variant: { shots: 64 },
    });
    expect((await grow({ 8: 0.5, 16: 0.6 })).shown).toHaveLength(16);
  });

  it('stays where a longer prompt fails', async () => {
    expect(await grow({ 8: 0.5, 16: 0 })).toMatchObject({ tried: [8, 16], variant: { shots: 8 } });
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
