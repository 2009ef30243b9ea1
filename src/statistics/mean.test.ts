import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalCdf, normalCritical, studentCritical, studentTails } from './distributions.ts';
import { meanEstimate, moments } from './mean.ts';
import references from './references/statistics.json' with { type: 'json' };

const sample = Float64Array.from(references.t.values);

describe('distributions', () => {
  it.each(references.student)("have SciPy's critical value of t with $degrees degrees of freedom at $confidence", (reference) => {
    expect(studentCritical(reference.confidence, reference.degrees)).toBeCloseTo(reference.critical, 8);
  });

  it.each(references.studentTails)("have SciPy's tails of t beyond $t with $degrees degrees of freedom", ({ t, degrees, p }) => {
    expect(studentTails(t, degrees) / p).toBeCloseTo(1, 6);
    expect(studentTails(-t, degrees)).toBe(studentTails(t, degrees));
  });

  it.each(references.normal)("have SciPy's normal distribution function at $z", ({ z, below }) => {
    expect(normalCdf(z)).toBeCloseTo(below, 6);
  });

  it('turn the normal distribution function round', () => {
    expect(normalCdf(normalCritical(0.95))).toBeCloseTo(0.975, 6);
  });
});

describe('meanEstimate', () => {
  it.each(references.t.intervals)('equals SciPy at $confidence', ({ confidence, low, high }) => {
    const estimate = meanEstimate(sample, confidence)!;
    expect(estimate.value).toBeCloseTo(3.75, 12);
    expect(estimate.low).toBeCloseTo(low, 9);
    expect(estimate.high).toBeCloseTo(high, 9);
  });

  it('leaves out what is not a number, and has nothing to say for fewer than two numbers', () => {
    expect(meanEstimate(Float64Array.of(...sample, Number.NaN), 0.95)).toEqual(meanEstimate(sample, 0.95));
    expect(meanEstimate(Float64Array.of(3, Number.NaN), 0.95)).toBeUndefined();
  });

  it.each([references.clustersOfOneSize, references.clustersOfOtherSizes])('is robust to clusters as its reference is', (reference) => {
    const clusters = Int32Array.from(reference.clusters);
    const estimate = meanEstimate(Float64Array.from(reference.values), reference.confidence, clusters)!;
    expect(estimate.low).toBeCloseTo(reference.low, 8);
    expect(estimate.high).toBeCloseTo(reference.high, 8);
    expect(estimate.method).toMatch(/^t, \d+ clusters$/);
  });

  it('says nothing of a single cluster, and is the plain one for clusters of one row', () => {
    expect(meanEstimate(sample, 0.95, new Int32Array(sample.length))).toBeUndefined();
    expect(meanEstimate(sample, 0.95, Int32Array.from(sample.keys()))).toEqual(meanEstimate(sample, 0.95));
  });

  it('moves with a shift of all values', () => {
    const values = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(values, fc.double({ min: -1e3, max: 1e3, noNaN: true }), (numbers, shift) => {
        const here = meanEstimate(Float64Array.from(numbers), 0.95)!;
        const there = meanEstimate(
          Float64Array.from(numbers, (number) => number + shift),
          0.95,
        )!;
        expect(there.value).toBeCloseTo(here.value + shift, 6);
        expect(there.high - there.low).toBeCloseTo(here.high - here.low, 6);
        expect(moments(Float64Array.from(numbers)).n).toBe(numbers.length);
      }),
    );
  });
});
