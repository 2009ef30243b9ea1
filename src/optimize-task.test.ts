import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defineProvider } from '#core/provider.ts';
import { type FakeModel, fakeModel } from '#providers/fake-model.ts';
import { defaultPlugins } from './default-plugins.ts';
import { dryRunOptimization, type OptimizeTaskOptions, optimizationsOf, optimizeTask } from './optimize-task.ts';
import { planTask } from './session.ts';

const topics = { post: ['parcel', 'courier', 'stamp'], money: ['invoice', 'refund', 'bank'] };
const labels = ['post', 'money'] as const;

let folder: string;
let model: FakeModel;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-optimize-'));
  const rows = Array.from({ length: 120 }, (_, i) => {
    const expected = labels[i % 2]!;
    return {
      id: `d${i}`,
      input: `my ${topics[expected][i % 3]} of day ${i}`,
      expected,
      split: i < 40 ? 'train' : i < 100 ? 'validation' : 'test',
    };
  });
  await writeFile(join(folder, 'examples.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const task = ['name: desk', 'instructions: Say which desk answers.', 'output: { labels: [post, money] }', 'examples: examples.jsonl'];
  await writeFile(
    join(folder, 'task.yaml'),
    [...task, 'models: { base: rules/one }', 'metrics: [accuracy]', 'ladder: [zero-shot]', ''].join('\n'),
  );
  // right where an example of the same topic is shown
  model = fakeModel({
    name: 'rules/one',
    concurrency: { initial: 8, maximum: 8 },
    answers({ request: { messages } }) {
      const topic = /my (\w+)/.exec(messages.at(-1)?.content ?? '')?.[1] ?? '';
      const at = messages.slice(0, -1).findIndex(({ role, content }) => role === 'user' && content.includes(topic));
      return { text: at < 0 ? 'post' : (messages[at + 1]?.content ?? 'post'), latencyMs: 5 };
    },
  });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function optimizing(options: Partial<OptimizeTaskOptions> = {}) {
  const plugins = { ...defaultPlugins(), providers: [defineProvider({ id: 'rules', summary: 'Rules.', open: async () => model })] };
  const planned = await planTask({ task: folder, plugins, environment: {} });
  const all = { plugins, environment: {}, options: { calls: 200 }, ...options };
  return { planned, all, run: () => optimizeTask(planned, all) };
}

describe('rung optimize', () => {
  it('reports baseline, best, trials with their reasons, the plateau, the guard and what was spent', async () => {
    const { run, planned } = await optimizing();
    const report = await run();
    expect(report).toMatchObject({ task: 'desk', rung: 'optimized', model: 'rules/one', ended: 'plateau', plateau: { reached: true } });
    expect(report.baseline.metrics['accuracy']).toMatchObject({ value: expect.any(Number), method: 'wilson' });
    expect(report.best.metrics['accuracy']?.value).toBe(1);
    expect(report.best.candidate).toMatch(/^c_[0-9a-f]{12}$/);
    expect(report.held).toMatchObject({ passed: true, rows: 15 });
    expect(report.front).toContain(report.best.n);
    expect(report.spent.calls).toBe(model.calls.length);
    expect(report.calls).toBe(report.spent.calls + report.spent.cached);
    expect(report.trials.map(({ n }) => n)).toEqual([...report.trials.keys()]);
    // the test rows were never asked
    const asked = model.calls.map(({ request }) => request.messages.at(-1)?.content ?? '');
    expect(asked.some((text) => Number(/day (\d+)/.exec(text)?.[1]) >= 100)).toBe(false);
    const before = model.calls.length;
    const again = await run();
    expect({ ...again, spent: null }).toEqual({ ...report, spent: null });
    expect(await optimizationsOf(planned)).toMatchObject([{ best: report.best }]);
    expect(model.calls.length).toBe(before);
  });

  it('ends with the best so far where its calls end, and goes on from there without buying an answer twice', async () => {
    const whole = await (await optimizing()).run();
    const calls = model.calls.length;
    await rm(join(folder, '.rung'), { recursive: true });
    const before = model.calls.length;
    const cut = await (await optimizing({ maxCalls: 60 })).run();
    expect(cut).toMatchObject({ ended: 'budget', plateau: { reached: false } });
    expect(model.calls.length - before).toBe(60);
    const resumed = await (await optimizing()).run();
    expect(model.calls.length - before).toBe(calls);
    expect(resumed.best).toEqual(whole.best);
    const { planned } = await optimizing();
    expect((await optimizationsOf(planned)).map(({ ended }) => ended)).toEqual(['budget', 'plateau']);
  });

  it('forecasts without asking, and refuses what it cannot run', async () => {
    const { planned, all } = await optimizing();
    const dry = await dryRunOptimization(planned, all);
    expect(dry.total.calls).toBe(200);
    expect(model.calls).toHaveLength(0);
    await expect((await optimizing({ options: { calls: 1 } })).run()).rejects.toMatchObject({ code: 'option-unreadable' });
  });
});
