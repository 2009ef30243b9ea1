import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countPairs, mcnemarMidP, pairedProportions, pairedProportionsInterval, pairedShares } from './paired-proportions.ts';
import { seededRandom } from './random.ts';
import references from './references/statistics.json' with { type: 'json' };

describe('mcnemarMidP', () => {
  it.each([
    // airway hyper-responsiveness before and after transplantation (Bentur et al. 2009): 18 / 256 less 8 / 256, doubled tail and point of a binomial by hand
    { onlyFirst: 1, onlySecond: 7, p: 0.0390625 },
    // complete response before and after consolidation, R package contingencytables, McNemar_midP_test_paired_2x2
    { onlyFirst: 6, onlySecond: 16, p: 0.03469 },
    ...references.mcnemarMidP,
    { onlyFirst: 10, onlySecond: 10, p: 0.8238029479980471 },
    { onlyFirst: 0, onlySecond: 0, p: 1 },
  ])('is $p for $onlyFirst against $onlySecond', ({ onlyFirst, onlySecond, p }) => {
    expect(mcnemarMidP(onlyFirst, onlySecond)).toBeCloseTo(p, 6);
    expect(mcnemarMidP(onlySecond, onlyFirst)).toBe(mcnemarMidP(onlyFirst, onlySecond));
  });

  it('rejects a true "no difference" at most about as often as it says', () => {
    const random = seededRandom(5);
    let rejected = 0;
    const draws = 4000;
    for (let draw = 0; draw < draws; draw++) {
      let onlyFirst = 0;
      let onlySecond = 0;
      for (let row = 0; row < 100; row++) if (random() < 0.3) random() < 0.5 ? onlyFirst++ : onlySecond++;
      if (mcnemarMidP(onlyFirst, onlySecond) < 0.05) rejected++;
    }
    expect(rejected / draws).toBeLessThan(0.058);
    expect(rejected / draws).toBeGreaterThan(0.035);
  });
});

describe('pairedProportionsInterval', () => {
  it('equals the published interval of Cavo et al. 2012 (R package contingencytables)', () => {
    const interval = pairedProportionsInterval({ both: 59, onlyFirst: 6, onlySecond: 16, neither: 80 }, 0.95);
    expect(interval.low).toBeCloseTo(-0.1186, 4);
    expect(interval.high).toBeCloseTo(-0.0046, 4);
  });

  it('equals the independent interval where no correlation remains after its correction (statsmodels 0.15.0, method="newcomb")', () => {
    const interval = pairedProportionsInterval({ both: 1, onlyFirst: 1, onlySecond: 7, neither: 12 }, 0.95);
    expect(interval.low).toBeCloseTo(-0.5069202266861409, 9);
    expect(interval.high).toBeCloseTo(-0.025559124164859837, 9);
  });

  const cells = fc.record({
    both: fc.nat(400),
    onlyFirst: fc.nat(400),
    onlySecond: fc.nat(400),
    neither: fc.nat(400),
  });

  it('contains the difference, stays within −1 and 1, and turns round when the two are swapped', () => {
    fc.assert(
      fc.property(cells, (counts) => {
        const difference = pairedProportions(counts, 0.95);
        if (difference === undefined) return;
        const swapped = pairedProportions({ ...counts, onlyFirst: counts.onlySecond, onlySecond: counts.onlyFirst }, 0.95)!;
        expect(difference.low).toBeLessThanOrEqual(difference.value);
        expect(difference.high).toBeGreaterThanOrEqual(difference.value);
        expect(difference.low).toBeGreaterThanOrEqual(-1);
        expect(difference.high).toBeLessThanOrEqual(1);
        expect(swapped.low).toBeCloseTo(-difference.high, 9);
        expect(swapped.p).toBe(difference.p);
      }),
    );
  });

  it('covers the true difference about as often as it says', () => {
    const random = seededRandom(9);
    let covered = 0;
    const draws = 3000;
    for (let draw = 0; draw < draws; draw++) {
      const counts = { both: 0, onlyFirst: 0, onlySecond: 0, neither: 0 };
      // true shares 0.80 and 0.75
      for (let row = 0; row < 200; row++) {
        const u = random();
        counts[u < 0.7 ? 'both' : u < 0.8 ? 'onlyFirst' : u < 0.85 ? 'onlySecond' : 'neither']++;
      }
      const { low, high } = pairedProportionsInterval(counts, 0.95);
      if (low <= 0.05 && 0.05 <= high) covered++;
    }
    expect(covered / draws).toBeGreaterThan(0.94);
    expect(covered / draws).toBeLessThan(0.97);
  });
});

