import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clusterSpread, clustersAt, clustersOf, designEffect, effectiveSize } from './clusters.ts';
import references from './references/statistics.json' with { type: 'json' };

describe('clustersOf', () => {
  it('numbers groups by first appearance and lets a row without one stand alone', () => {
    expect(clustersOf(['b', undefined, 'a', 'b', undefined])).toEqual(Int32Array.of(0, 1, 2, 0, 3));
  });

  it('is nothing where no two rows share a group', () => {
    expect(clustersOf(['a', 'b', undefined, undefined])).toBeUndefined();
    expect(clustersOf([])).toBeUndefined();
  });

  it('keeps the groups of some of the rows', () => {
    const clusters = clustersOf(['a', 'b', 'c', 'b', 'c'])!;
    expect(clustersAt(clusters, [2, 3, 4])).toEqual(Int32Array.of(0, 1, 0));
    expect(clustersAt(clusters, [0, 1, 2])).toBeUndefined();
    expect(clustersAt(undefined, [0, 1])).toBeUndefined();
  });
});

describe('clusterSpread', () => {
  it("has statsmodels' cluster-robust error for groups of one size, and their number less one as degrees of freedom", () => {
    const { values, clusters, error } = references.clustersOfOneSize;
    const spread = clusterSpread(Float64Array.from(values), Int32Array.from(clusters));
    expect(Math.sqrt(spread.variance)).toBeCloseTo(error, 10);
    expect(spread.degrees).toBeCloseTo(11, 8);
    expect(spread.fewest).toBeCloseTo(12, 10);
  });

  it('has the error, correlation and degrees of freedom of their matrices for groups of other sizes', () => {
    const { values, clusters, error, degrees, correlation } = references.clustersOfOtherSizes;
    const spread = clusterSpread(Float64Array.from(values), Int32Array.from(clusters));
    expect(Math.sqrt(spread.variance)).toBeCloseTo(error, 10);
    expect(spread.correlation).toBeCloseTo(correlation, 10);
    expect(spread.degrees).toBeCloseTo(degrees, 8);
  });

  const rows = fc.array(fc.tuple(fc.double({ min: -5, max: 5, noNaN: true }), fc.nat(6)), { minLength: 2, maxLength: 40 });

  it('stays in its bounds, whatever the groups', () => {
    fc.assert(
      fc.property(rows, (drawn) => {
        const values = Float64Array.from(drawn, ([value]) => value);
        const clusters = clustersOf(drawn.map(([, group]) => String(group))) ?? Int32Array.from(values.keys());
        const spread = clusterSpread(values, clusters);
        if (spread.clusters < 2) return;
        expect(spread.variance).toBeGreaterThanOrEqual(0);
        expect(spread.degrees).toBeGreaterThanOrEqual(1);
        expect(spread.degrees).toBeLessThanOrEqual(spread.clusters - 1);
        expect(spread.fewest).toBeLessThanOrEqual(spread.clusters + 1e-9);
        const size = effectiveSize(spread, 1, 0.95);
        expect(size).toBeGreaterThan(0);
        expect(size).toBeLessThanOrEqual(values.length);
      }),
    );
  });
});

describe('designEffect', () => {
  it('is 1 without groups, the size of groups that are alike throughout, and more than that for few of them', () => {
    const scores = Float64Array.from({ length: 2000 }, (_, row) => (Math.floor(row / 10) % 4 === 0 ? 0 : 1));
    const clusters = Int32Array.from({ length: 2000 }, (_, row) => Math.floor(row / 10));
    expect(designEffect(scores, undefined, 0.95)).toBe(1);
    expect(designEffect(scores, clusters, 0.95)).toBeGreaterThan(10);
    expect(designEffect(scores, clusters, 0.95)).toBeLessThan(10.4);
    expect(designEffect(scores.slice(0, 60), clusters.slice(0, 60), 0.95)).toBeGreaterThan(12);
    expect(designEffect(scores.slice(0, 60), new Int32Array(60), 0.95)).toBe(60);
  });
});
