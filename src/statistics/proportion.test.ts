import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { proportionEstimate, wilsonInterval } from './proportion.ts';
import { seededRandom } from './random.ts';

describe('wilsonInterval', () => {
  it.each([
    // Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3
    { successes: 81, n: 263, confidence: 0.95, low: 0.2553, high: 0.3662, digits: 4 },
    { successes: 15, n: 148, confidence: 0.95, low: 0.0624, high: 0.1605, digits: 4 },
    { successes: 0, n: 20, confidence: 0.95, low: 0, high: 0.1611, digits: 4 },
    // statsmodels 0.15.0 proportion_confint(method="wilson")
    { successes: 29, n: 29, confidence: 0.95, low: 0.8830302015002593, high: 1, digits: 10 },
    { successes: 223, n: 240, confidence: 0.95, low: 0.8895031557540064, high: 0.9553080629628224, digits: 10 },
    { successes: 841, n: 1319, confidence: 0.9, low: 0.6155723575016326, high: 0.6590727794562935, digits: 10 },
  ])('gives $low to $high for $successes of $n', ({ successes, n, confidence, low, high, digits }) => {
    const interval = wilsonInterval(successes, n, confidence);
    expect(interval.low).toBeCloseTo(low, digits);
    expect(interval.high).toBeCloseTo(high, digits);
  });

  const counts = fc.tuple(fc.integer({ min: 1, max: 100_000 }), fc.double({ min: 0, max: 1, noNaN: true })).map(([n, share]) => ({
    n,
    successes: Math.round(n * share),
  }));

  it('contains the estimate, stays within 0 and 1, and mirrors when right and wrong are swapped', () => {
    fc.assert(
      fc.property(counts, ({ successes, n }) => {
        const interval = wilsonInterval(successes, n, 0.95);
        const mirrored = wilsonInterval(n - successes, n, 0.95);
        expect(interval.low).toBeLessThanOrEqual(successes / n);
        expect(interval.high).toBeGreaterThanOrEqual(successes / n);
        expect(interval.low).toBeGreaterThanOrEqual(0);
        expect(interval.high).toBeLessThanOrEqual(1);
        expect(mirrored.low).toBeCloseTo(1 - interval.high, 9);
      }),
    );
  });

  it('narrows with more rows and widens with more confidence', () => {
    fc.assert(
      fc.property(counts, ({ successes, n }) => {
        const width = (interval: { low: number; high: number }) => interval.high - interval.low;
        const here = width(wilsonInterval(successes, n, 0.95));
        expect(width(wilsonInterval(successes * 2, n * 2, 0.95))).toBeLessThan(here);
        expect(width(wilsonInterval(successes, n, 0.99))).toBeGreaterThan(here);
      }),
    );
  });

  it('covers the truth about as often as it says, over true shares and seeded draws', () => {
    const random = seededRandom(11);
    let covered = 0;
    const draws = 4000;
    for (let draw = 0; draw < draws; draw++) {
      const truth = 0.05 + 0.9 * random();
      let successes = 0;
      for (let row = 0; row < 120; row++) if (random() < truth) successes++;
      const { low, high } = wilsonInterval(successes, 120, 0.95);
      if (low <= truth && truth <= high) covered++;
    }
    expect(covered / draws).toBeGreaterThan(0.94);
    expect(covered / draws).toBeLessThan(0.965);
  });

  it('has nothing to say without rows', () => {
    expect(proportionEstimate(0, 0, 0.95)).toBeUndefined();
    expect(wilsonInterval(0, 0, 0.95)).toEqual({ low: 0, high: 1 });
  });
});
