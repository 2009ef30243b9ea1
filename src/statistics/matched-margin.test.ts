import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchedMarginP } from './matched-margin.ts';

const n = 24;
const margin = 0.15;
const levels = [0.01, 0.05, 0.2];
/** p-values of every outcome of n rows. */
const outcomes = Array.from({ length: n + 1 }, (_, lost) =>
  Array.from({ length: n + 1 - lost }, (_ignored, won) => ({ lost, won, p: matchedMarginP({ lost, won, n }, margin) })),
).flat();

/** Chance of an outcome, by counting: lost and won are drawn from three kinds of rows. */
function chance(lost: number, won: number, losing: number, winning: number): number {
  const logs = [0];
  for (let k = 1; k <= n; k++) logs.push(logs[k - 1]! + Math.log(k));
  const ways = logs[n]! - logs[lost]! - logs[won]! - logs[n - lost - won]!;
  const power = (base: number, times: number) => (times === 0 ? 0 : times * Math.log(base));
  return Math.exp(ways + power(losing, lost) + power(winning, won) + power(Math.max(0, 1 - losing - winning), n - lost - won));
}

describe('the exact test that a paired difference is under a margin', () => {
  test('without any event it is as the binomial test, at the first rows that suffice', () => {
    expect(matchedMarginP({ lost: 0, won: 0, n: 149 }, 0.02)).toBeCloseTo(0.98 ** 149, 3);
    expect(matchedMarginP({ lost: 0, won: 0, n: 149 }, 0.02)).toBeLessThan(0.05);
    expect(matchedMarginP({ lost: 0, won: 0, n: 148 }, 0.02)).toBeGreaterThan(0.05);
  });

  test('errs no more often than stated, whatever the chance of a win and however far beyond the margin', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.42, noNaN: true }), fc.double({ min: 0, max: 0.1, noNaN: true }), (winning, beyond) => {
        const losing = Math.min(1 - winning, winning + margin + beyond);
        for (const level of levels) {
          const wrong = outcomes.filter(({ p }) => p <= level).reduce((sum, { lost, won }) => sum + chance(lost, won, losing, winning), 0);
          expect(wrong).toBeLessThanOrEqual(level + 1e-9);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a further loss never speaks for it', () => {
    for (const { lost, won, p } of outcomes) {
      const more = outcomes.find((other) => other.lost === lost + 1 && other.won === won);
      if (more !== undefined) expect(more.p).toBeGreaterThanOrEqual(p - 1e-12);
    }
  });

  test('is near the normal approximation for many rows', () => {
    // 90 lost, 80 won of 4,000: z = (10 − 80) / √170 = −5.4; a margin of 0.5 points: z = (10 − 20) / √170 = −0.77
    expect(matchedMarginP({ lost: 90, won: 80, n: 4000 }, 0.02)).toBeLessThan(0.001);
    expect(matchedMarginP({ lost: 90, won: 80, n: 4000 }, 0.005)).toBeCloseTo(0.22, 1);
    expect(matchedMarginP({ lost: 90, won: 60, n: 1000 }, 0.02)).toBe(1);
  });
});
