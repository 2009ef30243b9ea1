import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RepeatedRow } from '#core/evidence.ts';
import { wilsonInterval } from './proportion.ts';
import { seededRandom } from './random.ts';
import { repeatSummary } from './repeats.ts';

const options = { confidence: 0.95, seed: 3, most: 5 };

/** A row as the engine asks it: further answers only where the first two differ. */
function rowOf(marks: readonly number[], row = 0): RepeatedRow {
  const scores = marks[0] === marks[1] ? marks.slice(0, 2) : marks;
  return { row, scores, answers: scores.map((score) => (score === 1 ? 'yes' : 'no')) };
}

const allMarks = (length: number): number[][] =>
  length === 0 ? [[]] : allMarks(length - 1).flatMap((marks) => [0, 1].map((mark) => [...marks, mark]));

describe('repeatSummary', () => {
  it('is unbiased for pass^k and for agreement over all that a row may answer', () => {
    const chance = fc.double({ min: 0.05, max: 0.95, noNaN: true });
    fc.assert(
      fc.property(chance, chance, (p, q) => {
        const weight = (marks: readonly number[], right: number) =>
          marks.reduce((product, mark) => product * (mark === 1 ? right : 1 - right), 1);
        const expected = new Float64Array(6);
        let agreement = 0;
        for (const marks of allMarks(5)) {
          // a steady row beside, so that the mean over rows is not under 0 and stays as it is
          const summary = repeatSummary([rowOf(marks), rowOf([1, 1], 1), rowOf([1, 1], 2)], options)!;
          for (const { k, value } of summary.passHat) expected[k]! += (weight(marks, p) + weight(marks, q)) * (3 * value - 2);
          agreement += (weight(marks, p) + weight(marks, q)) * (3 * summary.agreement.value - 2);
        }
        for (let k = 1; k <= 5; k++) expect(expected[k]).toBeCloseTo(p ** k + q ** k, 9);
        expect(agreement).toBeCloseTo(p * p + (1 - p) ** 2 + q * q + (1 - q) ** 2, 9);
      }),
      { numRuns: 5 },
    );
  });

  it('falls with k and has Wilson intervals where rows are right or wrong throughout', () => {
    const rows = [...Array.from({ length: 8 }, (_, row) => rowOf([1, 1], row)), rowOf([0, 0], 8), rowOf([0, 0], 9)];
    const { rows: n, agreement, passHat } = repeatSummary(rows, options)!;
    expect(n).toBe(10);
    expect(agreement).toMatchObject({ value: 1, high: 1, n: 10, method: 'wilson' });
    expect(passHat.map(({ k, value }) => [k, value])).toEqual([1, 2, 3, 4, 5].map((k) => [k, 0.8]));
    expect(passHat[4]).toMatchObject(wilsonInterval(8, 10, 0.95));
  });

  it('covers the chance that 4 of 4 are right about as often as it says', () => {
    const random = seededRandom(12);
    // a third of rows always right, a third never, a third nine times in ten
    const truth = (1 + 0.9 ** 4) / 3;
    let covered = 0;
    const draws = 100;
    for (let draw = 0; draw < draws; draw++) {
      const rows = Array.from({ length: 60 }, (_, row) => {
        const chance = [1, 0, 0.9][Math.floor(random() * 3)]!;
        return rowOf(
          Array.from({ length: 4 }, () => (random() < chance ? 1 : 0)),
          row,
        );
      });
      const { low, high } = repeatSummary(rows, { confidence: 0.95, seed: draw, most: 4 })!.passHat[3]!;
      if (low <= truth && truth <= high) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(89);
  });

  it('ends at the k up to which every wavering row was asked', () => {
    const rows = [rowOf([1, 1]), rowOf([1, 0, 1, 1, 1], 1), rowOf([0, 1, 1], 2)];
    expect(repeatSummary(rows, options)!.passHat.map(({ k }) => k)).toEqual([1, 2, 3]);
  });

  it('leaves out scores that are not numbers, and pass^k where scores are not right or wrong', () => {
    const unmarked = { row: 3, answers: ['a', 'a'], scores: [Number.NaN, Number.NaN] };
    const summary = repeatSummary([rowOf([1, 1]), unmarked], options)!;
    expect(summary.agreement).toMatchObject({ value: 1, n: 2 });
    expect(summary.passHat[0]).toMatchObject({ k: 1, value: 1, n: 1 });
    expect(repeatSummary([rowOf([1, 1]), { row: 1, answers: ['a', 'b'], scores: [0.4, 0.7] }], options)!.passHat).toEqual([]);
    expect(repeatSummary([], options)).toBeUndefined();
    expect(repeatSummary([{ row: 0, answers: ['a'], scores: [1] }], options)).toBeUndefined();
  });

  it('knows as little as the groups do', () => {
    const rows = Array.from({ length: 20 }, (_, row) => rowOf(row < 14 ? [1, 1] : [0, 1, 1, 0, 1], row));
    const clusters = Int32Array.from({ length: 20 }, (_, row) => Math.floor(row / 4));
    const plain = repeatSummary(rows, options)!;
    const grouped = repeatSummary(rows, { ...options, clusters })!;
    expect(grouped.agreement.low).toBeLessThan(plain.agreement.low);
    expect(grouped.passHat[2]!.value).toBe(plain.passHat[2]!.value);
    expect(grouped.passHat[2]!.method).toContain('5 clusters');
  });
});