describe('countPairs', () => {
  it('counts the rows where both are numbers', () => {
    const first = Float64Array.of(1, 1, 0, 0, Number.NaN, 1);
    const second = Float64Array.of(1, 0, 1, 0, 1, Number.NaN);
    expect(countPairs(first, second)).toEqual({ both: 1, onlyFirst: 1, onlySecond: 1, neither: 1 });
  });
});

describe('pairedShares', () => {
  const columns = (differences: readonly number[]) => {
    // each cluster as rows of which as many differ as its difference says, and one on which both are right
    const rows = differences.flatMap((difference, cluster) => [
      ...Array.from({ length: Math.abs(difference) }, () => ({ cluster, first: difference > 0 ? 1 : 0, second: difference > 0 ? 0 : 1 })),
      { cluster, first: 1, second: 1 },
    ]);
    return {
      first: Float64Array.from(rows, ({ first }) => first),
      second: Float64Array.from(rows, ({ second }) => second),
      clusters: Int32Array.from(rows, ({ cluster }) => cluster),
    };
  };

  it.each(references.signFlips)('has the p-value of all ways to flip the signs of $differences', ({ differences, p }) => {
    const { first, second, clusters } = columns(differences);
    const gain = pairedShares(first, second, { confidence: 0.95, clusters })!;
    expect(gain.p).toBeCloseTo(p, 12);
    expect(gain.method).toContain(`${differences.length} clusters`);
    expect(gain.low).toBeLessThanOrEqual(gain.value);
    expect(gain.high).toBeGreaterThanOrEqual(gain.value);
  });

  it('is the plain comparison without clusters, and nothing without common rows', () => {
    const { first, second } = columns([3, -1, 2]);
    expect(pairedShares(first, second, { confidence: 0.95 })).toEqual(pairedProportions(countPairs(first, second), 0.95));
    expect(pairedShares(Float64Array.of(1), Float64Array.of(Number.NaN), { confidence: 0.95 })).toBeUndefined();
  });

  it('takes whole groups for what they are: one difference each', () => {
    // in each of 6 groups of 10 one candidate is right throughout
    const { first, second, clusters } = columns([10, 10, 10, 10, -10, -10]);
    const gain = pairedShares(first, second, { confidence: 0.95, clusters })!;
    expect(pairedShares(first, second, { confidence: 0.95 })!.p).toBeLessThan(0.02);
    expect(gain.p).toBeCloseTo(mcnemarMidP(4, 2), 12);
    expect(gain.low).toBeLessThan(0);
  });

  it('says nothing of a single group', () => {
    const { first, second } = columns([9]);
    const gain = pairedShares(first, second, { confidence: 0.95, clusters: new Int32Array(first.length) });
    expect(gain).toMatchObject({ low: -1, high: 1, p: 1, method: 'one group: no interval' });
  });

  it('passes over from counting to its approximation without a jump', () => {
    const many = (clusters: number) => columns(Array.from({ length: clusters }, (_, at) => (at % 20 < 11 ? 3 : -3)));
    const few = many(2000);
    const lots = many(3000);
    // 200 and 300 more threes won than lost, of 2,000 and 3,000: 4.47 and 5.48 standard errors
    expect(pairedShares(few.first, few.second, { confidence: 0.95, clusters: few.clusters })!.p / 7.74e-6).toBeCloseTo(1, 1);
    expect(pairedShares(lots.first, lots.second, { confidence: 0.95, clusters: lots.clusters })!.p / 4.32e-8).toBeCloseTo(1, 0);
  });
});
