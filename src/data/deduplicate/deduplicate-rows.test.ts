import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DataRow } from '#core/data-row.ts';
import { comparableText } from '#data/shingles.ts';
import { seededRandom } from '#statistics/random.ts';
import { type DeduplicateOptions, deduplicateRows } from './deduplicate-rows.ts';
import { rowText } from './row-text.ts';

const vocabulary = Array.from({ length: 400 }, (_, index) => `${'bcdfghklmnprstvz'[index % 16]}o${(index * 7919).toString(36)}`);

/** A text of drawn words, of which a share is drawn anew by a second stream. */
function text(seed: number, words: number, edited = 0, edits = 0): string {
  const [random, change] = [seededRandom(seed), seededRandom(edits)];
  const pick = (draw: () => number) => vocabulary[Math.floor(draw() * vocabulary.length)]!;
  return Array.from({ length: words }, () => pick(random))
    .map((word) => (edited > 0 && change() < edited ? pick(change) : word))
    .join(' ');
}

function row(line: number, question: string, answer = 'Yes, it is.', rest: Partial<DataRow> = {}): DataRow {
  return {
    line,
    turns: [
      { role: 'user', content: question },
      { role: 'assistant', content: answer },
    ],
    ...rest,
  };
}

/** Jaccard similarity by sets of pieces of text, without hashes. */
function jaccard(left: DataRow, right: DataRow): number {
  const [first, second] = [left, right].map((one) => {
    const whole = comparableText(rowText(one).said);
    return new Set(Array.from({ length: Math.max(1, whole.length - 4) }, (_, at) => whole.slice(at, at + 5)));
  });
  const common = first!.intersection(second!).size;
  return common / (first!.size + second!.size - common);
}

/** Twelve texts, each with copies from equal to quite different. */
function corpus(): DataRow[] {
  return Array.from({ length: 96 }, (_, index) => {
    const [of, copy] = [index % 12, Math.floor(index / 12)];
    return row(index + 1, text(of + 1, 60, copy * 0.02, index), 'Yes, it is.', { id: `${of}-${copy}` });
  });
}

async function dropped(rows: readonly DataRow[], options: DeduplicateOptions = {}) {
  const { duplicates } = await deduplicateRows(rows, { threads: 0, ...options });
  return duplicates;
}

describe('exact duplicates', () => {
  it('are rows that differ in spacing alone', async () => {
    const rows = [row(1, 'Is it  open?'), row(2, ' Is it open? '), row(3, 'Is it\nopen?'), row(4, 'Is it open'), row(5, 'is it open?')];
    const found = await dropped(rows, { near: 2 });
    expect(found.map(({ kind, likeness }) => [kind, likeness])).toEqual([
      ['exact', 1],
      ['exact', 1],
    ]);
    expect(new Set(found.flatMap(({ line, kept }) => [line, kept]))).toEqual(new Set([1, 2, 3]));
  });

  it('leave the row that says most beside its text, wherever it stands', async () => {
    const rows = [row(1, 'Is it open?'), row(2, 'Is it open?', 'Yes, it is.', { id: 'a', tags: ['hours'] }), row(3, 'Is it open?')];
    expect((await dropped(rows)).map(({ line, kept }) => [line, kept])).toEqual([
      [1, 2],
      [3, 2],
    ]);
  });

  it('are never rows with another system text, other tools, another picture or the same words by other speakers', async () => {
    const question = text(1, 60);
    const system = (content: string, line: number): DataRow => ({
      line,
      turns: [{ role: 'system', content }, ...row(line, question).turns],
    });
    const picture = (url: string, line: number): DataRow => ({
      line,
      turns: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is it?' },
            { type: 'image_url', image_url: { url } },
          ],
        },
      ],
    });
    const rows = [
      system('Answer kindly.', 1),
      system('Answer rudely.', 2),
      row(3, question, 'Yes, it is.', { tools: [{ name: 'find' }] }),
      picture('a.png', 4),
      picture('b.png', 5),
      { line: 6, turns: [{ role: 'user', content: 'Hello there. Good day.' }] },
      {
        line: 7,
        turns: [
          { role: 'user', content: 'Hello there.' },
          { role: 'assistant', content: 'Good day.' },
        ],
      },
    ] satisfies DataRow[];
    expect(await dropped(rows, { near: 2 })).toEqual([]);
    const dated = [system('Today is 2026-01-05. Help.', 1), system('Today is 2026-02-17. Help.', 2)];
    expect((await dropped(dated)).map(({ kind }) => kind)).toEqual(['near']);
  });
});

