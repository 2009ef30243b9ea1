import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantileEstimate, quantileOf, quantileOfRows, rowsToBoundQuantile, sortedNumbers } from './quantile.ts';
import { seededRandom } from './random.ts';
import references from './references/statistics.json' with { type: 'json' };

const upTo = (n: number) => Float64Array.from({ length: n }, (_, index) => index + 1);

describe('quantileOf', () => {
  it('equals numpy.quantile (linear, type 7)', () => {
    const sorted = sortedNumbers([...references.type7.values, Number.NaN]);
    for (const { probability, value } of references.type7.quantiles) expect(quantileOf(sorted, probability)).toBeCloseTo(value, 12);
  });
});

describe('quantileEstimate', () => {
  // SciPy's quantile_test on 1…n
  it.each(references.quantiles)('bounds the $probability quantile of $n rows by ranks $low and $high', (reference) => {
    const { n, probability, confidence, low, high } = reference;
    expect(quantileEstimate(upTo(n), probability, confidence)).toMatchObject({ low, high, n });
  });

  it('knows from how many rows on both ends exist', () => {
    const rows = rowsToBoundQuantile(0.95, 0.95);
    expect(rows).toBe(72);
    expect(quantileEstimate(upTo(rows), 0.95, 0.95)!.high).toBe(72);
    expect(quantileEstimate(upTo(rows - 1), 0.95, 0.95)!.high).toBeNull();
  });

  it('contains the estimate where both ends exist', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 }), (values) => {
        const { value, low, high } = quantileEstimate(sortedNumbers(values), 0.9, 0.95)!;
        expect(low ?? value).toBeLessThanOrEqual(value);
        expect(high ?? value).toBeGreaterThanOrEqual(value);
      }),
    );
    expect(quantileEstimate(new Float64Array(), 0.5, 0.95)).toBeUndefined();
  });

  it('covers the true quantile at least as often as it says', () => {
    const random = seededRandom(3);
    let covered = 0;
    const draws = 1500;
    for (let draw = 0; draw < draws; draw++) {
      const sorted = sortedNumbers(Array.from({ length: 150 }, random));
      const { low, high } = quantileEstimate(sorted, 0.95, 0.95)!;
      if (low! <= 0.95 && 0.95 <= high!) covered++;
    }
    expect(covered / draws).toBeGreaterThan(0.945);
  });
});

describe('quantileOfRows', () => {
  it('is the plain quantile without groups, whatever the order and what is not a number', () => {
    const values = Float64Array.of(5, Number.NaN, 1, 4, 2, 3);
    expect(quantileOfRows(values, 0.5, { confidence: 0.8 })).toEqual(quantileEstimate(upTo(5), 0.5, 0.8));
    expect(quantileOfRows(Float64Array.of(Number.NaN), 0.5, { confidence: 0.8 })).toBeUndefined();
  });

  it('knows as little as the groups do, and nothing of a single one', () => {
    // 40 groups of 5 rows that took about as long
    const values = Float64Array.from({ length: 200 }, (_, row) => Math.floor(row / 5) + (row % 5) / 100);
    const clusters = Int32Array.from({ length: 200 }, (_, row) => Math.floor(row / 5));
    const plain = quantileOfRows(values, 0.5, { confidence: 0.95 })!;
    const grouped = quantileOfRows(values, 0.5, { confidence: 0.95, clusters })!;
    // of 40 rows the ranks 14 and 27 bound the median; few groups cost a little more
    expect(grouped.value).toBe(plain.value);
    expect(grouped.low!).toBeLessThanOrEqual(13.04);
    expect(grouped.high!).toBeGreaterThanOrEqual(26);
    expect(plain.low!).toBeGreaterThan(16);
    expect(grouped.method).toBe('woodruff, 40 clusters');
    const one = quantileOfRows(values, 0.5, { confidence: 0.95, clusters: new Int32Array(200) });
    expect(one).toMatchObject({ low: null, high: null, method: 'one group: no interval' });
  });

  it('has no upper end where the groups are too few', () => {
    const values = upTo(100);
    const clusters = Int32Array.from({ length: 100 }, (_, row) => Math.floor(row / 5));
    expect(quantileOfRows(values, 0.95, { confidence: 0.95, clusters })!.high).toBeNull();
  });
});
