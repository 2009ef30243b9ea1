import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asymptoticInterval } from './asymptotic-sequence.ts';
import { meanEstimate } from './mean.ts';
import { seededRandom } from './random.ts';
import reference from './references/confidence-sequences.json' with { type: 'json' };

const options = { confidence: 0.95 };
const costs = Float64Array.from(reference.costs);

describe('asymptoticInterval', () => {
  // confseq 0.0.11 normal_mixture_bound, two-sided, in sample standard deviations, widened by SciPy's t over its normal
  it.each(reference.asymptotic)('equals confseq after $n rows, tuned to $tunedTo', ({ n, tunedTo, confidence, low, high }) => {
    const estimate = asymptoticInterval(costs.subarray(0, n), { confidence, tunedTo })!;
    expect(estimate.low).toBeCloseTo(low, 12);
    expect(estimate.high).toBeCloseTo(high, 12);
  });

  it('is narrowest about where it is tuned to', () => {
    const width = (tunedTo: number) => {
      const { low, high } = asymptoticInterval(costs.subarray(0, 200), { ...options, tunedTo })!;
      return high - low;
    };
    expect(width(200)).toBeLessThan(width(20));
    expect(width(200)).toBeLessThan(width(2000));
  });

  it('is wider than an interval for one look, and moves with a shift of all values', () => {
    const values = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(values, fc.double({ min: -1e3, max: 1e3, noNaN: true }), (numbers, shift) => {
        const here = asymptoticInterval(Float64Array.from(numbers), options)!;
        const once = meanEstimate(Float64Array.from(numbers), 0.95)!;
        expect(here.low).toBeLessThanOrEqual(once.low);
        expect(here.high).toBeGreaterThanOrEqual(once.high);
        const there = asymptoticInterval(
          Float64Array.from(numbers, (number) => number + shift),
          options,
        )!;
        expect(there.low).toBeCloseTo(here.low + shift, 5);
      }),
      { numRuns: 40 },
    );
  });

  it('is wider for rows that repeat within clusters, and silent on one cluster or one number', () => {
    const clusters = Int32Array.from({ length: 40 }, (_, row) => row >> 2);
    const repeated = Float64Array.from(clusters, (cluster) => costs[cluster]!);
    const alone = asymptoticInterval(repeated, options)!;
    const together = asymptoticInterval(repeated, { ...options, clusters })!;
    expect(together.high - together.low).toBeGreaterThan(1.5 * (alone.high - alone.low));
    expect(together.method).toBe('asymptotic confidence sequence, 10 clusters');
    expect(asymptoticInterval(repeated, { ...options, clusters: new Int32Array(40) })).toBeUndefined();
    expect(asymptoticInterval(Float64Array.of(3, Number.NaN), options)).toBeUndefined();
  });

  it('holds the mean of skewed costs at every look from the tenth row on', () => {
    const random = seededRandom(3);
    let wrong = 0;
    for (let world = 0; world < 60; world++) {
      const values = Float64Array.from({ length: 300 }, () => -Math.log(1 - random()));
      for (let n = 10; n <= 300; n += 10) {
        const { low, high } = asymptoticInterval(values.subarray(0, n), { ...options, tunedTo: 300 })!;
        if (low <= 1 && high >= 1) continue;
        wrong++;
        break;
      }
    }
    expect(wrong / 60).toBeLessThanOrEqual(0.07);
  });
});
