import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from './random.ts';
import { fewestRows, safeThreshold } from './risk-control.ts';

const grid = Array.from({ length: 41 }, (_, step) => Number((1 - step / 40).toFixed(3)));

/** Rows whose accepted answers lose in `1 − confidence` of the cases. */
function drawn(n: number, seed: number) {
  const random = seededRandom(seed);
  const confidence = Float64Array.from({ length: n }, () => random());
  return { confidence, loss: confidence.map((sure) => (random() < (1 - sure) ** 2 ? 1 : random() < 0.03 ? -1 : 0)) };
}

/** Mean loss of accepting from a threshold on, over all rows of that kind. */
const trueLoss = (threshold: number) => {
  const steps = 2000;
  let sum = 0;
  for (let step = 0; step < steps; step++) {
    const sure = (step + 0.5) / steps;
    if (sure >= threshold) sum += (1 - sure) ** 2 - (1 - (1 - sure) ** 2) * 0.03;
  }
  return sum / steps;
};

describe('a threshold under a bound', () => {
  test.each([undefined, 'groups'])('loses more than the bound in no more than the stated share of draws (%s)', (groups) => {
    const draws = 50;
    let beyond = 0;
    let accepted = 0;
    for (let seed = 1; seed <= draws; seed++) {
      const rows = drawn(groups === undefined ? 120 : 300, seed);
      const clusters = groups === undefined ? undefined : Int32Array.from(rows.loss, (_, row) => Math.floor(row / 2));
      const found = safeThreshold({ ...rows, clusters }, { bound: 0.05, error: 0.1, grid, seed: 1 });
      accepted += found.accepted;
      if (found.threshold !== undefined && trueLoss(found.threshold) > 0.05) beyond++;
    }
    // more than 11 of 50 come at 10 % with a chance under 0.005
    expect(beyond).toBeLessThanOrEqual(11);
    expect(accepted / draws).toBeGreaterThan(groups === undefined ? 0.2 : 0.1);
  });

  test('is never found where accepting always loses, nor with too few rows, nor for what is no number', () => {
    const rows = { confidence: new Float64Array(500).fill(0.9), loss: new Float64Array(500).fill(1) };
    expect(safeThreshold(rows, { bound: 0.05, error: 0.05, grid, seed: 1 })).toEqual({ threshold: undefined, accepted: 0, loss: 0 });
    const few = { confidence: new Float64Array(100).fill(0.9), loss: new Float64Array(100) };
    expect(safeThreshold(few, { bound: 0.02, error: 0.05, grid, seed: 1 }).threshold).toBeUndefined();
    expect(
      safeThreshold({ ...few, loss: few.loss.fill(Number.NaN) }, { bound: 0.02, error: 0.05, grid, seed: 1 }).threshold,
    ).toBeUndefined();
    const unknown = { confidence: new Float64Array(300).fill(Number.NaN), loss: new Float64Array(300).fill(1) };
    expect(safeThreshold(unknown, { bound: 0.02, error: 0.05, grid, seed: 1 }).accepted).toBe(0);
  });

  test('takes graded losses, and goes as far as there is nothing to lose', () => {
    const confidence = Float64Array.from({ length: 600 }, (_, row) => row / 600);
    const graded = { confidence, loss: confidence.map((sure) => (sure < 0.5 ? 0.4 : 0)) };
    const { threshold, loss } = safeThreshold(graded, { bound: 0.05, error: 0.05, grid, seed: 1 });
    expect(threshold).toBeGreaterThan(0.3);
    expect(threshold).toBeLessThanOrEqual(0.5);
    expect(loss).toBeLessThan(0.05);
  });

  test('a larger bound never accepts less', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: 0.01, max: 0.3, noNaN: true }),
        fc.double({ min: 0, max: 0.3, noNaN: true }),
        (seed, bound, more) => {
          const rows = drawn(120, seed);
          const [strict, loose] = [bound, bound + more].map((each) => safeThreshold(rows, { bound: each, error: 0.05, grid, seed: 1 }));
          expect(loose!.accepted).toBeGreaterThanOrEqual(strict!.accepted);
        },
      ),
      { numRuns: 15 },
    );
  });

  test('takes so many rows even where nothing is lost', () => {
    // 0.98¹⁴⁹ < 0.05 < 0.98¹⁴⁸
    expect(fewestRows(0.02, 0.05)).toBe(149);
    expect(fewestRows(0, 0.05)).toBe(Number.POSITIVE_INFINITY);
  });
});
