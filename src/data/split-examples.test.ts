import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Example, splitNames } from '#core/example.ts';
import type { Output } from '#core/output.ts';
import { type Split, splitExamples } from './split-examples.ts';

const output: Output = { kind: 'labels', labels: ['a', 'b', 'c'] };
const task = { output, split: { train: 0.5, validation: 0.15, test: 0.35 }, seed: 1 };
const words = 'amber basin cedar delta ember flint grove heron ivory jetty knoll lotus maple nectar otter plume quartz raven'.split(' ');

// Some rows are on their own, others are one of eight sentences with a word more or less: nearly the same, or just not.
const alone = fc.array(fc.constantFrom(...words), { minLength: 6, maxLength: 6 });
const bases = Array.from({ length: 8 }, (_, base) => Array.from({ length: 8 }, (_, place) => words[(base * 5 + place * (base + 1)) % 18]!));
const varied = fc
  .tuple(fc.constantFrom(...bases), fc.nat(7), fc.array(fc.constantFrom(...words), { maxLength: 2 }))
  .map(([base, place, more]) => base.toSpliced(place, more.length > 0 ? 1 : 0, ...more));
const sentence = fc.oneof(alone, varied).map((list) => list.join(' '));
const row = fc.record({
  input: sentence,
  label: fc.constantFrom('a', 'b', 'c'),
  group: fc.option(fc.integer({ min: 0, max: 20 }), { freq: 3 }),
});
const rows = fc.array(row, { minLength: 40, maxLength: 120 }).map((list) =>
  list.map(
    ({ input, label, group }, index): Example => ({
      id: `r${index}`,
      input,
      expected: label,
      ...(group === null ? {} : { group: `g${group}` }),
      tags: [],
      source: 'human',
    }),
  ),
);

function example(id: string, input: Example['input'], rest: Partial<Example> = {}): Example {
  return { id, input, expected: 'a', tags: [], source: 'human', ...rest };
}

function sidesOf(split: Split): Map<string, string> {
  return new Map(splitNames.flatMap((side) => split[side].map(({ id }) => [id, side] as const)));
}

function shingleSet(text: string): Set<string> {
  return new Set(Array.from({ length: Math.max(1, text.length - 4) }, (_, start) => text.slice(start, start + 5)));
}

