import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DataRow } from '#core/data-row.ts';
import { sha256 } from '#core/json.ts';
import { openaiChat } from '#data/formats/openai-chat.ts';
import { rung } from '#data/formats/rung.ts';
import { nearSearch } from '#data/split/near-search.ts';
import { type MixPart, type MixSource, type PlannedMix, planMix } from './mix-plan.ts';
import { isRefusal } from './mix-refusal.ts';
import { mixedRows } from './mix-rows.ts';

function row(line: number, input: string, answer: string, more: Partial<DataRow> = {}): DataRow {
  return {
    line,
    turns: [
      { role: 'user', content: input },
      { role: 'assistant', content: answer },
    ],
    ...more,
  };
}

function source(rows: readonly DataRow[], file = 'own.jsonl', format = rung): MixSource {
  return {
    file,
    format,
    rows: {
      async *[Symbol.asyncIterator]() {
        yield* rows;
      },
    },
  };
}

function part(name: string, share: number, rows: readonly DataRow[], format = rung): MixPart {
  return { name, share, ...source(rows, `${name}.jsonl`, format) };
}

async function mix(own: MixSource, parts: readonly MixPart[], seed = 1): Promise<{ planned: PlannedMix; rows: DataRow[]; lost: object }> {
  const near = nearSearch();
  const planned = await planMix(own, parts, { seed, near });
  const { rows, losses } = mixedRows(planned);
  return { planned, rows: await Array.fromAsync(rows), lost: Object.fromEntries(losses.lost) };
}

// digits of a hash: no two of them are alike
const text = (kind: string, index: number) => sha256(`${kind} ${index}`).slice(0, 40);
const many = (kind: string, count: number, more: Partial<DataRow> = {}) =>
  Array.from({ length: count }, (_, index) => row(index + 1, text(kind, index), 'answer', { id: `${kind}${index}`, ...more }));

describe('a mix', () => {
  test('has the shares that were asked for, of every size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 80 }),
        fc.double({ min: 0, max: 0.4, noNaN: true }),
        fc.double({ min: 0, max: 0.3, noNaN: true }),
        async (size, generalShare, safetyShare) => {
          const { planned, rows } = await mix(source(many('own', size)), [
            part('general', generalShare, many('general', 200)),
            part('safety', safetyShare, many('safety', 200)),
          ]);
          const total = rows.length;
          expect(total).toBe(size + planned.parts[0]!.taken.length + planned.parts[1]!.taken.length);
          for (const { taken, share } of planned.parts) {
            expect(Math.abs(taken.length - share * total)).toBeLessThan(1 + 1e-9);
          }
          expect(new Set(rows.map(({ id }) => id)).size).toBe(total);
        },
      ),
      { numRuns: 15 },
    );
  });

  test('keeps the rows of the file in their order and spreads the others evenly between them', async () => {
    const { rows } = await mix(source(many('own', 90)), [part('general', 0.1, many('general', 50))]);
    expect(rows.filter(({ id }) => id?.startsWith('own')).map(({ id }) => id)).toEqual(many('own', 90).map(({ id }) => id));
    expect(rows.flatMap(({ tags }, index) => (tags?.includes('general') ? [index] : []))).toEqual([9, 19, 29, 39, 49, 59, 69, 79, 89, 99]);
  });

  test('draws other rows with another seed, and the same with the same', async () => {
    const ids = async (seed: number) =>
      (await mix(source(many('own', 40)), [part('general', 0.2, many('general', 60))], seed)).rows.map(({ id }) => id);
    expect(await ids(1)).toEqual(await ids(1));
    expect(await ids(1)).not.toEqual(await ids(2));
  });

  test('takes no row that says what another says, on whatever side that is, and none that is held back', async () => {
    const own = [row(1, 'Where is my parcel of yesterday?', 'a', { split: 'test' }), ...many('own', 60, { split: 'train' })];
    const general = [
      row(1, 'where is my  PARCEL of yesterday', 'b'),
      row(2, 'Where is my parcel of yesterday??', 'b'),
      row(3, 'a question for later, nothing like it', 'b', { split: 'test' }),
      row(4, 'what stays, entirely on its own', 'b'),
      row(5, 'What stays, entirely on its own!', 'b'),
    ];
    const { planned, rows } = await mix(source(own), [part('general', 0.2, general)]);
    expect(planned.parts[0]!.eligible).toBe(1);
    expect(rows.filter(({ tags }) => tags?.includes('general'))).toHaveLength(1);
    expect(rows.filter(({ tags }) => tags?.includes('general'))[0]).toMatchObject({ split: 'train' });
  });

  test('counts shares of the rows that are trained on', async () => {
    const own = [...many('held', 100, { split: 'test' }), ...many('own', 90, { split: 'train' })];
    const { planned } = await mix(source(own), [part('general', 0.1, many('general', 50))]);
    expect(planned.own.training).toBe(90);
    expect(planned.parts[0]!.taken).toHaveLength(10);
  });

  test('renames a row whose id is taken, and says what another format cannot hold', async () => {
    const general = many('general', 10, { tags: ['t'], extra: { origin: 'x' } }).map((one, index) => ({ ...one, id: `own${index}` }));
    const { rows, lost } = await mix(source(many('own', 90)), [part('general', 0.1, general, openaiChat)]);
    const mixed = rows.filter(({ tags }) => tags?.includes('general'));
    expect(mixed.map(({ id }) => id).sort()).toEqual(Array.from({ length: 10 }, (_, index) => `general-own${index}`));
    expect(lost).toEqual({ origin: 10 });
    const closed = await mix(source(many('own', 90), 'own.jsonl', openaiChat), [part('general', 0.1, general)]);
    expect(closed.lost).toEqual({ origin: 10, id: 10, tags: 10 });
  });

  test('refuses shares that leave no room', async () => {
    const parts = [part('general', 0.6, many('general', 10)), part('safety', 0.4, many('safety', 10))];
    await expect(mix(source(many('own', 10)), parts)).rejects.toMatchObject({ code: 'shares-too-large' });
  });
});

test('a refusal is known by how it begins', () => {
  for (const answer of [
    "I'm sorry, but I can't help with that.",
    'I cannot assist with this request.',
    'As an AI, I do not do that.',
    'Sorry, I will not.',
  ])
    expect(isRefusal(answer)).toBe(true);
  for (const answer of ['I am happy to help.', 'Here is what you asked for.', 'It is a fine day.', undefined])
    expect(isRefusal(answer)).toBe(false);
});
