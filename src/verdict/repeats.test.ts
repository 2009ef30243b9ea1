import { describe, expect, it } from 'vitest';
import type { RepeatedRow } from '#core/evidence.ts';
import { repeatsOf } from './repeats.ts';
import { madeEvidence, madeTask, rightOf } from './verdict.fixture.ts';

const steady = (row: number, score = 1): RepeatedRow => ({ row, answers: ['billing', 'billing'], scores: [score, score] });
const wavering = (row: number): RepeatedRow => ({ row, answers: ['billing', 'shipping'], scores: [1, 0] });

function repeatsFor(rows: readonly RepeatedRow[] | undefined, clusters?: Int32Array) {
  const repeats = rows === undefined ? {} : { repeats: { pilot: 10, rows } };
  const [candidate] = madeEvidence([{ rung: 'zero-shot', scores: { accuracy: rightOf(20, 30) }, ...repeats }]).candidates;
  return repeatsOf(candidate!, madeTask({}, { repeats: 2 }), clusters);
}

describe('repeatsOf', () => {
  it('gives agreement and pass^k with interval, n and method', () => {
    const found = repeatsFor([0, 1, 2, 3, 4, 5, 6].map((row) => steady(row)).concat([7, 8, 9].map(wavering)));
    // 7 of 10 agree: Wilson's interval at 95 %, as R's prop.test(7, 10, correct = FALSE) gives it
    expect(found?.agreement).toMatchObject({ value: 0.7, n: 10 });
    expect(found?.agreement.low).toBeCloseTo(0.3968, 3);
    expect(found?.agreement.high).toBeCloseTo(0.8922, 3);
    expect(found?.rows).toBe(10);
    expect(found?.passHat.map(({ k, value }) => [k, value])).toEqual([
      [1, 0.85],
      [2, 0.7],
    ]);
  });

  it('says nothing where no row was asked again, or none answered twice', () => {
    expect(repeatsFor(undefined)).toBeUndefined();
    expect(repeatsFor([])).toBeUndefined();
    expect(repeatsFor([{ row: 0, answers: ['billing'], scores: [1] }])).toBeUndefined();
  });

  it('gives agreement alone where the answers have no right and wrong', () => {
    const found = repeatsFor([
      { row: 0, answers: ['a', 'b'], scores: [Number.NaN, Number.NaN] },
      { ...steady(1), scores: [0.3, 0.4] },
    ]);
    expect(found).toMatchObject({ rows: 2, agreement: { value: 0.5 }, passHat: [] });
  });

  it('claims less where the rows belong to one group', () => {
    const rows = [0, 1, 2, 3].map((row) => steady(row));
    const width = (found: ReturnType<typeof repeatsFor>) => found!.agreement.high - found!.agreement.low;
    expect(width(repeatsFor(rows, new Int32Array(30)))).toBeGreaterThan(width(repeatsFor(rows)));
  });
});