describe('a split', () => {
  test('keeps groups and near-duplicates on one side, and every row once', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 0, max: 1000 }), (examples, seed) => {
        const sides = sidesOf(splitExamples(examples, { ...task, seed }));
        expect(sides.size).toBe(examples.length);
        const sets = examples.map(({ input }) => shingleSet(input as string));
        for (const [i, one] of examples.entries()) {
          for (const [j, other] of examples.slice(0, i).entries()) {
            const sameGroup = one.group !== undefined && one.group === other.group;
            // Written out in full here, without the index: pairs of all rows by the definition.
            const alike = sets[i]!.intersection(sets[j]!).size / sets[i]!.union(sets[j]!).size >= 0.8;
            if (sameGroup || alike) expect(sides.get(one.id)).toBe(sides.get(other.id));
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  test('does not depend on the order of the rows', () => {
    const shuffled = rows.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
    fc.assert(
      fc.property(shuffled, ([examples, other]) => {
        expect(splitExamples(other, task)).toEqual(splitExamples(examples, task));
      }),
      { numRuns: 25 },
    );
  });

  test('comes near its fractions, label by label', () => {
    const unique = (index: number) =>
      `${words[index % 18]} ${words[(index * 7 + 3) % 17]} ${index * 7919} ${words[(index * 5) % 13]} ${index * 104_729}`;
    fc.assert(
      fc.property(fc.integer({ min: 30, max: 400 }), fc.integer({ min: 0, max: 99 }), (size, seed) => {
        const examples = Array.from({ length: size }, (_, index) => example(`${index}`, unique(index), { expected: 'aaabbc'[index % 6]! }));
        const split = splitExamples(examples, { ...task, seed });
        for (const side of splitNames) {
          expect(Math.abs(split[side].length - size * task.split[side])).toBeLessThanOrEqual(3);
          for (const label of 'abc') {
            const all = examples.filter(({ expected }) => expected === label).length;
            const here = split[side].filter(({ expected }) => expected === label).length;
            expect(Math.abs(here - all * task.split[side])).toBeLessThanOrEqual(2);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  test('gives rare labels to every side in their turn', () => {
    const examples = Array.from({ length: 300 }, (_, index) =>
      example(`${index}`, `${index * 7919} and ${index * 104_729}`, { expected: `label ${index % 150}` }),
    );
    const { train, validation, test: held } = splitExamples(examples, task);
    expect([train.length, validation.length, held.length].map((size) => Math.round(size / 15))).toEqual([10, 3, 7]);
  });

  test('changes with the seed, and its hash with side and content only', () => {
    const examples = Array.from({ length: 60 }, (_, index) => example(`${index}`, `${index * 7919} and ${index * 104_729}`));
    const first = splitExamples(examples, task);
    const other = splitExamples(examples, { ...task, seed: 2 });
    const edited = splitExamples(examples.with(0, { ...examples[0]!, expected: 'b' }), task);
    const told = splitExamples(
      examples.map((row) => ({ ...row, split: sidesOf(first).get(row.id) as Example['split'] })),
      { ...task, seed: 3 },
    );
    expect(other.hash).not.toBe(first.hash);
    expect(edited.hash).not.toBe(first.hash);
    expect(told.hash).toBe(first.hash);
  });

  test.each([
    ['copies', 'The parcel is late.', 'the PARCEL, is late'],
    [
      'one changed word',
      'please tell me where the grey parcel from last monday is now',
      'please tell me where the grey parcel from last sunday is now',
    ],
    [
      'objects',
      { subject: 'parcel', text: 'where is the parcel that i ordered' },
      { text: 'where is the parcel that i ordered!', subject: 'parcel' },
    ],
    [
      'conversations whose system turns differ',
      {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'where is the parcel' },
        ],
      },
      { messages: [{ role: 'user', content: 'Where is the parcel?' }] },
    ],
  ] as const)('sees near-duplicates: %s', (_, left, right) => {
    for (let seed = 0; seed < 12; seed += 1) {
      const others = Array.from({ length: 8 }, (_, index) => example(`o${index}`, `${index * 7919} and ${index * 104_729}`));
      const sides = sidesOf(splitExamples([example('left', left), example('right', right), ...others], { ...task, seed }));
      expect(sides.get('left')).toBe(sides.get('right'));
    }
  });

  test('tells apart conversations that share their long system turn', () => {
    const system = { role: 'system' as const, content: words.join(' ').repeat(20) };
    const examples = Array.from({ length: 20 }, (_, index) =>
      example(`${index}`, { messages: [system, { role: 'user', content: `${index * 7919} and ${index * 104_729}` }] }),
    );
    expect(splitExamples(examples, task).train).toHaveLength(10);
  });
});

describe('rows that name their split', () => {
  test('keep it, and draw their group and near-duplicates to them', () => {
    const others = Array.from({ length: 30 }, (_, index) => example(`o${index}`, `${index * 7919} and ${index * 104_729}`));
    const sides = sidesOf(
      splitExamples(
        [
          example('told', 'where is my parcel now', { split: 'validation', group: 'g' }),
          example('copy', 'Where is my parcel now?'),
          example('kin', 'something else', { group: 'g' }),
          ...others,
        ],
        task,
      ),
    );
    expect([sides.get('told'), sides.get('copy'), sides.get('kin')]).toEqual(['validation', 'validation', 'validation']);
  });

  test('may all be test', () => {
    const examples = words.map((word, index) => example(word, `${word} ${index * 7919}`, { split: 'test' }));
    const split = splitExamples(examples, task);
    expect([split.train.length, split.validation.length, split.test.length]).toEqual([0, 0, words.length]);
    expect(split.warnings).toEqual([]);
  });

  test('bring a warning where they part what belongs together', () => {
    const examples = [
      example('a', 'where is my parcel now', { split: 'train' }),
      example('b', 'where is my parcel now', { split: 'test' }),
    ];
    const split = splitExamples(examples, task);
    expect([split.train.length, split.test.length]).toEqual([1, 1]);
    expect(split.warnings).toEqual([expect.stringMatching(/1 set of near-duplicates.*results may look better/)]);
  });
});

test('what cannot be split is refused, and what is split badly brings a warning', () => {
  const one = Array.from({ length: 24 }, (_, index) => example(`${index}`, `${index * 7919} and ${index * 104_729}`, { group: 'all' }));
  expect(() => splitExamples(one, task)).toThrow(expect.objectContaining({ code: 'split-impossible', exitCode: 2 }));
  const two = splitExamples(
    one.map((row, index) => ({ ...row, group: `${index % 2}` })),
    task,
  );
  expect(two.warnings).toEqual([
    expect.stringMatching(/12 of 24 examples hang together/),
    expect.stringMatching(/validation part is empty/),
  ]);
  expect(two.test).toHaveLength(12);
});

test('JSON answers are spread by their first choice', () => {
  const form: Output = { kind: 'json', schema: { properties: { name: { type: 'string' }, mood: { enum: ['good', 'bad'] } } } };
  const examples = Array.from({ length: 100 }, (_, index) =>
    example(`${index}`, `${index * 7919} and ${index * 104_729}`, { expected: { name: `${index}`, mood: index < 20 ? 'bad' : 'good' } }),
  );
  const bad = splitExamples(examples, { ...task, output: form }).test.filter(
    ({ expected }) => (expected as { mood: string }).mood === 'bad',
  );
  expect(bad.length).toBeGreaterThanOrEqual(6);
  expect(bad.length).toBeLessThanOrEqual(8);
});
