import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PrepareInput } from '#core/approach.ts';
import type { DataRow } from '#core/data-row.ts';
import { plantedCanaries } from '#data/grow/canaries.ts';
import { examples, inputFor } from './approach-contract.fixture.ts';
import { fineTuned } from './fine-tuned.ts';
import { scriptedModel } from './reasoning.fixture.ts';
import { askedOf, notingContext, withTrain } from './tuned.fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-fine-tuned-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const general = (count: number, question = 'Repeat: word'): readonly DataRow[] =>
  Array.from({ length: count }, (_, at) => ({
    line: at + 1,
    turns: [
      { role: 'user', content: `${question} ${at}` },
      { role: 'assistant', content: `word ${at}` },
    ],
  }));

const mixed = (options: PrepareInput['options'], rows: readonly DataRow[]): PrepareInput => ({
  ...inputFor(options),
  files: { rows: { 'general-rows.jsonl': rows }, documents: {} },
});

describe('the rung fine-tuned', () => {
  it('hands the trainer its name, the suffix and every setting, and nothing that was not said', async () => {
    const { context, jobs } = notingContext(folder, () => 'sun');
    const settings = { epochs: 2, dropout: 0.1, evaluateEvery: 5, quantization: 'nf4', learningRateMultiplier: 2 };
    await fineTuned.prepare(inputFor({ ...settings, trainer: 'peft', suffix: 'weather-1' }), context);
    await fineTuned.prepare(inputFor(), context);
    expect(jobs[0]).toMatchObject({ trainer: 'peft', suffix: 'weather-1', hyperparameters: settings });
    expect(Object.keys(jobs[1] ?? {}).sort()).toEqual(['base', 'hyperparameters', 'method', 'seed', 'train', 'validation']);
    expect(jobs[1]?.hyperparameters).toEqual({});
  });

  it('forecasts every evaluation: one an epoch, the most usual number of epochs where none is asked for, or as often as asked', () => {
    const evaluations = (options?: PrepareInput['options']) => {
      const input = inputFor(options);
      return fineTuned.forecast!(input).prepareCalls / input.validation.length;
    };
    expect(evaluations()).toBe(12);
    expect(evaluations({ epochs: 3 })).toBe(3);
    expect(evaluations({ epochs: 2, batchSize: 7, evaluateEvery: 4 })).toBe(Math.ceil((2 * Math.ceil(30 / 7)) / 4));
  });

  it('keeps the name of a model that a service tuned, and asks that one', async () => {
    const { context } = notingContext(
      folder,
      () => 'sun',
      () => ({ model: 'openai/ft:small:weather' }),
    );
    const manifest = await fineTuned.prepare(inputFor(), context);
    expect(manifest.model).toEqual({ model: 'openai/ft:small:weather' });
    const asked: string[] = [];
    const model = scriptedModel(() => 'sun');
    await fineTuned.restore(manifest, {
      ...context,
      async model({ model: name }) {
        asked.push(name);
        return model;
      },
    });
    expect(asked).toEqual(['openai/ft:small:weather']);
  });

  it('mixes the share of general rows that was asked for among the rows of the task, not in place of them', async () => {
    const { context, jobs } = notingContext(folder, () => 'sun');
    const options = { mix: { file: 'general-rows.jsonl', share: 0.25 } };
    const manifest = await fineTuned.prepare(mixed(options, general(40)), context);
    expect(jobs[0]?.train).toHaveLength(40);
    expect(askedOf(jobs[0]!).filter((text) => text.startsWith('Repeat:'))).toHaveLength(10);
    expect(manifest.state['notes']).toEqual(['10 general rows of general-rows.jsonl were learnt beside the 30 of the task.']);
    const again = notingContext(folder, () => 'sun');
    await fineTuned.prepare(mixed(options, general(40)), again.context);
    expect(again.jobs).toEqual(jobs);
  });

  it('never mixes in what the task asks, what calls tools, or what is kept for tests', async () => {
    const asked = examples.slice(0, 12).map(({ input }, at) => ({
      ...general(1)[0]!,
      line: at,
      turns: [
        { role: 'user' as const, content: input as string },
        { role: 'assistant' as const, content: 'x' },
      ],
    }));
    const tools = general(5).map((row) => ({ ...row, turns: [...row.turns, { role: 'tool' as const, content: 'x' }] }));
    const held = general(5, 'Held').map((row) => ({ ...row, split: 'test' as const }));
    const { context, jobs } = notingContext(folder, () => 'sun');
    const manifest = await fineTuned.prepare(
      mixed({ mix: { file: 'general-rows.jsonl', share: 0.5 } }, [...asked, ...tools, ...held, ...general(3)]),
      context,
    );
    expect(jobs[0]?.train).toHaveLength(33);
    expect(manifest.state['notes']).toEqual([
      '3 general rows of general-rows.jsonl were learnt beside the 30 of the task; a share of 50 % would take 30.',
    ]);
  });

  it('takes the rows that come with the base with mix: true, and says that it cannot run where none do', async () => {
    const file = join(folder, 'replay.jsonl');
    await writeFile(
      file,
      general(8)
        .map((_, at) => `${JSON.stringify({ input: `Repeat: ${at}`, expected: `${at}` })}\n`)
        .join(''),
    );
    const { context, jobs } = notingContext(folder, () => 'sun');
    const model = { ...scriptedModel(() => 'sun'), replay: file };
    await fineTuned.prepare(inputFor({ mix: true }), { ...context, model: async () => model });
    expect(jobs[0]?.train).toHaveLength(33);
    await expect(fineTuned.prepare(inputFor({ mix: true }), context)).rejects.toMatchObject({ code: 'rung-impossible', exitCode: 2 });
    expect(jobs).toHaveLength(1);
  });

  it('plants as many secrets as asked, which can be found again', async () => {
    const { context, jobs } = notingContext(folder, () => 'sun');
    await fineTuned.prepare(inputFor({ canaries: 3 }), context);
    const [job] = jobs;
    expect(job?.method === 'supervised' && plantedCanaries(job.train)).toHaveLength(3);
  });

  it('does not learn from rows of one answer, nor from fewer than ten', () => {
    const alike = examples.slice(0, 30).filter(({ expected }) => expected === 'sun');
    expect(fineTuned.skip!(withTrain(inputFor(), alike))).toContain('All 15 training examples have the same expected answer');
    expect(fineTuned.skip!(withTrain(inputFor(), examples.slice(0, 9)))).toContain('there are 9');
    expect(fineTuned.skip!(inputFor())).toBeUndefined();
  });

  it.each([
    { trainer: '' },
    { suffix: 'a b' },
    { dropout: 1 },
    { quantization: 'int8' },
    { mix: { share: 1 } },
    { mix: { files: 'x' } },
    { canaries: 0 },
  ])('refuses %j', (options) => {
    expect(() => fineTuned.checkOptions(options)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});
