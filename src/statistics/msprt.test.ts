import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ArmTotals, type LiveDifference, liveDifference } from './msprt.ts';
import { seededRandom } from './random.ts';
import reference from './references/confidence-sequences.json' with { type: 'json' };

const options = { confidence: 0.95, priorDeviation: 0.05 };
const arm = (n: number, sum: number): ArmTotals => ({ n, sum, squares: sum });
const arms = fc.integer({ min: 1, max: 5000 }).chain((n) => fc.integer({ min: 0, max: n }).map((sum) => arm(n, sum)));

describe('liveDifference', () => {
  // confseq 0.0.11 normal_log_mixture, two-sided
  it.each(reference.live)('has the e-value of confseq for $first and $second', ({ first, second, priorDeviation, logE }) => {
    expect(Math.log(liveDifference(first, second, { confidence: 0.95, priorDeviation }).eValue)).toBeCloseTo(logE, 10);
  });

  it('shows a difference exactly where its interval leaves out 0, and orders its ends', () => {
    fc.assert(
      fc.property(arms, arms, (first, second) => {
        const { low, value, high, p, eValue, differs } = liveDifference(first, second, options);
        expect(low).toBeLessThanOrEqual(value);
        expect(high).toBeGreaterThanOrEqual(value);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
        expect(Number.isFinite(eValue)).toBe(true);
        expect(differs).toBe(low > 0 || high < 0);
        expect(eValue > 20).toBe(differs);
      }),
    );
  });

  it('changes sign where the arms change places', () => {
    fc.assert(
      fc.property(arms, arms, (first, second) => {
        const here = liveDifference(first, second, options);
        const there = liveDifference(second, first, options);
        expect(there.value).toBeCloseTo(-here.value, 12);
        expect(there.low).toBeCloseTo(-here.high, 12);
        expect(there.eValue / here.eValue).toBeCloseTo(1, 9);
      }),
    );
  });

  it('only ever tightens from look to look', () => {
    const random = seededRandom(2);
    let [first, second] = [0, 0];
    let previous: LiveDifference | undefined;
    for (let n = 1; n <= 500; n++) {
      first += random() < 0.9 ? 1 : 0;
      second += random() < 0.7 ? 1 : 0;
      const now = liveDifference(arm(n, first), arm(n, second), { ...options, previous });
      expect(now.p).toBeLessThanOrEqual(previous?.p ?? 1);
      expect(now.low).toBeGreaterThanOrEqual(Math.min(previous?.low ?? -1, now.value));
      expect(now.high).toBeLessThanOrEqual(Math.max(previous?.high ?? 1, now.value));
      previous = now;
    }
    expect(previous!.differs).toBe(true);
    expect(previous!.low).toBeGreaterThan(0);
  });

  it('claims a difference between equal arms no more often than stated, looked at after every request', () => {
    const random = seededRandom(11);
    let claims = 0;
    for (let world = 0; world < 150; world++) {
      let [first, second] = [0, 0];
      for (let n = 1; n <= 400; n++) {
        first += random() < 0.5 ? 1 : 0;
        second += random() < 0.5 ? 1 : 0;
        if (!liveDifference(arm(n, first), arm(n, second), { ...options, priorDeviation: 0.2 }).differs) continue;
        claims++;
        break;
      }
    }
    expect(claims / 150).toBeLessThanOrEqual(0.05);
  });

  it('knows nothing before both arms have an outcome, and is no surer of arms without spread than it may be', () => {
    expect(liveDifference(arm(0, 0), arm(3, 3), options)).toMatchObject({ low: -1, high: 1, p: 1, eValue: 1, differs: false });
    expect(liveDifference(arm(1, 1), arm(1, 0), options).differs).toBe(false);
    expect(liveDifference(arm(1e6, 1e6), arm(1e6, 0), { ...options, priorDeviation: 1 })).toMatchObject({ p: 0, differs: true });
  });

  it.each([
    { what: 'more successes than outcomes', first: arm(3, 4), priorDeviation: 0.1, code: 'arm-totals-impossible' },
    { what: 'a count that is not one', first: arm(Number.NaN, 0), priorDeviation: 0.1, code: 'arm-totals-impossible' },
    { what: 'squares over their sum', first: { n: 4, sum: 2, squares: 3 }, priorDeviation: 0.1, code: 'arm-totals-impossible' },
    { what: 'no prior spread', first: arm(3, 2), priorDeviation: 0, code: 'prior-deviation-out-of-range' },
  ])('refuses $what', ({ first, priorDeviation, code }) => {
    expect(() => liveDifference(first, arm(3, 1), { confidence: 0.95, priorDeviation })).toThrow(expect.objectContaining({ code }));
  });
});
