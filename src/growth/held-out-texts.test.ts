import { expect, test } from 'vitest';
import { labelNoise } from '#data/checks/label-noise.ts';
import { representative } from '#data/checks/representative.ts';
import { heldOutTexts } from './held-out-texts.ts';

const topics = [
  ['delivery', 'parcel courier tracking doorstep depot van'],
  ['billing', 'invoice charge fee receipt card tax'],
  ['account', 'password login profile username settings email'],
] as const;
const fillers = 'monday harbour please quickly yesterday lisbon twice again office weekend printer neighbour'.split(' ');

function question(index: number, topic: number): string {
  const own = topics[topic]![1].split(' ');
  const word = (list: readonly string[], step: number) => list[(index * step + (index >> 3)) % list.length];
  return `${word(fillers, 5)} ${word(own, 1)} ${word(fillers, 7)} ${word(own, 5)} ${index}`;
}

function row(line: number, text: string, answer: string) {
  return {
    line,
    turns: [
      { role: 'user' as const, content: text },
      { role: 'assistant' as const, content: answer },
    ],
  };
}

test('probabilities come from a classifier that has not seen the text, and sum to 1', async () => {
  const texts = Array.from({ length: 60 }, (_, index) => question(index, index % 3));
  const labels = Int32Array.from(texts, (_, index) => index % 3);
  const folds = Int32Array.from(texts, (_, index) => Math.floor(index / 3) % 5);
  const probabilities = await heldOutTexts()({ texts, labels, labelCount: 3, folds, seed: 1 });
  for (const [index, label] of labels.entries()) {
    const own = [...probabilities.subarray(3 * index, 3 * index + 3)];
    expect(own.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    expect(own.indexOf(Math.max(...own))).toBe(label);
  }
  // a label that lies in one fold alone was never seen by the classifier that judges it
  const alone = Int32Array.from(texts, (_, index) => (index % 3 === 2 ? 0 : 1 + (index % 4)));
  const unseen = await heldOutTexts()({ texts, labels, labelCount: 3, folds: alone, seed: 1 });
  expect(unseen[3 * 2 + 2]).toBeLessThan(0.2);
});

test('the check finds flipped labels with it', async () => {
  const pass = labelNoise.begin({ file: 'rows.jsonl', options: {}, seed: 1, heldOut: heldOutTexts() });
  const flipped = [7, 50, 121, 200];
  for (let line = 1; line <= 240; line += 1) {
    const topic = line % 3;
    pass.row(row(line, question(line, topic), topics[flipped.includes(line) ? (topic + 1) % 3 : topic]![0]));
  }
  const [finding] = await pass.end();
  expect(finding?.rows.length).toBeGreaterThanOrEqual(2);
  for (const line of finding?.rows ?? []) expect(flipped).toContain(line);
});

test('it gives up when it is told to', async () => {
  const heldOut = heldOutTexts({ signal: AbortSignal.abort(new Error('stopped')) });
  await expect(
    heldOut({ texts: ['a', 'b'], labels: Int32Array.of(0, 1), labelCount: 2, folds: Int32Array.of(0, 1), seed: 1 }),
  ).rejects.toThrow('stopped');
  expect(representative.begin({ file: 'rows.jsonl', options: {}, seed: 1, heldOut }).score?.()).toBeUndefined();
});
