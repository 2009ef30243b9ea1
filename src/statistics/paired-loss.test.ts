import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairedLoss } from './paired-loss.ts';
import { pairedShares } from './paired-proportions.ts';

const options = { confidence: 0.95, seed: 1 };
const columns = (...pairs: (readonly [number, number])[]) =>
  [Float64Array.from(pairs, ([before]) => before), Float64Array.from(pairs, ([, after]) => after)] as const;
const repeated = (count: number, pair: readonly [number, number]) => Array.from({ length: count }, () => pair);

describe('what rows lost', () => {
  it('is the paired difference of shares where scores are right or wrong, of means where they are not', () => {
    const [before, after] = columns(...repeated(36, [1, 1]), ...repeated(12, [1, 0]), ...repeated(2, [0, 1]));
    const loss = pairedLoss(before, after, options)!;
    expect(loss.value).toBeCloseTo(0.2, 12);
    expect(loss).toEqual(pairedShares(before, after, options));
    expect(loss).toMatchObject({ n: 50, method: 'newcombe paired, mcnemar mid-p' });
    const [half, less] = columns([0.5, 0.25], [1, 0.5], [0.5, 0.5]);
    expect(pairedLoss(half, less, options)).toMatchObject({ value: 0.25, n: 3, method: 'paired bca bootstrap' });
  });

  it('leaves out rows that one of them has no number for, and is undefined without any', () => {
    const [before, after] = columns([1, 1], [Number.NaN, 0], [0, Number.NaN]);
    expect(pairedLoss(before, after, options)).toMatchObject({ value: 0, n: 1 });
    expect(pairedLoss(new Float64Array(0), new Float64Array(0), options)).toBeUndefined();
  });

  it('has its value inside its interval, and turns round with the two sides', () => {
    const score = fc.constantFrom(0, 0.25, 0.5, 1);
    fc.assert(
      fc.property(fc.array(fc.tuple(score, score), { minLength: 2, maxLength: 30 }), (pairs) => {
        const [before, after] = columns(...pairs);
        const [loss, gain] = [pairedLoss(before, after, options)!, pairedLoss(after, before, options)!];
        expect(loss.low).toBeLessThanOrEqual(loss.value + 1e-12);
        expect(loss.high).toBeGreaterThanOrEqual(loss.value - 1e-12);
        expect(gain.value).toBeCloseTo(-loss.value, 12);
      }),
      { numRuns: 25 },
    );
  });
});
