import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { climbTask, defaultPlugins, dryRunTask, planTask } from './index.ts';

const plugins = defaultPlugins();
let folder: string;

/** Recorded answers: the cheap model slips on every third sum, and shows it. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-climb-cascade-'));
  const rows = Array.from({ length: 360 }, (_, row) => {
    const [a, b] = [11 + ((row * 7) % 83), 4 + ((row * 5) % 61)];
    const slips = row % 3 === 0;
    const split = row < 90 ? 'train' : row < 260 ? 'validation' : 'test';
    return {
      prompt: `Ann has ${a} apples and buys ${b} (${row}).`,
      cheap: `${a} + ${b} = ${a + b + (slips ? 30 : 0)}.`,
      strong: `${a + b}.`,
      right: slips ? 0 : 1,
      split,
    };
  });
  const csv = rows.map(({ prompt, cheap, strong, right }) => `${prompt},${cheap},${right},${strong},1\n`).join('');
  await writeFile(join(folder, 'responses.csv'), `prompt,cheap,cheap_right,strong,strong_right\n${csv}`);
  await writeFile(
    join(folder, 'examples.jsonl'),
    rows.map(({ prompt, split }) => `${JSON.stringify({ input: prompt, split })}\n`).join(''),
  );
  const provider = (name: string, price: number) =>
    `{ kind: replay, file: responses.csv, match: prompt, answer: ${name}, score: ${name}_right, price: { perRequest: ${price} } }`;
  await writeFile(
    join(folder, 'task.yaml'),
    `name: sums
instructions: Add.
output: { text: true }
examples: examples.jsonl
providers:
  cheap: ${provider('cheap', 0.0004)}
  strong: ${provider('strong', 0.012)}
models: { base: replay/cheap, strong: replay/strong }
metrics: [recorded]
ladder: [zero-shot, { rung: zero-shot, model: strong }, cascade]
`,
  );
});
afterAll(async () => {
  await plugins.close();
  await rm(folder, { recursive: true, force: true });
});

test('a dry run tells what either model would be asked', async () => {
  const dry = await dryRunTask(await planTask({ task: folder, plugins, environment: {} }), { plugins, environment: {} });
  expect(dry.rungs[2]).toMatchObject({
    model: 'replay/cheap',
    calls: 90 + 170 + 100,
    others: [{ model: 'replay/strong', calls: 170 + 100, dollars: 270 * 0.012 }],
  });
  expect(dry.total.calls).toBe(100 + 100 + 360 + 270);
});

test('a ladder of recorded answers ends on a cascade without any option, held against its parts and against chance', async () => {
  const climb = async () => {
    const planned = await planTask({ task: folder, plugins, environment: {} });
    return climbTask(planned, { plugins, environment: {}, all: true }, async ({ verdict }) => verdict);
  };
  const verdict = await climb();
  const [cheap, strong, cascade] = verdict.rungs;
  expect([cheap, strong, cascade].map((rung) => rung?.metrics['recorded']?.n)).toEqual([100, 100, 100]);
  // 90 training and 170 validation rows to the cheap model, 170 to the strong one
  expect(cascade?.setup.dollars).toBeCloseTo(260 * 0.0004 + 170 * 0.012, 6);
  expect(cascade?.costPer1k).toBeLessThan(strong!.costPer1k! / 2);
  expect(cascade?.metrics['recorded']?.value).toBeGreaterThan(0.95);
  expect(cascade?.routing).toMatchObject({
    signal: 'predictor',
    cheap: { rung: 'zero-shot', model: 'replay/cheap' },
    strong: { rung: 'zero-shot', model: 'replay/strong' },
    compared: { beatsRandom: true, bestSingle: { rung: 'zero-shot-strong' } },
  });
  expect(verdict.chosen?.rung).toBe('cascade');
  expect(verdict.sentence).toMatch(/^Cascade \(replay\/cheap, then replay\/strong\): /);
  // everything is in the store: the same verdict, and nothing is bought again
  const again = await climb();
  expect(again.rungs[2]?.routing).toEqual(cascade?.routing);
  expect(again.spent.dollars).toBe(0);
});
