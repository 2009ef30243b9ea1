import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holmAdjusted } from './holm.ts';
import { detectableDifference, pairsToSee, rowsToLeaveBound, rowsToShrink } from './power.ts';
import { wilsonInterval } from './proportion.ts';
import references from './references/statistics.json' with { type: 'json' };

describe('holmAdjusted', () => {
  it("equals statsmodels' multipletests", () => {
    const { pValues, adjusted } = references.holm;
    for (const [index, p] of holmAdjusted(pValues).entries()) expect(p).toBeCloseTo(adjusted[index]!, 12);
  });

  it('never lowers a p-value, never passes 1 and keeps the order', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }), (pValues) => {
        const adjusted = holmAdjusted(pValues);
        for (const [index, p] of pValues.entries()) {
          expect(adjusted[index]).toBeGreaterThanOrEqual(p);
          expect(adjusted[index]).toBeLessThanOrEqual(1);
          for (const [other, q] of pValues.entries()) if (p < q) expect(adjusted[index]!).toBeLessThanOrEqual(adjusted[other]!);
        }
      }),
    );
  });
});

describe('pairsToSee', () => {
  it.each(references.pairsToSee)('is the formula rounded up to whole pairs: $pairs', ({ pairs, ...input }) => {
    expect(pairsToSee(input)).toBe(Math.ceil(pairs));
  });

  it('is 864 pairs for 3 points at 10 % discordance and 80 % power, 1,736 at 20 %, or the one more that rounding up gives', () => {
    const base = { difference: 0.03, confidence: 0.95, power: 0.8 };
    // the formula gives 864.2 and 1,736.3
    expect(pairsToSee({ ...base, discordance: 0.1 })).toBe(865);
    expect(pairsToSee({ ...base, discordance: 0.2 })).toBe(1737);
  });

  it('grows with the rows that one independent row stands for', () => {
    const base = { difference: 0.03, discordance: 0.1, confidence: 0.95, power: 0.8 };
    expect(Math.abs(pairsToSee({ ...base, designEffect: 3 })! - 3 * pairsToSee(base)!)).toBeLessThan(3);
  });

  it('knows that no difference is never seen', () => {
    expect(pairsToSee({ difference: 0, discordance: 0.2, confidence: 0.95, power: 0.8 })).toBeUndefined();
  });
});

describe('detectableDifference', () => {
  const base = { discordance: 0.1, confidence: 0.95, power: 0.8 };

  it('is what so many pairs show', () => {
    const pairs = fc.integer({ min: 2, max: 100_000 });
    fc.assert(
      fc.property(
        pairs,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 1, max: 5, noNaN: true }),
        (rows, discordance, designEffect) => {
          const input = { ...base, discordance, designEffect };
          const difference = detectableDifference({ ...input, pairs: rows })!;
          expect(difference).toBeGreaterThan(0);
          expect(difference).toBeLessThanOrEqual(1);
          expect(Math.abs(pairsToSee({ ...input, difference })! - rows)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it('is 3 points at 864 pairs, and unknown without pairs', () => {
    expect(detectableDifference({ ...base, pairs: 864 })).toBeCloseTo(0.03, 4);
    expect(detectableDifference({ ...base, pairs: 0 })).toBeUndefined();
  });
});

describe('rowsToLeaveBound', () => {
  it('is the first number of rows whose interval excludes the bound', () => {
    const share = fc.double({ min: 0.02, max: 0.98, noNaN: true });
    fc.assert(
      fc.property(share, share, (value, bound) => {
        const rows = rowsToLeaveBound(value, bound, 0.95);
        if (rows === undefined) return;
        const outside = (n: number) => {
          const { low, high } = wilsonInterval(value * n, n, 0.95);
          return low > bound || high < bound;
        };
        expect(outside(rows)).toBe(true);
        if (rows > 1) expect(outside(rows - 1)).toBe(false);
      }),
    );
  });

  it('is not known for a value on the bound', () => {
    expect(rowsToLeaveBound(0.9, 0.9, 0.95)).toBeUndefined();
  });
});

describe('rowsToShrink', () => {
  it('is four times the rows for half the reach', () => {
    expect(rowsToShrink({ value: 0.9, low: 0.8, high: 1, n: 100 }, 0.85)).toBe(400);
    expect(rowsToShrink({ value: 0.9, low: 0.8, high: 1, n: 100 }, 0.9)).toBeUndefined();
  });
});
