import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DataRow } from '#core/data-row.ts';
import type { Example } from '#core/example.ts';
import type { JsonObject } from '#core/json.ts';
import { defineMetric } from '#core/metric.ts';
import { ModelError } from '#core/model-error.ts';
import { defineProvider } from '#core/provider.ts';
import { readExamples } from '#data/read-examples.ts';
import { type FakeCall, type FakeModel, fakeModel } from '#providers/fake-model.ts';
import { defaultPlugins } from '../default-plugins.ts';
import { planTask } from '../session.ts';
import { findBorder } from './synthesise-border.ts';
import { checkNewRows } from './synthesise-check.ts';
import { type SynthesiseOptions, synthesiseData } from './synthesise-data.ts';
import { chooseTeacher } from './synthesise-teacher.ts';

const topics = {
  post: ['parcel never came to the house', 'courier left the box outside', 'stamp fell off the letter'],
  money: ['invoice shows the wrong sum', 'refund never reached the account', 'bank declined the payment'],
};
const labels = ['post', 'money'] as const;
const colours = ['amber', 'bronze', 'crimson', 'denim', 'emerald', 'fuchsia', 'garnet', 'hazel', 'indigo', 'jade'];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-synthesise-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** 20 rows to train on, 10 for validation and 10 for the test. */
const rows = Array.from({ length: 40 }, (_, i) => {
  const expected = labels[i % 2]!;
  const split = i < 20 ? 'train' : i < 30 ? 'validation' : 'test';
  return {
    id: `d${i}`,
    input: `the ${topics[expected][i % 3]}, it was the ${colours[i % 10]} one of ${split} week ${i + 100}`,
    expected,
    split,
  };
});

interface Setting {
  readonly output?: string;
  readonly models?: string;
  readonly metrics?: string;
  readonly ladder?: string;
  readonly examples?: readonly object[];
  readonly answers?: (call: FakeCall) => string;
  readonly failure?: (call: FakeCall) => Error | undefined;
}

const right = ({ request: { messages } }: FakeCall) => {
  const text = messages.at(-1)?.content ?? '';
  return (
    labels.find((label) => topics[label].some((topic) => topic.split(' ').some((word) => word.length > 5 && text.includes(word)))) ?? 'post'
  );
};

