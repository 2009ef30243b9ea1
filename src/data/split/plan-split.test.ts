import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { DataRow } from '#core/data-row.ts';
import { type Example, splitNames } from '#core/example.ts';
import { rung } from '#data/formats/rung.ts';
import { readDataFile } from '#data/read-data-file.ts';
import { readExamples } from '#data/read-examples.ts';
import { splitExamples } from '#data/split-examples.ts';
import type { UnreadableRow } from '#data/unreadable-row.ts';
import { nearSearch } from './near-search.ts';
import { type PlannedSplit, planSplit, type SplitOptions } from './plan-split.ts';
import type { SplitRecord } from './split-record.ts';
import { hashText, packHashes } from './split-record.ts';

const words = 'amber basin cedar delta ember flint grove heron ivory jetty knoll lotus maple nectar otter plume quartz raven'.split(' ');
const alone = fc.array(fc.constantFrom(...words), { minLength: 6, maxLength: 6 });
const bases = Array.from({ length: 8 }, (_, base) => Array.from({ length: 8 }, (_, place) => words[(base * 5 + place * (base + 1)) % 18]!));
const varied = fc
  .tuple(fc.constantFrom(...bases), fc.nat(7), fc.array(fc.constantFrom(...words), { maxLength: 2 }))
  .map(([base, place, more]) => base.toSpliced(place, more.length > 0 ? 1 : 0, ...more));
