import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '#core/json.ts';
import { labels } from './labels.ts';
import { typingDistance } from './labels-distance.ts';
import { rowSample } from './labels-sample.ts';

function checked(counts: Readonly<Record<string, number>>, options: Record<string, Json> = {}) {
  const pass = labels.begin({ file: 'rows.jsonl', options, seed: 1 });
  const names = Object.entries(counts).flatMap(([name, count]) => Array.from({ length: count }, () => name));
  const rows = names.map((name, index) => ({
    line: index + 1,
    turns: [
      { role: 'user' as const, content: `text ${index}` },
      { role: 'assistant' as const, content: name },
    ],
  }));
  for (const row of rows) pass.row(row);
  const findings = pass.end() as Exclude<ReturnType<typeof pass.end>, Promise<unknown>>;
  return { pass, rows, findings, meant: findings.find(({ rule }) => rule === 'label-near-miss')?.figures?.['meant'] ?? {} };
}

describe('near-miss labels', () => {
  test('are case, spacing, punctuation, plurals, typing errors and beginnings of another label', () => {
    const { meant, findings } = checked({
      negative: 60,
      positive: 50,
      neutral: 40,
      neg: 2,
      Negative: 3,
      ' positive': 1,
      'neutral.': 1,
      positives: 2,
      postive: 1,
      nuetral: 1,
    });
    expect(meant).toEqual({
      neg: 'negative',
      Negative: 'negative',
      ' positive': 'positive',
      'neutral.': 'neutral',
      positives: 'positive',
      postive: 'positive',
      nuetral: 'neutral',
    });
    expect(findings[0]).toMatchObject({ count: 11, severity: 'warning' });
  });

  test('are not labels that differ in digits, are as common, or could be two', () => {
    expect(checked({ 'level 1': 30, 'level 2': 2, 'level 3': 1 }).meant).toEqual({});
    expect(checked({ cat: 30, car: 20, cab: 2 }).meant).toEqual({});
    expect(checked({ transfer: 30, transfers: 20 }).meant).toEqual({});
    // both begin so
    expect(checked({ negative: 30, negligible: 30, neg: 2 }).meant).toEqual({});
  });

  test('are mended where only case, spacing or punctuation differ', () => {
    const { pass, rows } = checked({ negative: 30, positive: 30, 'Negative ': 1, neg: 1 });
    const fixes = rows.flatMap((row) => pass.mend?.(row) ?? []);
    expect(fixes).toHaveLength(1);
    expect(fixes[0]).toMatchObject({ line: 61, what: 'label “Negative ” written as “negative”' });
    expect(fixes[0]?.row?.turns[1]?.content).toBe('negative');
  });

  test('say nothing of texts that are no labels', () => {
    const texts = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`an answer of its own, number ${index}`, 1]));
    expect(checked(texts).findings).toEqual([]);
  });
});

describe('declared labels', () => {
  test('are the only ones allowed; near misses are said as such', () => {
    const { findings } = checked({ yes: 12, no: 10, Yes: 1, maybe: 3 }, { labels: ['yes', 'no'] });
    expect(findings.map(({ rule, count }) => [rule, count])).toEqual([
      ['label-near-miss', 1],
      ['label-undeclared', 3],
    ]);
    expect(findings[1]?.rows).toEqual([24, 25, 26]);
    expect(findings[1]?.severity).toBe('error');
  });

  test('may be one text with commas', () => {
    expect(checked({ yes: 3, other: 1 }, { labels: 'yes, no' }).findings.map(({ rule }) => rule)).toEqual(['label-undeclared']);
  });
});

test('the distance counts edits and swaps, both ways the same, up to its limit', () => {
  expect(typingDistance('nuetral', 'neutral', 3)).toBe(1);
  expect(typingDistance('kitten', 'sitting', 5)).toBe(3);
  fc.assert(
    fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), fc.nat(6), (left, right, most) => {
      const distance = typingDistance(left, right, most);
      expect(distance).toBe(typingDistance(right, left, most));
      expect(distance).toBe(Math.min(typingDistance(left, right, 20), most + 1));
      expect(distance === 0).toBe(left === right);
    }),
  );
});

test('a sample is bounded, and hangs neither on the order nor on the other rows', () => {
  const take = (lines: readonly number[]) => {
    const sample = rowSample<number>(100, 7);
    for (const line of lines) sample.add(line, () => line);
    return sample;
  };
  const lines = Array.from({ length: 1000 }, (_, index) => index + 1);
  const forwards = take(lines);
  expect(forwards.rows.length).toBeLessThanOrEqual(100);
  expect(forwards.rows.length).toBeGreaterThan(25);
  expect(forwards.partial).toBe(true);
  expect(
    take(lines.toReversed())
      .rows.map(({ line }) => line)
      .toSorted((a, b) => a - b),
  ).toEqual(forwards.rows.map(({ line }) => line));
  expect(take(lines.slice(0, 100)).partial).toBe(false);
});