async function growing(setting: Setting = {}) {
  const {
    output = '{ labels: [post, money] }',
    models = '{ base: rules/base }',
    metrics = 'accuracy',
    examples = rows,
    ladder = '[zero-shot]',
  } = setting;
  await writeFile(join(folder, 'examples.jsonl'), examples.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const lines = ['name: desk', 'instructions: Say which desk answers.', `output: ${output}`, 'examples: examples.jsonl'];
  await writeFile(join(folder, 'task.yaml'), [...lines, `models: ${models}`, `metrics: [${metrics}]`, `ladder: ${ladder}`, ''].join('\n'));
  const opened = new Map<string, FakeModel>();
  const open = (name: string) => {
    const { answers = right, failure } = setting;
    const model = opened.get(name) ?? fakeModel({ name: `rules/${name}`, answers, ...(failure && { failure }) });
    opened.set(name, model);
    return model;
  };
  const mean = defineMetric({
    ...{ id: 'brief', summary: 'Short answers.', better: 'higher', scale: 'mean', onError: 0 },
    score: (_example, { text }) => ({ value: 1 / text.length }),
  });
  const plugins = {
    ...defaultPlugins(),
    metrics: [...defaultPlugins().metrics, mean],
    providers: [defineProvider({ id: 'rules', summary: 'Rules.', open: async ({ model }) => open(model) })],
  };
  const planned = await planTask({ task: folder, plugins, environment: {} });
  const file = join(folder, 'new.jsonl');
  const run = (options: Partial<SynthesiseOptions> = {}) =>
    synthesiseData(planned, { plugins, environment: {}, output: file, samples: 4, languages: ['German'], ...options });
  const written = async () =>
    (await readFile(file, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as JsonObject);
  const asked = (name = 'base') => (opened.get(name)?.calls ?? []).map(({ request }) => request.messages.at(-1)?.content ?? '');
  const temperatures = () => new Set((opened.get('base')?.calls ?? []).map(({ request }) => request.temperature));
  return { run, written, asked, temperatures, file, planned };
}

describe('rows grown by rules', () => {
  it('come of the training split alone, keep its answers, and say where they come from', async () => {
    const { run, written, asked, planned } = await growing();
    const report = await run({ rows: 15 });
    expect(report).toMatchObject({
      task: 'desk',
      format: 'rung',
      read: 20,
      wanted: 15,
      written: 15,
      ended: 'rows',
      variedBy: null,
      unscored: 0,
    });
    expect(report.candidate).toMatchObject({ rung: 'zero-shot', model: 'rules/base', measured: null });
    expect(report.share).toEqual({ synthetic: 15, rows: 35, value: 15 / 35 });
    expect(report.kinds.map(({ kind }) => kind)).toEqual(['paraphrase', 'persona', 'length', 'noise', 'format']);
    expect(report.kinds.reduce((sum, kind) => sum + kind.written, 0)).toBe(15);
    const all = await written();
    for (const row of all) {
      const parent = rows.find(({ id }) => id === row['group'])!;
      expect(parent.split).toBe('train');
      expect(row).toMatchObject({ source: 'synthetic', split: 'train', expected: parent.expected });
      expect(row['provenance']).toMatchObject({ parent: parent.id, candidate: report.candidate.id, model: 'rules/base' });
    }
    expect(new Set(all.map(({ id }) => id)).size).toBe(15);
    expect(asked().some((text) => /validation|test week/.test(text))).toBe(false);
    // the rows can be added to the examples as they are, and stay on their side
    const examples = [...rows, ...all].map((row) => `${JSON.stringify(row)}\n`).join('');
    await writeFile(join(folder, 'examples.jsonl'), examples);
    const again = await planTask({ task: folder, plugins: { ...defaultPlugins(), providers: [] }, environment: {} });
    expect(again.plan.splits.test.map(({ id }) => id).sort()).toEqual(planned.plan.splits.test.map(({ id }) => id).sort());
    expect(again.plan.splits.train.length).toBe(35);
    expect((await readExamples(again.task)).examples.filter(({ source }) => source === 'synthetic')).toHaveLength(15);
  });

  it('are the same when the command is repeated, and nothing is bought again', async () => {
    const { run, asked } = await growing();
    const first = await run({ rows: 12 });
    const calls = asked().length;
    const second = await run({ rows: 12 });
    expect(asked().length).toBe(calls);
    expect(second).toMatchObject({ hash: first.hash, tried: first.tried, spent: { calls: 0 } });
    expect((await run({ rows: 12, concurrency: 1 })).hash).toBe(first.hash);
  });

  it('are written as far as a budget goes, and the next run goes on from there', async () => {
    const whole = await growing();
    const { hash } = await whole.run({ rows: 12 });
    const calls = whole.asked().length;
    await rm(join(folder, '.rung'), { recursive: true });
    const cut = await growing();
    const first = await cut.run({ rows: 12, maxCalls: 5, concurrency: 3 });
    expect(first).toMatchObject({ ended: 'budget', spent: { calls: 5 } });
    expect(first.written).toBeLessThanOrEqual(5);
    expect(await cut.run({ rows: 12 })).toMatchObject({ ended: 'rows', hash });
    expect(cut.asked().length).toBe(calls);
    await rm(join(folder, '.rung'), { recursive: true });
    await rm(cut.file);
    await expect(cut.run({ maxCalls: 0 })).rejects.toMatchObject({ code: 'budget-ended', exitCode: 6 });
    await expect(readFile(cut.file)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('end with an interrupt or a refused key, and outlive answers that fail', async () => {
    const stopping = new AbortController();
    const interrupted = await growing({
      answers: (call) => {
        if (call.index === 3) stopping.abort();
        return right(call);
      },
    });
    await expect(interrupted.run({ rows: 12, stopping: stopping.signal, concurrency: 1 })).rejects.toMatchObject({ code: 'interrupted' });
    const fails = await growing({
      failure: ({ index }) => (index % 4 === 1 ? new ModelError({ kind: 'rejected', message: 'No.' }) : undefined),
    });
    const report = await fails.run({ rows: 8, concurrency: 1 });
    expect(report.written).toBe(8);
    expect(report.rejected).toContainEqual(expect.objectContaining({ why: 'no-answer' }));
    expect(report.spent.failures).toBeGreaterThan(0);
    await rm(join(folder, '.rung'), { recursive: true });
    const refused = await growing({ failure: () => new ModelError({ kind: 'unauthorised', message: 'No key.' }) });
    await expect(refused.run()).rejects.toMatchObject({ kind: 'unauthorised' });
  });

  it('leave out answers that are not those of the parent', async () => {
    const { run } = await growing({ answers: () => 'post' });
    const report = await run({ rows: 10 });
    const scored = report.passed!;
    expect(scored.value).toBeGreaterThan(0);
    expect(scored.value).toBeLessThan(1);
    expect(scored.low).toBeLessThan(scored.value);
    expect(report.rejected[0]).toMatchObject({ why: 'below-minimum', example: expect.stringContaining('expected money, answered post') });
    await rm(join(folder, '.rung'), { recursive: true });
    const never = await growing({ answers: () => 'no desk at all' });
    await expect(never.run({ rows: 4 })).rejects.toMatchObject({ code: 'nothing-synthesised' });
  });

  it('lie near the border of two labels where they are to be hard', async () => {
    const { run, written } = await growing();
    const report = await run({ rows: 6, vary: ['noise'], hard: true });
    expect(report.kinds.map(({ kind }) => kind)).toEqual(['noise', 'hard']);
    const hard = (await written()).filter(({ provenance }) => (provenance as JsonObject)['variation'] === 'hard');
    expect(hard.length).toBeGreaterThan(0);
    for (const row of hard) {
      const other = row['expected'] === 'post' ? 'money' : 'post';
      expect(row['provenance']).toMatchObject({ how: `beside ${other}` });
      expect(rows.filter(({ expected }) => expected === other).some(({ input }) => String(row['input']).includes(input))).toBe(true);
    }
  });

  it('warn above a half, of a candidate that was not measured, and of parents that may wander', async () => {
    const alone = rows.map(({ split, ...row }) => row);
    const { run } = await growing({ examples: alone });
    const report = await run({ rows: 30 });
    expect(report.share.value).toBeGreaterThan(0.5);
    const text = report.warnings.join('\n');
    for (const part of ['Shumailov', 'run rung climb', 'freeze the split', 'probe format']) expect(text).toContain(part);
    const synthetic = rows.map((row) => ({ ...row, source: 'synthetic' }));
    expect((await (await growing({ examples: synthetic })).run({ rows: 2 })).warnings[0]).toContain('synthetic already');
    const some = rows.map((row, i) => (i < 5 ? { ...row, source: 'synthetic' } : row));
    expect(await (await growing({ examples: some })).run({ rows: 2 })).toMatchObject({ read: 15 });
  });

  it('take from validation only where told, and stay there', async () => {
    const { run, written } = await growing();
    await run({ rows: 30, validation: true, vary: ['persona'] });
    const sides = (await written()).map(({ group, split }) => [rows.find(({ id }) => id === group)?.split, split]);
    expect(new Set(sides.map(([side]) => side))).toEqual(new Set(['train', 'validation']));
    for (const [of, side] of sides) expect(side).toBe(of);
  });
});

describe('who answers', () => {
  const decision = (accuracy: Record<string, number>) => ({
    rungs: Object.entries(accuracy).map(([rung, value]) => ({
      ...{ rung, candidate: `c_${rung}` },
      metrics: { accuracy: { value, low: value - 0.1, high: value + 0.05, n: 50, method: 'wilson' } },
    })),
  });

  it('is the best measured rung of the ladder, with a warning where it is weak', async () => {
    const { run, planned } = await growing({ ladder: '[zero-shot, structured]' });
    await writeFile(join(folder, 'decision.json'), JSON.stringify(decision({ 'zero-shot': 0.4, structured: 0.7, gone: 0.9 })));
    const report = await run({ rows: 3 });
    expect(report.candidate).toMatchObject({
      rung: 'structured',
      why: expect.stringContaining('best on accuracy'),
      measured: { metric: 'accuracy', value: 0.7, n: 50 },
    });
    expect(report.warnings.join()).toContain('70.0 % (60.0 % to 75.0 %, n 50, wilson)');
    expect(await run({ rows: 3, from: 'zero-shot' })).toMatchObject({ candidate: { rung: 'zero-shot', measured: { value: 0.4 } } });
    expect(await run({ rows: 3, from: report.candidate.id })).toMatchObject({
      candidate: { id: report.candidate.id },
      spent: { calls: 0 },
    });
    await writeFile(join(folder, 'decision.json'), '{ "rungs": [{ "rung": 3 }] ');
    expect((await chooseTeacher(planned.plan, undefined)).name).toBe('zero-shot');
  });

  it('is a rung of the strong model where nothing is measured', async () => {
    const { planned } = await growing({
      ladder: '[zero-shot, { rung: structured, model: strong }]',
      models: '{ base: rules/base, strong: rules/big }',
    });
    expect(await chooseTeacher(planned.plan, undefined)).toMatchObject({
      name: 'structured',
      why: expect.stringContaining('strong model'),
    });
  });
});

describe('the border between labels', () => {
  it('is nearest to rows with the words of both, and names a row of the other label', async () => {
    const { planned } = await growing();
    const mixed: Example = {
      id: 'mixed',
      input: 'the parcel with the invoice and the refund from the bank',
      expected: 'post',
      tags: [],
      source: 'human',
    };
    const train = [...planned.plan.splits.train, mixed];
    const { output } = planned.task;
    const signal = new AbortController().signal;
    const border = (await findBorder(train, output, 1, signal))!;
    expect(border.order[0]?.id).toBe('mixed');
    expect(border.order).toHaveLength(train.length);
    expect(border.neighbourOf(mixed)).toMatchObject({ label: 'money', text: expect.stringMatching(/invoice|refund|bank/) });
    const clear = border.order.at(-1)!;
    expect(border.marginOf(clear.input, clear)).toBeGreaterThan(border.marginOf(mixed.input, mixed));
    expect(
      await findBorder(
        train.filter(({ expected }) => expected === 'post'),
        output,
        1,
        signal,
      ),
    ).toBeUndefined();
    expect(await findBorder(train, { kind: 'text' }, 1, signal)).toBeUndefined();
  });
});

describe('the checks of rung data check', () => {
  it('leave out rows with errors and tell what else they found', async () => {
    const row = (line: number, answer: string, input = `question number ${line} about the kettle`): DataRow => ({
      line,
      turns: [
        { role: 'user', content: input },
        { role: 'assistant', content: answer },
      ],
    });
    const given = [row(1, 'post'), row(2, ' '), row(3, 'money'), row(4, 'post', ' ')];
    const about = {
      file: 'x',
      output: { kind: 'labels', labels: ['post', 'money'] } as const,
      seed: 1,
      now: () => 0,
      signal: new AbortController().signal,
    };
    const { rows: left, dropped, findings } = await checkNewRows(given, about);
    expect(left.map(({ line }) => line)).not.toContain(2);
    expect(dropped).toContainEqual(expect.objectContaining({ rule: 'empty-answer' }));
    expect(findings.every(({ severity }) => severity !== 'error')).toBe(true);
    expect(findings.some(({ rule }) => rule === 'empty-turn')).toBe(true);
  });
});

describe('rows varied by a model', () => {
  const reworded = (call: FakeCall): string => {
    const text = /-----\n(.*)\n-----/s.exec(call.request.messages.at(-1)?.content ?? '')?.[1];
    if (text === undefined) return right(call);
    if (text.includes('amber')) return rows.find(({ split }) => split === 'test')!.input.replace(/\d+/, /\d+/.exec(text)![0]);
    return `Sir, concerning ${/week \d+/.exec(text)![0]}: ${text.split(',')[0]!.split(' ').reverse().join(' ')}`;
  };

  it('use the role strong, say so, and never copy a row that is measured', async () => {
    const { run, written, asked } = await growing({ models: '{ base: rules/base, strong: rules/big }', answers: reworded });
    const report = await run({ rows: 18, vary: ['paraphrase', 'language'] });
    expect(report).toMatchObject({ variedBy: 'rules/big', kinds: [{ by: 'model' }, { by: 'model' }] });
    expect(report.rejected).toContainEqual(expect.objectContaining({ why: 'near-held-out' }));
    expect((await written())[0]?.['provenance']).toMatchObject({ variedBy: 'rules/big' });
    expect(asked('big').some((text) => text.includes('German'))).toBe(true);
    expect(asked('big').some((text) => /validation|test week/.test(text))).toBe(false);
    const rules = await (await growing({ models: '{ base: rules/base, strong: rules/big }' })).run({ rows: 5, varier: 'none' });
    expect(rules.variedBy).toBeNull();
  });

  it('are refused with a sentence where the wish cannot be met', async () => {
    const { run } = await growing();
    await expect(run({ vary: ['language'] })).rejects.toMatchObject({ code: 'no-variation', exitCode: 2 });
    await expect(run({ vary: ['rhyme'] })).rejects.toMatchObject({ code: 'unknown-variation', exitCode: 2 });
    await expect(run({ varier: 'poet' })).rejects.toMatchObject({ code: 'unknown-role', exitCode: 2 });
    await expect(run({ from: 'c_nothing' })).rejects.toMatchObject({ code: 'unknown-candidate', exitCode: 2 });
    await expect(run({ preferences: true, to: 'rung' })).rejects.toMatchObject({ code: 'no-preferences', exitCode: 2 });
  });
});

describe('rows without labels', () => {
  const open = rows.map(({ id, input, split }) => ({ id, input, split }));

  it('are kept unscored where no metric can score, and said to be', async () => {
    const { run, written } = await growing({
      examples: open,
      output: '{ text: true }',
      metrics: 'exact',
      answers: ({ index }) => `Answer ${index}.`,
    });
    const report = await run({ rows: 6, hard: true });
    expect(report).toMatchObject({ written: 6, unscored: 6, passed: null });
    expect((await written()).every(({ expected }) => String(expected).startsWith('Answer'))).toBe(true);
  });

  it('become pairs of the best and the worst of several sampled answers', async () => {
    const answers = ({ request: { sample = 0 } }: FakeCall) => 'x'.repeat([4, 1, 9, 3][sample]!);
    const { run, written, asked, temperatures } = await growing({ examples: open, output: '{ text: true }', metrics: 'brief', answers });
    const report = await run({ rows: 4, preferences: true, minimum: 0.5, vary: ['persona'] });
    expect(report).toMatchObject({ written: 4, format: 'openai-preference', tried: 4 });
    expect(asked().length).toBe(16);
    expect(temperatures()).toEqual(new Set([0.9]));
    for (const row of await written()) {
      expect(row).toMatchObject({ preferred_output: [{ content: 'x' }], non_preferred_output: [{ content: 'xxxxxxxxx' }] });
    }
    await rm(join(folder, '.rung'), { recursive: true });
    const alike = await growing({ examples: open, output: '{ text: true }', metrics: 'brief', answers: () => 'x' });
    await expect(alike.run({ rows: 2, preferences: true })).rejects.toMatchObject({ message: expect.stringContaining('tied') });
  });
});
