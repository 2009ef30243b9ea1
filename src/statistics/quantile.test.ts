import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantileEstimate, quantileOf, rowsToBoundQuantile, sortedNumbers } from './quantile.ts';
import { seededRandom } from './random.ts';

const upTo = (n: number) => Float64Array.from({ length: n }, (_, index) => index + 1);

describe('quantileOf', () => {
  it('equals numpy.quantile (linear, type 7)', () => {
    const sorted = sortedNumbers([2.1, 3.4, 1.9, 5.6, 4.4, 3.8, 2.7, 6.1, Number.NaN]);
    for (const [probability, value] of [
      [0.05, 1.97],
      [0.25, 2.55],
      [0.5, 3.6],
      [0.95, 5.925],
    ] as const) {
      expect(quantileOf(sorted, probability)).toBeCloseTo(value, 12);
    }
  });
});

describe('quantileEstimate', () => {
  it.each([
    // SciPy 1.17.1 quantile_test(...).confidence_interval(0.95) on 1…n
    { n: 200, probability: 0.95, low: 184, high: 197 },
    { n: 100, probability: 0.5, low: 40, high: 61 },
    { n: 50, probability: 0.95, low: 44, high: null },
  ])('bounds the $probability quantile of $n rows by ranks $low and $high', ({ n, probability, low, high }) => {
    expect(quantileEstimate(upTo(n), probability, 0.95)).toMatchObject({ low, high, n });
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
