import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Answer } from '#core/candidate.ts';
import type { Example } from '#core/example.ts';
import { readExamples } from '#data/read-examples.ts';
import { loadTask } from '#data/task-file.ts';
import { exact } from '#metrics/exact.ts';
import { grounded } from '#metrics/grounded.ts';
import { retrieved } from '#metrics/retrieved.ts';

const task = await loadTask(fileURLToPath(new URL('.', import.meta.url)), { environment: {} });
const { examples } = await readExamples(task);
const unanswerable = examples.filter(({ tags }) => tags.includes('unanswerable'));
const abstention = "I don't know.";

function answered(text: string): Answer {
  const steps = [{ name: 'passages', text: 'Jack repairs the canoe.\nThe canoe costs 12.' }];
  const says = text === abstention ? [{ name: 'unanswerable', text }] : [];
  return { text, value: text, strict: true, calls: [], retrieved: ['canoe.md#care/1'], steps: [...steps, ...says] };
}

const scoresOf = (example: Example, text: string) =>
  [exact, grounded, retrieved].map((metric) => metric.score?.(example, answered(text), { task }).value);

describe('questions that the documents do not answer', () => {
  test('are a fifth of the rows, say so where they should, and name no passage', () => {
    expect(unanswerable).toHaveLength(60);
    for (const { expected, tags } of unanswerable) {
      expect(expected).toBe(abstention);
      expect(tags.some((tag) => /^(passage|document):/.test(tag))).toBe(false);
    }
  });

  test('are scored every one: right and grounded where the answer says so, neither where it makes one up', () => {
    for (const example of unanswerable) {
      expect(scoresOf(example, abstention)).toEqual([1, 1, null]);
      expect(scoresOf(example, 'Jack')).toEqual([0, 0, null]);
    }
  });

  test('cannot be got right by always saying so: all others are then wrong', () => {
    for (const example of examples.filter(({ tags }) => tags.includes('answerable'))) expect(scoresOf(example, abstention)[0]).toBe(0);
  });
});
