import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DataCheck, DataCheckInput } from '#core/data-check.ts';
import type { DataRow } from '#core/data-row.ts';
import { seededRandom } from '#statistics/random.ts';
import { diverse } from './diverse.ts';
import { diverseCoverage } from './diverse-coverage.ts';
import { duplicates } from './duplicates.ts';
import { leaks } from './leaks.ts';

const input: DataCheckInput = { file: 'rows.jsonl', options: {}, seed: 1 };

function words(seed: number, count: number): string {
  const random = seededRandom(seed);
  // four letters each: of words in another order little is left of the pieces of five characters
  return Array.from({ length: count }, () => (17_576 + 488 * Math.floor(random() * 900)).toString(26)).join(' ');
}

function row(line: number, question: string, rest: Partial<DataRow> = {}): DataRow {
  return {
    line,
    turns: [
      { role: 'user', content: question },
      { role: 'assistant', content: 'Surely.' },
    ],
    ...rest,
  };
}

async function run(check: DataCheck, rows: readonly DataRow[], options: DataCheckInput['options'] = {}) {
  const pass = check.begin({ ...input, options });
  for (const one of rows) pass.row(one);
  const findings = await pass.end();
  return { pass, findings, byRule: Object.fromEntries(findings.map(({ rule, rows: lines }) => [rule, lines])) };
}

/** The text with one of its words in so many changed. */
function edited(text: string, every: number): string {
  return text
    .split(' ')
    .map((word, at) => (at % every === every - 1 ? `x${at}y` : word))
    .join(' ');
}

/** The same words, its fours in the opposite order. */
function turned(text: string): string {
  const words = text.split(' ');
  return Array.from({ length: words.length / 4 }, (_, at) =>
    words.slice(words.length - 4 * (at + 1), words.length - 4 * at).join(' '),
  ).join(' ');
}

describe('duplicates', () => {
  const base = Array.from({ length: 60 }, (_, index) => row(index + 1, words(index, 40)));
  const question = (index: number) => base[index]!.turns[0]!.content as string;

  it('are told apart: equal, nearly equal, in other order, one template', async () => {
    const template = (index: number) =>
      `Please tell me when the parcel ${1000 + 37 * index} for Mr ${'ABCDEFGHIJKL'[index]}${words(index, 1).replace(/\d/g, 'q')} comes to town`;
    const rows = [
      ...base,
      row(61, `${question(0)} `),
      row(62, edited(question(1), 40)),
      row(63, edited(question(2), 3)),
      row(64, turned(question(3))),
      ...Array.from({ length: 12 }, (_, index) => row(65 + index, template(index))),
    ];
    const { byRule, pass, findings } = await run(duplicates, rows);
    expect(byRule['exact-duplicate']).toHaveLength(1);
    expect(findings.find(({ rule }) => rule === 'near-duplicate')?.figures).toMatchObject({ pairs: [{ likeness: expect.any(Number) }] });
    expect([[2], [62]]).toContainEqual(byRule['near-duplicate']);
    expect([[4], [64]]).toContainEqual(byRule['same-words']);
    expect(byRule['template']).toEqual(Array.from({ length: 12 }, (_, index) => 65 + index));
    expect(pass.score?.()).toMatchObject({ value: 74 / 76, n: 76 });
    expect(rows.flatMap((one) => pass.mend?.(one) ?? [])).toEqual([
      expect.objectContaining({ rule: 'exact-duplicate', line: byRule['exact-duplicate']![0] }),
    ]);
  });

  it('find nothing among rows that differ', async () => {
    expect((await run(duplicates, base)).findings).toEqual([]);
  });
});

const asking = (question: string, answer: string): DataRow['turns'] => [
  { role: 'user', content: question },
  { role: 'assistant', content: answer },
];