describe('near-duplicates', () => {
  it('go only for a row that stays and is that alike itself', async () => {
    const rows = corpus();
    const gone = await dropped(rows);
    const lines = new Set(gone.map(({ line }) => line));
    expect(gone.length).toBeGreaterThan(20);
    for (const { line, kept, likeness } of gone) {
      expect(lines.has(kept)).toBe(false);
      expect(likeness).toBeCloseTo(jaccard(rows[line - 1]!, rows[kept - 1]!), 3);
      expect(likeness).toBeGreaterThanOrEqual(0.8);
    }
    const staying = rows.filter(({ line }) => !lines.has(line));
    const left = staying.flatMap((one, index) => staying.slice(index + 1).filter((other) => jaccard(one, other) >= 0.8));
    expect(left).toEqual([]);
  });

  it('are the same whatever the order of rows', async () => {
    const rows = corpus();
    const idsGone = async (list: readonly DataRow[]) => {
      const byLine = new Map(list.map((one) => [one.line, one.id]));
      return (await dropped(list)).map(({ line, kept }) => `${byLine.get(line)} for ${byLine.get(kept)}`).sort();
    };
    const expected = await idsGone(rows);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...rows.keys()], { minLength: rows.length }), async (order) => {
        expect(await idsGone(order.map((index, at) => ({ ...rows[index]!, line: at + 1 })))).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  });

  it('are the same on several threads', async () => {
    const rows = Array.from({ length: 5000 }, (_, index) => row(index + 1, text(index % 4300, 12, index >= 4300 ? 0.03 : 0, index)));
    const alone = await dropped(rows);
    expect(await dropped(rows, { threads: 2 })).toEqual(alone);
    expect(alone.length).toBeGreaterThan(500);
  });

  it('of a set too uniform to compare every pair are found in part, say so, and do not depend on order', async () => {
    const rows = Array.from({ length: 300 }, (_, index) => row(index + 1, `${text(3, 60)} ${vocabulary[index]}`));
    const [there, back] = await Promise.all([rows, rows.toReversed()].map((list) => deduplicateRows(list, { threads: 0 })));
    expect(there!.approximate).toBe(true);
    expect(there!.duplicates).toHaveLength(299);
    expect(new Set(back!.duplicates.map(({ line }) => line))).toEqual(new Set(there!.duplicates.map(({ line }) => line)));
  });

  it('follow the likeness that is asked for', async () => {
    const rows = corpus();
    const counts = await Promise.all([0.5, 0.8, 0.95, 2].map(async (near) => (await dropped(rows, { near })).length));
    expect(counts).toEqual([...counts].sort((first, second) => second - first));
    expect(counts[0]).toBeGreaterThan(counts[1]!);
    const exact = await dropped(rows, { near: 2 });
    expect(exact.every(({ kind }) => kind === 'exact')).toBe(true);
  });
});

it('passes over rows without words and counts what could not be read', async () => {
  const fault = { line: 3, code: 'row-unreadable', message: 'Line 3 is not JSON.', fix: 'Repair it.' };
  const found = await deduplicateRows([row(1, '!!!', '?'), row(2, '…', '?'), fault], { threads: 0 });
  expect(found).toEqual({ read: 3, unreadable: [fault], duplicates: [], review: [], withoutVector: 0, approximate: false });
});

describe('by meaning', () => {
  const shuffled = (words: string) => words.split(' ').toSorted().join(' ');

  it('finds the words of another row in another order', async () => {
    // few short words and no pair in common would leave less than 0.95
    const half = text(5, 80);
    const swapped = [...half.split(' ').slice(40), ...half.split(' ').slice(0, 40)].join(' ');
    const rows = [row(1, half), row(2, swapped), row(3, text(6, 80))];
    expect(await dropped(rows, { near: 2, semantic: {} })).toEqual([expect.objectContaining({ kind: 'semantic' })]);
    expect(shuffled(half)).toBe(shuffled(swapped));
  });

  it("gives a model the rows' own texts, and leaves rows without text or with more than text alone", async () => {
    const picture = [
      { type: 'text', text: 'What is it?' },
      { type: 'image_url', image_url: { url: 'data:,x' } },
    ];
    const rows = [
      {
        ...row(1, 'Größe:\n42\u2009cm?', ' Yes. '),
        turns: [{ role: 'system' as const, content: 'Be brief.' }, ...row(1, 'Größe:\n42\u2009cm?', ' Yes. ').turns],
      },
      row(2, '', ''),
      {
        ...row(3, ''),
        turns: [
          { role: 'user' as const, content: picture },
          { role: 'assistant' as const, content: 'A cat.' },
        ],
      },
      row(4, 'Is it open?', 'NO!'),
    ];
    const asked: string[] = [];
    const embed = async (texts: readonly string[]) => {
      asked.push(...texts);
      return texts.map(() => Float32Array.of(1));
    };
    const found = await deduplicateRows(rows, { threads: 0, semantic: { embed } });
    expect(asked).toEqual(['Größe:\n42\u2009cm?\nYes.', 'Is it open?\nNO!']);
    expect(found).toMatchObject({ withoutVector: 2, duplicates: [] });
  });

  it('takes any vectors: 0.95 goes, 0.85 is for review, and vectors of another length are refused', async () => {
    const angles = [0, 0.1, 0.5, 2];
    const rows = angles.map((_, index) => row(index + 1, `text number ${'abcd'[index]}`, 'x'.repeat(9 - index)));
    const embed = async (texts: readonly string[]) => {
      return texts.map((said) => {
        const angle = angles['abcd'.indexOf(said.split(/\s/)[2]!)]!;
        return Float32Array.of(Math.cos(angle), Math.sin(angle));
      });
    };
    const found = await deduplicateRows(rows, { threads: 0, near: 2, semantic: { embed } });
    expect(found.duplicates.map(({ line, kept }) => [line, kept])).toEqual([[2, 1]]);
    expect(found.review).toEqual([{ line: 1, other: 3, likeness: expect.closeTo(Math.cos(0.5), 2) }]);
    const odd = async (texts: readonly string[]) => texts.map((_, index) => new Float32Array(index + 1));
    await expect(deduplicateRows(rows, { threads: 0, semantic: { embed: odd } })).rejects.toMatchObject({ code: 'embedding-unusable' });
  });

  it('finds the planted pairs among thousands of rows', async () => {
    const rows = Array.from({ length: 1300 }, (_, index) => {
      const words = text(1 + (index % 1200), 60).split(' ');
      return row(index + 1, (index < 1200 ? words : [...words.slice(30), ...words.slice(0, 30)]).join(' '));
    });
    const found = await dropped(rows, { near: 2, semantic: {} });
    expect(found.length).toBeGreaterThanOrEqual(97);
    expect(found.every(({ line, kept }) => Math.abs(line - kept) === 1200)).toBe(true);
  });
});
