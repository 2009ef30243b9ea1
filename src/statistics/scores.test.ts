import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from './random.ts';
import { pairedScores, pairedSets, scoreEstimate, setEstimate } from './scores.ts';

const options = { confidence: 0.95, seed: 7 };
const skewed = Float64Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.2, 0.5, 0.5, 1, 1, 0.3, 0, 0, 0.1, 0, 0, 0, 0.9, 0, 0, 0, 0, 0);

describe('scoreEstimate', () => {
  it('equals the BCa bootstrap of SciPy 1.17.1 (200,000 resamples) within resampling noise', () => {
    const estimate = scoreEstimate(skewed, options)!;
    expect(estimate.value).toBeCloseTo(0.15, 12);
    expect(Math.abs(estimate.low - 0.06333)).toBeLessThan(0.01);
    expect(Math.abs(estimate.high - 0.29333)).toBeLessThan(0.02);
  });

  it('is the same for the same seed', () => {
    expect(scoreEstimate(skewed, options)).toEqual(scoreEstimate(skewed, options));
  });

  it('does not claim certainty from equal scores', () => {
    const estimate = scoreEstimate(new Float64Array(20).fill(1), options)!;
    expect(estimate).toMatchObject({ value: 1, high: 1, n: 20 });
    expect(estimate.low).toBeCloseTo(0.8389, 4);
    expect(estimate.method).toContain('wilson');
  });

  it('leaves out what is not a number and has nothing to say without numbers', () => {
    expect(scoreEstimate(Float64Array.of(...skewed, Number.NaN), options)!.n).toBe(skewed.length);
    expect(scoreEstimate(Float64Array.of(Number.NaN), options)).toBeUndefined();
  });

  it('gives scores beyond 0 and 1 an interval too', () => {
    const estimate = scoreEstimate(Float64Array.of(3, 4, 5, 4, 3), options)!;
    expect(estimate).toMatchObject({ value: 3.8, method: 't' });
    expect(estimate.low).toBeLessThan(3.8);
  });

  it('contains the mean and stays within 0 and 1', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }), (scores) => {
        const { value, low, high } = scoreEstimate(Float64Array.from(scores), options)!;
        expect(low).toBeLessThanOrEqual(value);
        expect(high).toBeGreaterThanOrEqual(value);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
      }),
      { numRuns: 25 },
    );
  });

  it('covers the true mean of skewed scores nearly as often as it says', () => {
    const random = seededRandom(21);
    let covered = 0;
    const draws = 120;
    for (let draw = 0; draw < draws; draw++) {
      const scores = Float64Array.from({ length: 80 }, () => random() ** 2);
      const { low, high } = scoreEstimate(scores, { confidence: 0.95, seed: draw })!;
      if (low <= 1 / 3 && 1 / 3 <= high) covered++;
    }
    expect(covered / draws).toBeGreaterThan(0.9);
  });
});

describe('pairedScores', () => {
  it('sees a steady difference and its sign', () => {
    const better = skewed.map((score, row) => Math.min(1, score + (row % 2 === 0 ? 0.2 : 0.1)));
    const gain = pairedScores(better, skewed, options)!;
    expect(gain.low).toBeGreaterThan(0);
    expect(gain.p).toBeLessThan(0.01);
    expect(pairedScores(skewed, better, options)!.value).toBeCloseTo(-gain.value, 12);
  });

  it('counts only rows where both have a score', () => {
    expect(pairedScores(Float64Array.of(1, Number.NaN, 0), Float64Array.of(0, 1, 0), options)!.n).toBe(2);
    expect(pairedScores(Float64Array.of(Number.NaN), Float64Array.of(1), options)).toBeUndefined();
  });

  it('does not claim that two equal columns stay equal', () => {
    const gain = pairedScores(skewed, skewed, options)!;
    expect(gain).toMatchObject({ value: 0, p: 1 });
    expect(gain.high).toBeGreaterThan(0.05);
    expect(gain.low).toBe(-gain.high);
  });
});

describe('setEstimate and pairedSets', () => {
  it('resample a number over the whole set', () => {
    const right = (rows: Int32Array) => rows.filter((row) => row < 70).length / rows.length;
    const estimate = setEstimate(100, right, options);
    expect(estimate).toMatchObject({ value: 0.7, n: 100, method: 'bca bootstrap' });
    // the normal interval of 70 of 100 is 0.610 to 0.790
    expect(Math.abs(estimate.low - 0.61)).toBeLessThan(0.025);
    expect(Math.abs(estimate.high - 0.79)).toBeLessThan(0.025);
    expect(pairedSets(100, (rows) => right(rows) - 0.5, options).low).toBeGreaterThan(0);
  });
});
