import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contradictions } from './contradictions.ts';
import { hashTable, textHash } from './contradictions-table.ts';

type Asked = readonly [question: string, answer: string, system?: string];

function findings(rows: readonly Asked[]) {
  const pass = contradictions.begin({ file: 'rows.jsonl', options: {}, seed: 1 });
  rows.forEach(([question, answer, system], index) => {
    pass.row({
      line: index + 1,
      turns: [
        ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
        { role: 'user', content: question },
        { role: 'assistant', content: answer },
      ],
    });
  });
  return pass.end() as Exclude<ReturnType<typeof pass.end>, Promise<unknown>>;
}

test('rows that ask the same but for case, spacing and the last mark, with another answer', () => {
  const [finding, ...others] = findings([
    ['Where is my parcel?', 'delivery'],
    ['Who pays?', 'billing'],
    ['where is  my parcel', 'returns'],
    ['Who pays?', 'Billing.'],
    ['Where is my parcel?', 'delivery'],
  ]);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ rule: 'contradictory-duplicates', rows: [1, 3, 5], count: 3, figures: { groups: [[1, 3, 5]] } });
  expect(finding?.examples).toEqual([{ row: 3, text: 'where is my parcel → returns (row 1 answers otherwise)' }]);
});

test('other signs, other system turns, and equal answers are no contradiction', () => {
  expect(
    findings([
      ['5 + 3', '8'],
      ['5 - 3', '2'],
      ['Hello', 'Hallo', 'Answer in German.'],
      ['Hello', 'Bonjour', 'Answer in French.'],
      ['Same', 'yes'],
      ['Same', 'Yes.'],
    ]),
  ).toEqual([]);
});

test('long answers may say the same in other words', () => {
  const long = 'It depends on the weather, on the road and on how soon the driver leaves the depot, they say.';
  expect(
    findings([
      ['When?', long],
      ['When?', `${long} Ask again later.`],
    ]).map(({ rule, severity }) => [rule, severity]),
  ).toEqual([['several-answers', 'info']]);
});

test('the table holds what a Map holds', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), fc.nat()), { maxLength: 3000 }), (entries) => {
      const [table, map] = [hashTable(), new Map<number, number>()];
      for (const [key, value] of entries) {
        expect(table.get(key)).toBe(map.get(key));
        table.set(key, value);
        map.set(key, value);
      }
      for (const [key, value] of map) expect(table.get(key)).toBe(value);
    }),
    { numRuns: 20 },
  );
});

test('hashes of different texts differ, within 53 bits', () => {
  const hashes = Array.from({ length: 50_000 }, (_, index) => textHash(`question ${index}`));
  expect(new Set(hashes).size).toBe(hashes.length);
  for (const hash of hashes.slice(0, 1000)) expect(Number.isSafeInteger(hash) && hash > 0).toBe(true);
});
