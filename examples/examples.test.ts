import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { splitNames } from '#core/example.ts';
import { readExamples } from '#data/read-examples.ts';
import { comparableText, shinglesOf } from '#data/shingles.ts';
import { splitExamples } from '#data/split-examples.ts';
import { loadTask } from '#data/task-file.ts';
import { persona } from '#metrics/persona.ts';
import { generateExamples } from '../scripts/generate-examples.ts';

const generated = generateExamples();

describe.each(Object.keys(generated))('examples/%s', (name) => {
  const folder = fileURLToPath(new URL(`./${name}`, import.meta.url));
  const open = async () => {
    const task = await loadTask(folder, { environment: {} });
    const read = await readExamples(task);
    return { task, read, split: splitExamples(read.examples, task) };
  };

  test('is what its script writes', async () => {
    expect(await readFile(`${folder}/examples.jsonl`, 'utf8')).toBe(generated[name]);
  });

  test('loads without warnings, with at least 600 examples, and about 300 each to learn from and to test on', async () => {
    const { read, split } = await open();
    expect([...read.warnings, ...split.warnings]).toEqual([]);
    expect(read.examples.length).toBeGreaterThanOrEqual(600);
    expect(split.test.length).toBeGreaterThanOrEqual(299);
    expect(split.train.length).toBeGreaterThanOrEqual(299);
  });

  test('has no near-duplicates and no group across the split', async () => {
    const { split } = await open();
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

  test('has its labels and reasons nearly balanced', async () => {
    const { read } = await open();
    const shares = new Map<string, number>();
    for (const { expected } of read.examples) {
      const key = typeof expected === 'string' ? (name === 'support' ? expected : '') : (expected as { reason: string }).reason;
      shares.set(key, (shares.get(key) ?? 0) + 1 / read.examples.length);
    }
    expect(Math.min(...shares.values()) * shares.size).toBeGreaterThan(0.75);
  });
});

test('every answer of the coach keeps every rule of its persona', async () => {
  const task = await loadTask(fileURLToPath(new URL('./taskmaster', import.meta.url)), { environment: {} });
  const { examples } = await readExamples(task);
  const broken = examples.flatMap((example) => {
    const text = example.expected as string;
    const score = persona.score?.(example, { text, value: text, strict: true, calls: [] }, { task });
    return score?.value === 1 ? [] : [score?.reason];
  });
  expect(broken).toEqual([]);
});

test('every product of a review is a word of the review', async () => {
  const task = await loadTask(fileURLToPath(new URL('./reviews', import.meta.url)), { environment: {} });
  const { examples } = await readExamples(task);
  for (const { input, expected } of examples) {
    expect((input as string).split(/[ ,]+/)).toContain((expected as { product: string }).product);
    expect(Object.keys(expected as object)).toEqual(
      Object.keys(task.output.kind === 'json' ? (task.output.schema['properties'] as object) : {}),
    );
  }
});
