import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalCdf, normalCritical, studentCritical } from './distributions.ts';
import { meanEstimate, moments } from './mean.ts';

const sample = Float64Array.of(2.1, 3.4, 1.9, 5.6, 4.4, 3.8, 2.7, 6.1);

describe('distributions', () => {
  it.each([
    // SciPy 1.17.1 t.ppf(1 - (1 - confidence) / 2, df)
    { df: 1, confidence: 0.95, critical: 12.706204736174694 },
    { df: 10, confidence: 0.95, critical: 2.228138851986274 },
    { df: 239, confidence: 0.99, critical: 2.5965561931824257 },
    { df: 3, confidence: 0.9, critical: 2.3533634348018233 },
  ])('has $critical as critical value of t with $df degrees of freedom at $confidence', ({ df, confidence, critical }) => {
    expect(studentCritical(confidence, df)).toBeCloseTo(critical, 8);
  });

  it('has the familiar normal values', () => {
    expect(normalCritical(0.95)).toBeCloseTo(1.959963984540054, 12);
    expect(normalCdf(1.959963984540054)).toBeCloseTo(0.975, 6);
    expect(normalCdf(-1)).toBeCloseTo(0.15865525393145707, 6);
  });
});

describe('meanEstimate', () => {
  it.each([
    // SciPy 1.17.1 t.interval over the standard error of the mean
    { confidence: 0.95, low: 2.4571568082776745, high: 5.0428431917223255 },
    { confidence: 0.9, low: 2.714151260343578, high: 4.785848739656421 },
  ])('equals SciPy at $confidence', ({ confidence, low, high }) => {
    const estimate = meanEstimate(sample, confidence)!;
    expect(estimate.value).toBeCloseTo(3.75, 12);
    expect(estimate.low).toBeCloseTo(low, 9);
    expect(estimate.high).toBeCloseTo(high, 9);
  });

  it('leaves out what is not a number, and has nothing to say for fewer than two numbers', () => {
    expect(meanEstimate(Float64Array.of(...sample, Number.NaN), 0.95)).toEqual(meanEstimate(sample, 0.95));
    expect(meanEstimate(Float64Array.of(3, Number.NaN), 0.95)).toBeUndefined();
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
