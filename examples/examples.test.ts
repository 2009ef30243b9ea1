import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type SplitName, splitNames } from '#core/example.ts';
import { passagesOf } from '#data/chunks.ts';
import { readKnowledge } from '#data/knowledge.ts';
import { readExamples } from '#data/read-examples.ts';
import { comparableText, shinglesOf } from '#data/shingles.ts';
import { splitExamples } from '#data/split-examples.ts';
import { loadTask } from '#data/task-file.ts';
import { persona } from '#metrics/persona.ts';
import { probes } from '#probes/index.ts';
import { generateExamples } from '../scripts/generate-examples.ts';
import { climbTask, defaultPlugins, planTask } from '../src/index.ts';

const generated = generateExamples();
const tasks = ['support', 'reviews', 'taskmaster', 'plateau', 'undecided', 'floor', 'faq'];
const folderOf = (name: string) => fileURLToPath(new URL(`./${name}`, import.meta.url));
const open = async (name: string) => {
  const task = await loadTask(folderOf(name), { environment: {}, probes });
  const read = await readExamples(task);
  return { task, read, split: splitExamples(read.examples, task) };
};

test.each(Object.keys(generated))('%s is what its script writes', async (name) => {
  expect(await readFile(folderOf(name), 'utf8')).toBe(generated[name]);
});

describe.each(tasks)('examples/%s', (name) => {
  test('loads without warnings', async () => {
    const { read, split } = await open(name);
    expect([...read.warnings, ...split.warnings]).toEqual([]);
  });

  test('has no near-duplicates and no group across the split', async () => {
    const { split } = await open(name);
    const rows = splitNames.flatMap((side) =>
      split[side].map(({ input, group }) => ({ side, group, shingles: new Set(shinglesOf(comparableText(input))) })),
    );
    const across = rows.flatMap((row, index) =>
      rows.slice(0, index).filter((other) => {
        if (row.side === other.side) return false;
        const common = row.shingles.intersection(other.shingles).size;
        return common / (row.shingles.size + other.shingles.size - common) >= 0.8 || (row.group !== undefined && row.group === other.group);
      }),
    );
    expect(across).toEqual([]);
  });
});

describe.each(['support', 'reviews', 'taskmaster', 'plateau'])('examples/%s', (name) => {
  test('has at least 600 examples, and about 300 each to learn from and to test on', async () => {
    const { read, split } = await open(name);
    expect(read.examples.length).toBeGreaterThanOrEqual(600);
    expect(split.test.length).toBeGreaterThanOrEqual(299);
    expect(split.train.length).toBeGreaterThanOrEqual(299);
  });

  test('has its labels and reasons nearly balanced', async () => {
    const { task, read } = await open(name);
    const shares = new Map<string, number>();
    for (const { expected } of read.examples) {
      const reason = task.output.kind === 'json' ? (expected as { reason: string }).reason : '';
      const key = task.output.kind === 'labels' ? (expected as string) : reason;
      shares.set(key, (shares.get(key) ?? 0) + 1 / read.examples.length);
    }
    expect(Math.min(...shares.values()) * shares.size).toBeGreaterThan(0.75);
  });
});

test('every answer of the coach keeps every rule of its persona', async () => {
  const { task, read } = await open('taskmaster');
  const broken = read.examples.flatMap((example) => {
    const text = example.expected as string;
    const score = persona.score?.(example, { text, value: text, strict: true, calls: [] }, { task });
    return score?.value === 1 ? [] : [score?.reason];
  });
  expect(broken).toEqual([]);
});

test('every product of a review is a word of the review', async () => {
  const { task, read } = await open('reviews');
  for (const { input, expected } of read.examples) {
    expect((input as string).split(/[ ,]+/)).toContain((expected as { product: string }).product);
    expect(Object.keys(expected as object)).toEqual(
      Object.keys(task.output.kind === 'json' ? (task.output.schema['properties'] as object) : {}),
    );
  }
});

test('every answer of the lending house stands in the passage that its tag names, and those without a tag in no document', async () => {
  const { task, read } = await open('faq');
  const { documents } = await readKnowledge(task);
  expect([documents.length, read.examples.length]).toEqual([60, 300]);
  const passages = new Map(passagesOf(documents).map(({ id, text }) => [id, text]));
  const untold = read.examples.filter(({ tags }) => tags.includes('unanswerable'));
  expect(untold).toHaveLength(60);
  expect(new Set(untold.map(({ expected }) => expected)).size).toBe(1);
  for (const { expected, tags } of read.examples) {
    const [passage] = tags.flatMap((tag) => (tag.startsWith('passage:') ? tag.slice('passage:'.length) : []));
    if (passage === undefined) expect(tags).toContain('unanswerable');
    else expect(passages.get(passage)?.split(/[ .\n]+/)).toContain(expected);
  }
});

test('the floor case goes wrong in its test rows alone', async () => {
  const { split } = await open('floor');
  const imported = (side: SplitName) => split[side].filter(({ tags }) => tags.includes('new-desk')).length / split[side].length;
  expect([imported('train'), imported('validation')]).toEqual([0, 0]);
  expect(imported('test')).toBeGreaterThan(0.7);
});

/** Climbs a copy of an example, of which only the named rungs where some are named. */
async function climbCopy(name: string, only?: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'rung-example-'));
  const plugins = defaultPlugins();
  onTestFinished(async () => {
    await plugins.close();
    await rm(folder, { recursive: true, force: true });
  });
  for (const [file, text] of Object.entries(generated)) {
    const [task, base] = file.split('/') as [string, string];
    if (task === name) await writeFile(join(folder, base), text);
  }
  await cp(join(folderOf(name), 'task.yaml'), join(folder, 'task.yaml'));
  const planned = await planTask({ task: folder, plugins, environment: {}, ...(only === undefined ? {} : { only }) });
  return climbTask(planned, { plugins, environment: {} }, async ({ verdict }) => verdict);
}

test('the undecided case is not decided, and says how many rows would decide it at which cost', async () => {
  const verdict = await climbCopy('undecided');
  expect(verdict).toMatchObject({ status: 'undecided', chosen: null, undecided: { rung: 'large' } });
  expect(verdict.undecided?.rows).toBeGreaterThan(100);
  expect(verdict.undecided?.dollars).toBeGreaterThan(0);
  expect(verdict.rungs.map(({ goals }) => goals['accuracy'])).toEqual(['not-met', 'undecided']);
});

test('the floor case is under the floor even where it is learnt from right labels, and its confusions run one way', async () => {
  const verdict = await climbCopy('floor', ['distilled']);
  expect(verdict).toMatchObject({ status: 'not-met', chosen: null, floor: { best: 'distilled' } });
  expect(verdict.sentence).toContain('Something is wrong');
  const shifted = new Set(['shipping as billing', 'returns as shipping', 'technical as returns', 'billing as technical']);
  const common = verdict.floor?.confusions.slice(0, 4).map(({ expected, answered }) => `${expected} as ${answered}`);
  expect(new Set(common)).toEqual(shifted);
});
