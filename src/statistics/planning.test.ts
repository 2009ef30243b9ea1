import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holmAdjusted } from './holm.ts';
import { pairsToSee, rowsToLeaveBound, rowsToShrink } from './power.ts';
import { wilsonInterval } from './proportion.ts';

describe('holmAdjusted', () => {
  it('equals statsmodels 0.15.0 multipletests(method="holm")', () => {
    expect(holmAdjusted([0.01, 0.04, 0.03, 0.005]).map((p) => Number(p.toFixed(12)))).toEqual([0.03, 0.06, 0.06, 0.02]);
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
  it('is about 864 pairs for 3 points at 10 % discordance and 80 % power, 1,736 at 20 %', () => {
    const base = { difference: 0.03, confidence: 0.95, power: 0.8 };
    expect(Math.abs(pairsToSee({ ...base, discordance: 0.1 })! - 864)).toBeLessThanOrEqual(1);
    expect(Math.abs(pairsToSee({ ...base, discordance: 0.2 })! - 1736)).toBeLessThanOrEqual(1);
  });

  it('knows that no difference is never seen', () => {
    expect(pairsToSee({ difference: 0, discordance: 0.2, confidence: 0.95, power: 0.8 })).toBeUndefined();
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