describe('leaks', () => {
  const train = Array.from({ length: 40 }, (_, index) => row(index + 1, words(index, 60), { split: 'train' }));
  const test = Array.from({ length: 10 }, (_, index) => row(index + 41, words(900 + index, 60), { split: 'test' }));
  const question = (list: readonly DataRow[], index: number) => list[index]!.turns[0]!.content as string;

  it('of every kind are found between the parts of a split', async () => {
    const quoted = question(test, 2).split(' ').slice(10, 24).join(' ');
    const faulty = [
      row(51, question(test, 0), { split: 'train' }),
      row(52, edited(question(test, 1), 50), { split: 'validation' }),
      row(53, `${words(700, 40)} ${quoted} ${words(701, 40)}`, { split: 'train' }),
      row(54, turned(question(test, 3)), { split: 'train' }),
      row(55, words(702, 60), { split: 'train', group: 'g' }),
      row(56, words(703, 60), { split: 'test', group: 'g' }),
      { ...row(57, '', { split: 'train' }), turns: asking(words(704, 4), words(705, 60)) },
      { ...row(58, '', { split: 'test' }), turns: asking(words(704, 4).toUpperCase(), words(706, 60)) },
    ];
    const { byRule, findings } = await run(leaks, [...train, ...test, ...faulty]);
    expect(byRule).toEqual({
      ...{ 'leak-exact': [51], 'leak-near': [52], 'leak-words': [53], 'leak-same-words': [54] },
      ...{ 'leak-group': [55], 'leak-question': [57] },
    });
    expect(findings.find(({ rule }) => rule === 'leak-exact')?.figures).toEqual({
      pairs: [{ row: 51, side: 'train', of: 41, in: 'test' }],
    });
  });

  it('are not what stands in one part only, a phrase that many rows share, or a file without parts', async () => {
    const phrase = words(800, 13);
    const common = Array.from({ length: 12 }, (_, index) => row(60 + index, `${phrase} ${words(810 + index, 50)}`, { split: 'train' }));
    const rows = [...train, ...train.slice(0, 3), ...test, row(90, `${phrase} ${words(850, 50)}`, { split: 'test' }), ...common];
    expect((await run(leaks, rows)).findings).toEqual([]);
    const plain = [...train, ...test].map(({ split: _, ...one }) => one);
    expect((await run(leaks, [...plain, ...plain])).findings).toEqual([]);
  });

  it('are found against another file, which may be a benchmark', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rung-leaks-'));
    try {
      const file = join(folder, 'benchmark.jsonl');
      await writeFile(file, `${JSON.stringify({ question: question(train, 5), answer: 'Surely.' })}\n`);
      const { byRule, pass } = await run(
        leaks,
        train.map(({ split: _, ...one }) => one),
        { against: [file] },
      );
      expect(byRule).toEqual({ 'leak-exact': [6] });
      expect(pass.figures?.()).toMatchObject({ sides: ['train', file], exact: 1, near: 0 });
      await expect(run(leaks, train, { against: [join(folder, 'none.jsonl')] })).rejects.toMatchObject({ code: 'file-missing' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('diverse', () => {
  const topic = (stem: string, count: number, from: number) =>
    Array.from({ length: count }, (_, index) =>
      row(from + index, Array.from({ length: 30 }, (__, at) => `${stem}${(index * 7 + at * 3) % 40}word`).join(' ')),
    );

  it('sees topics, names them and tells one that is most of the data', async () => {
    const even = [...topic('alpha', 60, 1), ...topic('beta', 60, 61), ...topic('gamma', 60, 121)];
    const { pass, findings } = await run(diverse, even);
    expect(findings).toEqual([]);
    const figures = pass.figures?.() as {
      clusters: { rows: number; words: string[] }[];
      map: { x: number; y: number }[];
      distinct1: number;
    };
    for (const { words: telling } of figures.clusters) expect(new Set(telling.map((word) => word.slice(0, 3))).size).toBe(1);
    for (const { x, y } of figures.map) expect(Math.max(Math.abs(x), Math.abs(y))).toBeLessThanOrEqual(1);
    expect(figures.distinct1).toBeCloseTo(121 / 5580, 4);
    expect(pass.score?.()?.value).toBeGreaterThan(0.7);
    const same = Array.from({ length: 100 }, (_, index) => row(index + 1, `about the very same subject as ever ${index}`));
    const narrow = await run(diverse, same);
    expect(narrow.findings.map(({ rule }) => rule)).toEqual(['one-cluster']);
    expect(narrow.pass.score?.()?.value).toBeLessThan(pass.score!()!.value);
  });

  it('is the same whatever the order of rows, and not measured of a few', async () => {
    const rows = [...topic('alpha', 60, 1), ...topic('beta', 40, 61)];
    const [there, back] = await Promise.all([rows, rows.toReversed()].map((list) => run(diverse, list)));
    expect(back!.pass.figures?.()).toEqual(there!.pass.figures?.());
    expect((await run(diverse, rows.slice(0, 20))).pass.score?.()).toBeUndefined();
  });

  it('says which declared inputs are hardly there', async () => {
    const rows = Array.from({ length: 9 }, (_, index) => row(index + 1, index < 6 ? 'I want my refund, late delivery!' : 'A late refund?'));
    const { findings, pass } = await run(diverseCoverage, rows, { covers: ['refund', 'late delivery', 'broken item', '', 7] });
    expect(findings.map(({ rule, count }) => [rule, count])).toEqual([['input-not-covered', 1]]);
    expect(pass.figures?.()).toEqual({
      inputs: [
        { name: 'refund', rows: 9 },
        { name: 'late delivery', rows: 6 },
        { name: 'broken item', rows: 0 },
      ],
    });
    expect((await run(diverseCoverage, rows)).findings).toEqual([]);
  });
});
