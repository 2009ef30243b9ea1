import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { betaEstimate, exactEstimate, exactInterval, proportionEstimate, shareEstimate, wilsonInterval } from './proportion.ts';
import { seededRandom } from './random.ts';
import references from './references/statistics.json' with { type: 'json' };

const share = (successes: number, n: number) => Float64Array.from({ length: n }, (_, row) => (row < successes ? 1 : 0));

describe('wilsonInterval', () => {
  it.each([
    // Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3
    { successes: 81, n: 263, confidence: 0.95, low: 0.2553, high: 0.3662, digits: 4 },
    { successes: 15, n: 148, confidence: 0.95, low: 0.0624, high: 0.1605, digits: 4 },
    { successes: 0, n: 20, confidence: 0.95, low: 0, high: 0.1611, digits: 4 },
    ...references.wilson.map((reference) => ({ ...reference, digits: 10 })),
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

describe('shares of 0/1 scores', () => {
  it.each(references.wilson)('have the Wilson interval for $successes of $n', ({ successes, n, confidence, low, high }) => {
    const estimate = shareEstimate(share(successes, n), { confidence })!;
    expect(estimate).toMatchObject({ value: successes / n, n, method: 'wilson' });
    expect(estimate.low).toBeCloseTo(low, 10);
    expect(estimate.high).toBeCloseTo(high, 10);
  });

  it.each(references.jeffreys)("have statsmodels' Jeffreys interval for $successes of $n", ({ successes, n, confidence, low, high }) => {
    const estimate = betaEstimate(share(successes, n), { confidence })!;
    expect(estimate.low).toBeCloseTo(low, 8);
    expect(estimate.high).toBeCloseTo(high, 8);
  });

  it.each(references.clopperPearson)("have statsmodels' exact interval for $successes of $n", ({ successes, n, confidence, low, high }) => {
    const interval = exactInterval(successes, n, confidence);
    expect(interval.low).toBeCloseTo(low, 8);
    expect(interval.high).toBeCloseTo(high, 8);
  });

  it('reach to the end where no row is wrong, or none right', () => {
    expect(betaEstimate(share(20, 20), { confidence: 0.95 })).toMatchObject({ value: 1, high: 1 });
    expect(betaEstimate(share(0, 20), { confidence: 0.95 })).toMatchObject({ value: 0, low: 0 });
  });

  it.each([shareEstimate, betaEstimate, exactEstimate])('are known as well as the groups allow', (estimateOf) => {
    // ten groups, in each of which all rows are alike: ten rows' worth, less what few groups cost
    const scores = Float64Array.from({ length: 100 }, (_, row) => (row < 70 ? 1 : 0));
    const clusters = Int32Array.from({ length: 100 }, (_, row) => Math.floor(row / 10));
    const grouped = estimateOf(scores, { confidence: 0.95, clusters })!;
    const ten = estimateOf(share(7, 10), { confidence: 0.95 })!;
    expect(grouped).toMatchObject({ value: 0.7, n: 100 });
    expect(grouped.method).toContain('10 clusters');
    expect(grouped.low).toBeLessThan(ten.low);
    expect(grouped.high).toBeGreaterThan(ten.high);
  });

  it('are worth at least one row a group where all rows are alike, and say nothing of a single group', () => {
    const clusters = Int32Array.from({ length: 100 }, (_, row) => Math.floor(row / 10));
    const alike = shareEstimate(share(100, 100), { confidence: 0.95, clusters })!;
    expect(alike.low).toBeCloseTo(wilsonInterval(10, 10, 0.95).low, 12);
    const one = shareEstimate(share(60, 100), { confidence: 0.95, clusters: new Int32Array(100) });
    expect(one).toMatchObject({ value: 0.6, low: 0, high: 1, n: 100, method: 'one group: no interval' });
  });

  it('leave out what is not a number, with its group', () => {
    const scores = Float64Array.of(1, Number.NaN, 0, 1, 1, Number.NaN);
    const clusters = Int32Array.of(0, 0, 1, 2, 3, 3);
    expect(shareEstimate(scores, { confidence: 0.95, clusters })).toEqual(shareEstimate(Float64Array.of(1, 0, 1, 1), { confidence: 0.95 }));
    expect(shareEstimate(Float64Array.of(Number.NaN), { confidence: 0.95 })).toBeUndefined();
  });

  it('are never known better than without groups', () => {
    const rows = fc.array(fc.tuple(fc.boolean(), fc.nat(8)), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(rows, (drawn) => {
        const scores = Float64Array.from(drawn, ([right]) => (right ? 1 : 0));
        const clusters = Int32Array.from(drawn, ([, group]) => group);
        const plain = shareEstimate(scores, { confidence: 0.95 })!;
        const grouped = shareEstimate(scores, { confidence: 0.95, clusters })!;
        expect(grouped.low).toBeLessThanOrEqual(plain.low + 1e-12);
        expect(grouped.high).toBeGreaterThanOrEqual(plain.high - 1e-12);
        expect(grouped.low).toBeGreaterThanOrEqual(0);
        expect(grouped.high).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('cover the truth about as often as they say, in 50 groups of 10, where plain intervals do not', () => {
    const random = seededRandom(17);
    const clusters = Int32Array.from({ length: 500 }, (_, row) => Math.floor(row / 10));
    const draws = 400;
    let covered = 0;
    let plainlyCovered = 0;
    for (let draw = 0; draw < draws; draw++) {
      const scores = new Float64Array(500);
      for (let group = 0; group < 50; group++) {
        // two thirds of the groups are easy (0.9 right), one third hard (0.3): 0.7 on the whole
        const chance = random() < 2 / 3 ? 0.9 : 0.3;
        for (let row = 0; row < 10; row++) scores[10 * group + row] = random() < chance ? 1 : 0;
      }
      const grouped = shareEstimate(scores, { confidence: 0.95, clusters })!;
      const plain = shareEstimate(scores, { confidence: 0.95 })!;
      if (grouped.low <= 0.7 && 0.7 <= grouped.high) covered++;
      if (plain.low <= 0.7 && 0.7 <= plain.high) plainlyCovered++;
    }
    expect(covered / draws).toBeGreaterThan(0.92);
    expect(covered / draws).toBeLessThan(0.98);
    expect(plainlyCovered / draws).toBeLessThan(0.8);
  });
});
