import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HeldOutTexts } from '#core/data-check.ts';
import { labelNoise } from './label-noise.ts';
import { confidentSuspects } from './label-noise-confident.ts';
import { foldsOf } from './label-noise-folds.ts';

describe('suspects', () => {
  /**
   * Means of the own label: 0.775 for label 0, 0.6 for label 1. Only the fourth row reaches the other label's mean, so that the joint has
   * one row off its diagonal; `compute_confident_joint` of cleanlab 2.9.0 gives [[3, 1], [0, 2]] uncalibrated for these numbers.
   */
  const probabilities = Float32Array.of(0.9, 0.1, 0.95, 0.05, 0.95, 0.05, 0.3, 0.7, 0.2, 0.8, 0.35, 0.65, 0.65, 0.35);
  const labels = Int32Array.of(0, 0, 0, 0, 1, 1, 1);

  test('are as many as the confident joint has off its diagonal, the least likely first', () => {
    const { rows, suggested, accuracy } = confidentSuspects(probabilities, labels, 2);
    expect(rows).toEqual([3]);
    expect([...suggested]).toEqual([0, 0, 0, 1, 1, 1, 0]);
    expect(accuracy).toBeCloseTo(5 / 7, 12);
  });

  test('are rows whose own label is not the likeliest, whatever the numbers', () => {
    const number = fc.float({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number, number, fc.nat(2)), { maxLength: 30 }), (drawn) => {
        const given = Int32Array.from(drawn, ([, , , label]) => label);
        const { rows, suggested } = confidentSuspects(Float32Array.from(drawn.flatMap((row) => row.slice(0, 3))), given, 3);
        expect(new Set(rows).size).toBe(rows.length);
        for (const row of rows) expect(suggested[row]).not.toBe(given[row]);
      }),
    );
  });
});

test('folds keep copies and groups together and spread the labels', () => {
  const word = fc.constantFrom('parcel', 'invoice', 'refund', 'login', 'broken', 'late', 'again', 'please');
  const row = fc.record({
    text: fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join(' ')),
    label: fc.nat(2),
    group: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 40 }), (rows) => {
      const folds = foldsOf(rows, 5);
      for (const [left, one] of rows.entries()) {
        for (const [right, other] of rows.entries()) {
          const together = one.text === other.text || (one.group !== undefined && one.group === other.group);
          if (together) expect(folds[left]).toBe(folds[right]);
        }
      }
    }),
    { numRuns: 50 },
  );
  const apart = Array.from({ length: 100 }, (_, index) => ({ text: String(index).repeat(9), label: index % 4 }));
  const folds = foldsOf(apart, 5);
  for (const fold of [0, 1, 2, 3, 4]) expect(Math.abs(apart.filter((_, index) => folds[index] === fold).length - 20)).toBeLessThan(4);
});

/** Probabilities by which word a text has, as a perfect classifier would give them. */
async function byWord({ texts, labelCount }: HeldOutTexts): Promise<Float32Array> {
  const words = ['parcel', 'invoice'];
  return Float32Array.from(
    texts.flatMap((text) => Array.from({ length: labelCount }, (_, label) => (text.includes(words[label]!) ? 0.9 : 0.1))),
  );
}

function rowOf(line: number, text: string, label: string) {
  return {
    line,
    turns: [
      { role: 'user' as const, content: text },
      { role: 'assistant' as const, content: label },
    ],
  };
}

describe('the check', () => {
  const begin = (heldOut: typeof byWord | undefined) =>
    labelNoise.begin({ file: 'rows.jsonl', options: {}, seed: 1, ...(heldOut && { heldOut }) });
  const rows = Array.from({ length: 100 }, (_, index) =>
    rowOf(index + 1, `${index % 2 === 0 ? 'parcel' : 'invoice'} ${index * 7919}`, index % 2 === 0 ? 'delivery' : 'billing'),
  );

  test('names flipped labels, what they should be, and how many there are with an interval', async () => {
    const pass = begin(byWord);
    for (const row of rows)
      pass.row(row.line === 11 || row.line === 40 ? rowOf(row.line, row.turns[0]!.content, row.line === 11 ? 'billing' : 'delivery') : row);
    const [finding] = await pass.end();
    expect(finding).toMatchObject({
      rule: 'label-noise',
      rows: [11, 40],
      count: 2,
      figures: { pairs: { 'billing → delivery': 1, 'delivery → billing': 1 } },
    });
    expect(finding?.examples[0]?.text).toMatch(/^billing, rather delivery\? parcel/);
    expect(finding?.message).toContain('2 of 100 rows (2.0 %, 0.6 % to 7.0 %)');
  });

  test('finds nothing in right labels, without a classifier, and where a classifier knows no better', async () => {
    for (const heldOut of [
      byWord,
      undefined,
      async ({ texts, labelCount }: HeldOutTexts) => new Float32Array(texts.length * labelCount).fill(0.5),
    ]) {
      const pass = begin(heldOut);
      for (const row of rows) pass.row(row);
      expect(await pass.end()).toEqual([]);
    }
  });

  test('says nothing of answers that are no labels, and of too few rows', async () => {
    const pass = begin(byWord);
    for (const { line, turns } of rows) pass.row(rowOf(line, turns[0]!.content, `An answer of its own: ${line}`));
    expect(await pass.end()).toEqual([]);
    const short = begin(byWord);
    for (const row of rows.slice(0, 30)) short.row(row);
    expect(await short.end()).toEqual([]);
    expect(short.figures?.()).toMatchObject({ skipped: 'fewer than 50 rows' });
  });
});
