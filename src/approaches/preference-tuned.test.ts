import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataRow } from '#core/data-row.ts';
import { examples, inputFor, never } from './approach-contract.fixture.ts';
import { fineTuned } from './fine-tuned.ts';
import { preferenceTuned } from './preference-tuned.ts';
import { scriptedModel } from './reasoning.fixture.ts';
import { lessIsBetter, notingContext } from './tuned.fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-preference-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const turn = (role: 'user' | 'assistant', content: string) => [{ role, content }] as const;
const pair = (line: number, changes: Partial<DataRow> = {}): DataRow => ({
  line,
  turns: turn('user', `sky ${line}`),
  preference: { chosen: turn('assistant', 'sun'), rejected: turn('assistant', 'rain') },
  ...changes,
});
const withPairs = (rows: readonly DataRow[]) => ({
  ...inputFor({ preferences: 'pairs.jsonl', epochs: 3, beta: 0.2, dpo: { epochs: 1 } }),
  files: { rows: { 'pairs.jsonl': rows }, documents: {} },
});

describe('the rung preference-tuned', () => {
  it('first trains exactly the job of fine-tuned with the same options, then goes on from its adapter', async () => {
    const noted = notingContext(folder, () => 'rain');
    await fineTuned.prepare(inputFor({ epochs: 3 }), noted.context);
    const manifest = await preferenceTuned.prepare(withPairs(Array.from({ length: 12 }, (_, at) => pair(at))), noted.context);
    const [alone, first, second] = noted.jobs;
    expect(first).toEqual(alone);
    expect(second).toMatchObject({
      method: 'preference',
      base: { model: 'test', adapter: 'a_2' },
      hyperparameters: { epochs: 1, beta: 0.2 },
    });
    expect(manifest).toMatchObject({ approach: 'preference-tuned', model: { model: 'test', adapter: 'a_3' } });
    expect(noted.judged).toEqual(['supervised', 'supervised', 'preference']);
  });

  it('asks what a file of pairs asks under the prompt of the task, keeps its validation rows apart and its test rows out', async () => {
    const noted = notingContext(folder, () => 'rain');
    const same = { chosen: turn('assistant', 'sun'), rejected: turn('assistant', 'sun') };
    const rows = [
      ...Array.from({ length: 12 }, (_, at) => pair(at)),
      pair(12, { split: 'validation' }),
      pair(13, { split: 'test' }),
      pair(14, { preference: same }),
    ];
    const manifest = await preferenceTuned.prepare(withPairs(rows), noted.context);
    const job = noted.jobs[1];
    expect([job?.train.length, job?.validation.length]).toEqual([12, 1]);
    expect(job?.method === 'preference' && job.train[0]).toEqual({
      messages: [{ role: 'system', content: expect.stringContaining('Say what the weather is.') }, ...turn('user', 'sky 0')],
      chosen: 'sun',
      rejected: 'rain',
    });
    expect(manifest.state['notes']).toEqual([
      '12 pairs of pairs.jsonl were learnt; left out: 1 rows without two differing answers in text, 1 of the test split.',
    ]);
  });

  it('makes pairs of its own wrong answers on training rows, each wrong answer of a row once', async () => {
    const noted = notingContext(folder, () => 'rain');
    const manifest = await preferenceTuned.prepare(inputFor({ draws: 3, temperature: 1 }), noted.context);
    const suns = examples.slice(0, 30).filter(({ expected }) => expected === 'sun');
    const job = noted.jobs[1];
    expect(job?.method === 'preference' && job.train.map(({ chosen, rejected }) => [chosen, rejected])).toEqual(
      suns.map(() => ['sun', 'rain']),
    );
    expect(noted.measured.map(({ state }) => state['draw'])).toEqual([1, 2, 3].map((sample) => ({ temperature: 1, sample })));
    expect(manifest.state['draw']).toBeUndefined();
    expect(manifest.state['notes']).toEqual(['15 pairs of own answers that the metric marks down were learnt.']);
  });

  it('finds the same pairs where less is better', async () => {
    const noted = notingContext(folder, () => 'rain');
    await preferenceTuned.prepare(inputFor({ draws: 1 }), lessIsBetter(noted.context));
    expect(noted.jobs[1]?.train).toHaveLength(15);
  });

  it('holds its best draw against worse ones where no expected answer is to be learnt from', async () => {
    // draw 1 says what scores best, draws 2 and 3 two worse things, draw 4 the best again; the last row is always the same
    const said = ['sun sun', 'sun', 'fog', 'sun sun'];
    const scores: Readonly<Record<string, number>> = { 'sun sun': 0.9, sun: 0.5, fog: 0 };
    const open = notingContext(folder, () => '');
    const context: typeof open.context = {
      ...open.context,
      async measure({ state }, asked) {
        const { sample } = state['draw'] as { sample: number };
        return asked.map((example, at) => {
          const text = at === asked.length - 1 ? 'sun' : said[sample - 1]!;
          return { example, answer: { text, value: text, strict: true, calls: [] }, score: scores[text]!, latencyMs: null };
        });
      },
    };
    const manifest = await preferenceTuned.prepare(inputFor({ against: 'own' }), context);
    const job = open.jobs[1];
    if (job?.method !== 'preference') throw new Error('no preferences were learnt');
    expect(job.train.slice(0, 2).map(({ chosen, rejected }) => [chosen, rejected])).toEqual([
      ['sun sun', 'sun'],
      ['sun sun', 'fog'],
    ]);
    expect(job.train).toHaveLength(2 * 29);
    expect(manifest.state['notes']).toEqual(['58 pairs of own answers, the best by the metric against worse ones, were learnt.']);
  });

  it('draws from the model at the temperature, each draw another sample', async () => {
    const noted = notingContext(folder, () => 'rain');
    await preferenceTuned.prepare(inputFor({ draws: 1 }), noted.context);
    const model = scriptedModel(() => 'sun');
    const drawn = await preferenceTuned.restore(noted.measured[0]!, { ...noted.context, model: async () => model });
    await drawn.answer('grey', { signal: never });
    expect(model.requests[0]).toMatchObject({ temperature: 0.8, sample: 1 });
  });

  it('says why it cannot run where no pairs can be had', async () => {
    expect(preferenceTuned.skip!(withPairs([pair(1)]))).toBe(
      'It needs at least 10 pairs of a better and a worse answer; there are 1 in pairs.jsonl.',
    );
    const right = notingContext(folder, (_, { expected }) => expected as string);
    await expect(preferenceTuned.prepare(inputFor(), right.context)).rejects.toMatchObject({
      code: 'rung-impossible',
      message: expect.stringContaining('hardly ever wrong'),
    });
    expect(right.jobs.map(({ method }) => method)).toEqual(['supervised']);
    await expect(preferenceTuned.prepare(inputFor({ against: 'own' }), right.context)).rejects.toMatchObject({
      message: expect.stringContaining('the metric hardly ever tells them apart'),
    });
  });

  it('refuses options that do nothing or do not fit, and forecasts its draws', () => {
    expect(() => preferenceTuned.checkOptions({ preferences: 'a.jsonl', draws: 2 })).toThrow(/draws/);
    expect(() => preferenceTuned.checkOptions({ preferences: 'a.jsonl', against: 'own' })).toThrow(/against/);
    expect(() => preferenceTuned.checkOptions({ preferences: 'a.jsonl', retrieval: {} })).toThrow(/retrieval/);
    expect(() => preferenceTuned.checkOptions({ beta: -1 })).toThrow(/beta/);
    expect(() => preferenceTuned.checkOptions({ epochs: 0 })).toThrow(/epochs/);
    const calls = (options: ReturnType<typeof inputFor>['options']) => preferenceTuned.forecast!(inputFor(options)).prepareCalls;
    expect(calls({ draws: 8 }) - calls({ draws: 4 })).toBe(4 * 30);
    expect(preferenceTuned.usesFiles!({ preferences: 'a.jsonl', mix: { file: 'b.jsonl' } })).toEqual({ rows: ['a.jsonl', 'b.jsonl'] });
  });
});