const sentence = fc.oneof(alone, varied).map((list) => list.join(' '));
const drawnRows = fc
  .array(
    fc.record({ input: sentence, label: fc.constantFrom('a', 'b', 'c'), group: fc.option(fc.integer({ min: 0, max: 20 }), { freq: 3 }) }),
    { minLength: 40, maxLength: 100 },
  )
  .map((list) =>
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
const seeds = fc.integer({ min: 0, max: 1000 });
const shares = { train: 0.5, validation: 0.15, test: 0.35 };
const runs = { numRuns: 20 };

function dataRow(example: Partial<Example> & Pick<Example, 'input'>, line: number): DataRow {
  return { line, ...rung.read(example as never) };
}

async function* stream(rows: readonly (DataRow | UnreadableRow)[]): AsyncGenerator<DataRow | UnreadableRow> {
  yield* rows;
}

async function plan(rows: readonly (DataRow | UnreadableRow)[], more: Partial<SplitOptions> = {}): Promise<PlannedSplit> {
  const near = more.near ?? nearSearch();
  try {
    return await planSplit(stream(rows), { file: 'rows.jsonl', format: rung, seed: 1, shares, near, ...more });
  } finally {
    near.close();
  }
}

async function planOf(examples: readonly Example[], more: Partial<SplitOptions> = {}): Promise<Map<string, string>> {
  const { sides } = await plan(
    examples.map((example, index) => dataRow(example, index + 1)),
    more,
  );
  return new Map(examples.map(({ id }, index) => [id, splitNames[sides[index]!]!]));
}

/** As it would be written beside the split. */
function recordOf({ columns, sides, hash }: PlannedSplit, ids: readonly string[]): SplitRecord {
  const on = (side: number) => columns.ids.filter((_, row) => sides[row] === side);
  const none = { file: null, rows: 0, hash: null };
  const text = (row: number) => (columns.texts[row] === -1 ? {} : { text: hashText(columns.texts[row]!) });
  const group = (row: number) => (columns.groups[row] === -1 ? {} : { group: hashText(columns.groups[row]!) });
  return {
    ...{ schema: 'rung.split/1', hash, seed: 1, shares, groupField: null, rows: columns.size, groups: 0, stratifiedBy: 'labels' },
    parts: { train: none, validation: none, test: none },
    test: ids.flatMap((id, row) => (sides[row] === 2 ? [{ id, ...text(row), ...group(row) }] : [])),
    ids: { train: packHashes(on(0)), validation: packHashes(on(1)) },
  };
}

function shingleSet(text: string): Set<string> {
  return new Set(Array.from({ length: Math.max(1, text.length - 4) }, (_, start) => text.slice(start, start + 5)));
}

function together(one: Example, other: Example): boolean {
  const [left, right] = [shingleSet(one.input as string), shingleSet(other.input as string)];
  const alike = left.intersection(right).size / left.union(right).size >= 0.8;
  return alike || (one.group !== undefined && one.group === other.group);
}

describe('the sides of the rows of a file', () => {
  test('are those that a task gives its examples', async () => {
    const output = { kind: 'labels', labels: ['a', 'b', 'c'] } as const;
    await fc.assert(
      fc.asyncProperty(drawnRows, seeds, async (examples, seed) => {
        const own = await planOf(examples, { seed });
        const split = splitExamples(examples, { output, split: shares, seed });
        const wanted = new Map(splitNames.flatMap((side) => split[side].map(({ id }) => [id, side] as const)));
        expect(own).toEqual(new Map(examples.map(({ id }) => [id, wanted.get(id)])));
      }),
      runs,
    );
  });

  test('are those of the task also where rows have no ids, are chats, or ask in fields', async () => {
    const lines = many.map(({ input, expected }, index) =>
      index % 3 === 0
        ? {
            messages: [
              { role: 'system', content: 'Be brief.' },
              { role: 'user', content: input },
              { role: 'assistant', content: expected },
            ],
          }
        : {
            messages: [
              { role: 'user', content: input },
              { role: 'assistant', content: expected },
            ],
            group: `g${index % 50}`,
          },
    );
    const fields = many.map(({ input, expected }, index) => ({
      input: index % 2 === 0 ? { text: input, b: 1, a: [index] } : input,
      expected,
    }));
    for (const file of [lines, [...fields, ...fields.slice(0, 5)]]) {
      const folder = await mkdtemp(join(tmpdir(), 'rung-split-'));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      const path = join(folder, 'rows.jsonl');
      await writeFile(path, file.map((line) => `${JSON.stringify(line)}\n`).join(''));
      const { examples } = await readExamples({ examplesFile: path, output: { kind: 'labels', labels: ['rare', 'usual'] } });
      const split = splitExamples(examples, { output: { kind: 'labels', labels: ['rare', 'usual'] }, split: shares, seed: 3 });
      const wanted = new Map(splitNames.flatMap((side) => split[side].map(({ id }) => [id, side] as const)));
      const { format, rows } = await readDataFile(path);
      const { sides } = await planSplit(rows, { file: path, format, seed: 3, shares, near: nearSearch() });
      expect([...sides].map((side) => splitNames[side])).toEqual(examples.map(({ id }) => wanted.get(id)));
    }
  });

  test('keep groups and near-duplicates together, give every row one side, and hold the shares within the largest set', async () => {
    await fc.assert(
      fc.asyncProperty(drawnRows, seeds, async (examples, seed) => {
        const rows = examples.map((example, index) => dataRow(example, index + 1));
        const { sides, counts, largestCluster } = await plan(rows, { seed });
        expect(sides).toHaveLength(examples.length);
        expect(counts.train + counts.validation + counts.test).toBe(examples.length);
        for (const [i, one] of examples.entries())
          for (const [j, other] of examples.slice(0, i).entries()) if (together(one, other)) expect(sides[i]).toBe(sides[j]);
        // labels in proportion can move a part by a row for each label more
        for (const side of splitNames)
          expect(Math.abs(counts[side] - shares[side] * examples.length)).toBeLessThanOrEqual(largestCluster + 3);
      }),
      runs,
    );
  });

  test('do not depend on the order of the rows, nor does the hash; another seed gives other sides', async () => {
    await fc.assert(
      fc.asyncProperty(drawnRows, seeds, async (examples, seed) => {
        const turned = examples.toSorted((a, b) => ((a.input as string) < (b.input as string) ? -1 : 1));
        expect(new Map([...(await planOf(turned, { seed }))].sort())).toEqual(new Map([...(await planOf(examples, { seed }))].sort()));
        const [one, other] = [examples, turned].map((list) => list.map((example, index) => dataRow(example, index + 1)));
        expect((await plan(one!, { seed })).hash).toBe((await plan(other!, { seed })).hash);
      }),
      runs,
    );
    const many = Array.from({ length: 60 }, (_, index) => dataRow({ id: `r${index}`, input: `${index} ${words[index % 18]}` }, index + 1));
    expect((await plan(many, { seed: 1 })).hash).not.toBe((await plan(many, { seed: 2 })).hash);
  });

  test('stay what they were when rows are added to a split that is kept', async () => {
    await fc.assert(
      fc.asyncProperty(drawnRows, drawnRows, seeds, async (before, added, seed) => {
        const first = await plan(
          before.map((example, index) => dataRow(example, index + 1)),
          { seed },
        );
        const kept = recordOf(
          first,
          before.map(({ id }) => id),
        );
        const more = [...added.map((example) => ({ ...example, id: `new-${example.id}` })), ...before];
        const second = await planOf(more, { seed: seed + 1, kept });
        for (const [row, { id }] of before.entries()) if (first.sides[row] === 2) expect(second.get(id)).toBe('test');
        // what hangs together with an old test row is a test row too
        for (const [row, old] of before.entries()) {
          if (first.sides[row] !== 2) continue;
          for (const one of more) if (together(one, old)) expect(second.get(one.id)).toBe('test');
        }
      }),
      { numRuns: 10 },
    );
  });
});

const many = Array.from({ length: 200 }, (_, index) => ({
  id: `r${index}`,
  input: `${words[index % 18]} ${words[(index * 7) % 18]} ${words[(index * 5 + 3) % 18]} ${index} ${(index * 7919) % 1000}`,
  expected: index % 4 === 0 ? 'rare' : 'usual',
}));
const manyRows = many.map((example, index) => dataRow(example, index + 1));

describe('a planned split', () => {
  test('finds with sketches what it finds exactly', async () => {
    const exact = await plan(manyRows);
    const sketched = await plan(manyRows, { near: nearSearch(1000) });
    expect([...sketched.sides]).toEqual([...exact.sides]);
  });

  test('says what it cannot read, and goes on', async () => {
    const fault = { line: 2, code: 'x', message: 'Line 2 is not JSON.', fix: 'Mend it.' };
    const { dropped, sides } = await plan([manyRows[0]!, fault, ...manyRows.slice(1)]);
    expect(dropped.list).toEqual([{ row: 2, why: 'Line 2 is not JSON.' }]);
    expect(sides).toHaveLength(200);
  });

  test('keeps the side that a row names, unless told otherwise', async () => {
    const named = manyRows.map((row, index) => (index < 20 ? { ...row, split: 'test' as const } : row));
    const kept = await plan(named, { shares: { train: 0.9, validation: 0.1, test: 0 } });
    expect(kept.counts.test).toBe(20);
    expect(kept.warnings).toEqual([expect.stringContaining('20 of 200 rows name their side')]);
    const anew = await plan(named, { ignoreTold: true });
    expect([...anew.sides]).toEqual([...(await plan(manyRows)).sides]);
  });

  test('takes as many test rows as asked for, and leaves the other parts their proportion', async () => {
    const { counts } = await plan(manyRows, { shares: { train: 0.81, validation: 0.09, test: 0.1 }, testRows: () => 100 });
    expect(counts).toEqual({ train: 90, validation: 10, test: 100 });
  });

  test('groups by any field, also one inside another', async () => {
    const owned = manyRows.map((row, index) => ({ ...row, extra: { metadata: { customer: index % 10 } } }));
    const { sides, columns } = await plan(owned, { groupField: 'metadata.customer' });
    expect(columns.groupCount).toBe(10);
    for (const [index, side] of sides.entries()) expect(side).toBe(sides[index % 10]);
    await expect(plan(manyRows, { groupField: 'customer' })).rejects.toMatchObject({ code: 'group-missing' });
  });

  test('leaves the other rows of a kept split where they were, and puts new ones where the shares are behind', async () => {
    const [old, added] = [manyRows.slice(0, 120), manyRows.slice(120)];
    const first = await plan(old);
    const kept = recordOf(
      first,
      many.map(({ id }) => id),
    );
    const { sides, counts } = await plan([...added, ...old], { kept, seed: 8 });
    expect([...sides.subarray(80)]).toEqual([...first.sides]);
    expect(counts).toEqual({ train: 100, validation: 30, test: 70 });
  });

  test('says which earlier test rows are gone, and knows one by its text when its id changed', async () => {
    const first = await plan(manyRows);
    const record = recordOf(
      first,
      many.map(({ id }) => id),
    );
    const tests = record.test.map(({ id }) => id);
    const renamed = manyRows.filter(({ id }) => id !== tests[0]).map((row) => (row.id === tests[1] ? { ...row, id: 'another' } : row));
    const { kept, warnings, sides } = await plan(renamed, { kept: record });
    expect(kept?.vanished).toEqual([tests[0]]);
    expect(warnings).toContainEqual(expect.stringContaining('One earlier test row is not in the file any more'));
    expect(sides[renamed.findIndex(({ id }) => id === 'another')]).toBe(2);
  });

  test('puts what is nearly equal to an earlier test row on the test side, also where that row is gone', async () => {
    const first = await plan(manyRows);
    const record = recordOf(
      first,
      many.map(({ id }) => id),
    );
    const gone = manyRows.find(({ id }) => id === record.test[0]!.id)!;
    const copy: DataRow = {
      ...gone,
      id: 'copy',
      turns: [{ role: 'user', content: `${String(gone.turns[0]!.content)} !x` }, gone.turns[1]!],
    };
    const rest = [...manyRows.filter((row) => row !== gone), copy];
    const keptTests = { format: rung, rows: { [Symbol.asyncIterator]: () => stream([gone]) } };
    const { sides } = await plan(rest, { kept: record, keptTests });
    expect(sides[rest.length - 1]).toBe(2);
    expect((await plan(rest, { kept: { ...record, test: [] }, keptTests })).sides[rest.length - 1]).toBe(2);
  });

  test('refuses a file that cannot be parted', async () => {
    const same = manyRows.map((row) => ({ ...row, group: 'one' }));
    await expect(plan(same)).rejects.toMatchObject({ code: 'split-impossible', exitCode: 2 });
  });

  test('spreads free texts by length', async () => {
    const texts = manyRows.map(
      (row, index): DataRow => ({
        ...row,
        turns: [row.turns[0]!, { role: 'assistant', content: `${index} `.repeat(index % 10 === 0 ? 400 : 4) }],
      }),
    );
    const { sides, columns } = await plan(texts);
    expect(columns.strata.by).toBe('text');
    const long = texts.keys().filter((index) => index % 10 === 0 && splitNames[sides[index]!] === 'test');
    expect([...long].length).toBeGreaterThanOrEqual(6);
    expect([...long].length).toBeLessThanOrEqual(8);
  });
});
