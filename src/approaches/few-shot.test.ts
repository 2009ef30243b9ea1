import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '#core/candidate.ts';
import { contextWith, examples, inputFor, never, notingModel } from './approach-contract.fixture.ts';
import { diverseExamples, NearestExamples } from './example-selection.ts';
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

  it.each([{ shots: 1 }, { shots: 9 }, { shots: 'many' }, { selection: 'random' }])('refuses %j', (options) => {
    expect(() => fewShot.checkOptions(options)).toThrow();
  });
});

describe('choosing examples', () => {
  it('takes labels in turn and does not depend on their order', () => {
    const chosen = diverseExamples(examples, 6);
    expect(chosen.map(({ expected }) => expected).sort()).toEqual(['rain', 'rain', 'rain', 'sun', 'sun', 'sun']);
    expect(diverseExamples([...examples].reverse(), 6)).toEqual(chosen);
  });

  it('fills up with others where few share a word with the question', () => {
    expect(new NearestExamples(examples).nearest('zzz', 4)).toHaveLength(4);
    expect(new NearestExamples(examples.slice(0, 2)).nearest('zzz', 4)).toHaveLength(2);
  });
});
