import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootstrap } from './bootstrap.ts';
import references from './references/statistics.json' with { type: 'json' };

function mean(values: ArrayLike<number>, rows: Int32Array): number {
  return rows.reduce((sum, row) => sum + values[row]!, 0) / rows.length;
}

function variance(values: ArrayLike<number>, rows: Int32Array): number {
  const centre = mean(values, rows);
  return rows.reduce((sum, row) => sum + (values[row]! - centre) ** 2, 0) / rows.length;
}

describe('bootstrap', () => {
  it.each(references.bca)("has SciPy's BCa interval of a $statistic at $confidence", (reference) => {
    const statistic = (rows: Int32Array) => (reference.statistic === 'var' ? variance : mean)(reference.values, rows);
    const { confidence } = reference;
    const { low, high } = bootstrap(reference.values.length, statistic, { confidence, seed: 7, resamples: 20_000 });
    // four standard errors of a tail quantile of 20,000 resamples
    const noise = (reference.high - reference.low) / 50;
    expect(Math.abs(low - reference.low)).toBeLessThan(noise);
    expect(Math.abs(high - reference.high)).toBeLessThan(noise);
  });

  it('treats clusters of one row as rows', () => {
    const values = references.bca[0]!.values;
    const options = { confidence: 0.9, seed: 3, resamples: 300 };
    const plain = bootstrap(values.length, (rows) => mean(values, rows), options);
    const clusters = Int32Array.from(values.keys());
    expect(bootstrap(values.length, (rows) => mean(values, rows), { ...options, clusters })).toEqual(plain);
  });

  it('draws clusters whole, of whatever sizes', () => {
    const groups = fc.array(fc.nat(4), { minLength: 1, maxLength: 25 });
    fc.assert(
      fc.property(groups, (drawn) => {
        const dense = new Map([...new Set(drawn)].map((group, index) => [group, index]));
        const clusters = Int32Array.from(drawn, (group) => dense.get(group)!);
        const sizes = new Map<number, number>();
        for (const cluster of clusters) sizes.set(cluster, (sizes.get(cluster) ?? 0) + 1);
        const whole = (rows: Int32Array) => {
          const seen = new Map<number, number>();
          for (const row of rows) seen.set(clusters[row]!, (seen.get(clusters[row]!) ?? 0) + 1);
          for (const [cluster, count] of seen) expect(count % sizes.get(cluster)!).toBe(0);
          return rows.length / drawn.length;
        };
        const { value, low, high, p } = bootstrap(drawn.length, whole, { confidence: 0.95, seed: 5, resamples: 40, clusters });
        expect(value).toBe(1);
        expect(low).toBeLessThanOrEqual(1);
        expect(high).toBeGreaterThanOrEqual(1);
        expect(p).toBeGreaterThan(0);
        expect(p).toBeLessThanOrEqual(1);
      }),
      { numRuns: 40 },
    );
  });
});
