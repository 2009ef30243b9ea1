import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calibrated, calibrationFigures, fitCalibration, type ScoredAnswer } from './cascade-calibration.ts';
import { seededRandom } from './random.ts';

/** Answers that are right with probability σ(slope · score + intercept). */
function drawn(n: number, slope: number, intercept: number, seed = 1): ScoredAnswer[] {
  const random = seededRandom(seed);
  return Array.from({ length: n }, () => {
    const score = 6 * random() - 3;
    return { score, right: random() < 1 / (1 + Math.exp(-(slope * score + intercept))) ? 1 : 0 };
  });
}

describe('calibration', () => {
  test('finds the probabilities that rows were drawn by', () => {
    const { slope, intercept } = fitCalibration(drawn(20_000, 0.8, -0.5));
    expect(slope).toBeCloseTo(0.8, 1);
    expect(intercept).toBeCloseTo(-0.5, 1);
  });

  test('is never certain, however well rows are told apart', () => {
    const rows = Array.from({ length: 40 }, (_, row) => ({ score: row < 20 ? -30 : 30, right: row < 20 ? 0 : 1 }));
    const fit = fitCalibration(rows);
    // Platt's targets: 21/22 and 1/22
    expect(calibrated(fit, 30)).toBeCloseTo(21 / 22, 2);
    expect(calibrated(fit, -30)).toBeCloseTo(1 / 22, 2);
  });

  test('gives everybody the share of right answers where a score says nothing or the contrary', () => {
    for (const rows of [drawn(1000, 0, 1), drawn(1000, -2, 0)]) {
      const share = rows.reduce((sum, { right }) => sum + right, 0) / rows.length;
      const fit = fitCalibration(rows);
      expect(Math.abs(calibrated(fit, 3) - share)).toBeLessThan(0.15);
      expect(calibrated(fit, 3)).toBeGreaterThan(calibrated(fit, -3));
    }
  });

  test('keeps the order of scores and stays between 0 and 1, whatever the rows', () => {
    const row = fc.record({ score: fc.double({ min: -1000, max: 30, noNaN: true }), right: fc.double({ min: 0, max: 1, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), (rows) => {
        const fit = fitCalibration(rows);
        expect(fit.slope).toBeGreaterThan(0);
        for (const score of [-1000, -1, 0, 1, 30]) {
          const value = calibrated(fit, score);
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        }
        expect(calibrated(fit, 1)).toBeGreaterThanOrEqual(calibrated(fit, 0));
      }),
    );
  });
});

describe('the calibration error', () => {
  test('of a well-fitted confidence is what a perfect one would show; of a step it cannot follow, more', () => {
    const good = calibrationFigures(drawn(1000, 1, 0), 3);
    expect(good.error).toBeLessThan(good.expectedHigh);
    expect(good.expected).toBeGreaterThan(0);
    expect(good).toMatchObject({ n: 1000, bins: 10 });
    const random = seededRandom(2);
    const bumpy = Array.from({ length: 1000 }, () => {
      const score = 6 * random() - 3;
      return { score, right: Math.abs(score) < 1.5 ? 1 : 0 };
    });
    const bad = calibrationFigures(bumpy, 3);
    expect(bad.error).toBeGreaterThan(2 * bad.expectedHigh);
  });

  test('is a number with few rows and with none', () => {
    for (const n of [0, 1, 3]) {
      const { error, expected, bins } = calibrationFigures(drawn(n, 1, 0), 1);
      expect([error, expected].every(Number.isFinite)).toBe(true);
      expect(bins).toBe(1);
    }
  });
});
