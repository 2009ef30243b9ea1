import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from './random.ts';
import references from './references/statistics.json' with { type: 'json' };
import { pairedScores, pairedSets, scoreEstimate, setEstimate } from './scores.ts';

const options = { confidence: 0.95, seed: 7 };
const skewed = Float64Array.from(references.bca[0]!.values);

describe('scoreEstimate', () => {
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

describe('scores in groups', () => {
  const clusters = Int32Array.from({ length: 60 }, (_, row) => Math.floor(row / 6));
  const random = seededRandom(4);
  const levels = Array.from({ length: 10 }, random);
  const scores = Float64Array.from(clusters, (cluster) => 0.8 * levels[cluster]! + 0.2 * random());

  it('draw whole groups', () => {
    const grouped = scoreEstimate(scores, { ...options, clusters })!;
    const plain = scoreEstimate(scores, options)!;
    expect(grouped).toMatchObject({ value: plain.value, n: 60, method: 'bca bootstrap, 10 clusters' });
    expect(grouped.high - grouped.low).toBeGreaterThan(1.8 * (plain.high - plain.low));
  });

  it('are worth at least a row a group where all are alike, and say nothing of a single one', () => {
    expect(scoreEstimate(new Float64Array(60).fill(1), { ...options, clusters })!.low).toBeCloseTo(0.7225, 4);
    const one = { ...options, clusters: new Int32Array(60) };
    expect(scoreEstimate(scores, one)).toMatchObject({ low: 0, high: 1, method: 'one group: no interval' });
    expect(pairedScores(scores, new Float64Array(60), one)).toMatchObject({ low: -1, high: 1, p: 1 });
    expect(
      scoreEstimate(
        scores.map((score) => 10 * score),
        one,
      ),
    ).toBeUndefined();
  });

  it('leave out 0 exactly where the p-value is under the error', () => {
    const shift = fc.double({ min: -0.6, max: 0.1, noNaN: true });
    fc.assert(
      fc.property(shift, (by) => {
        const { low, high, p } = pairedScores(scores, new Float64Array(60).fill(-by), { ...options, clusters })!;
        if (Math.abs(p - 0.05) < 0.005) return;
        expect(low > 0 || high < 0).toBe(p < 0.05);
      }),
      { numRuns: 15 },
    );
  });
});
