import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bettingInterval,
  pairedBettingInterval,
  pairedSurelyAbove,
  quantileSurelyAbove,
  quantileSurelyAtMost,
  surelyAbove,
  surelyBelow,
} from './betting.ts';
import { type Random, seededRandom } from './random.ts';
import reference from './references/confidence-sequences.json' with { type: 'json' };

const { NaN: none } = Number;
const options = { confidence: 0.95 };
const unit = fc.double({ min: 0, max: 1, noNaN: true });
const columns = fc.array(unit, { minLength: 1, maxLength: 40 }).map((values) => Float64Array.from(values));

function draw(random: Random, n: number, rate: number): Float64Array {
  return Float64Array.from({ length: n }, () => (random() < rate ? 1 : 0));
}

describe('bettingInterval', () => {
  // confseq 0.0.11 betting_mart with the same stakes, its ends found by SciPy's brentq: within the 1e-9 of our halvings
  it.each(reference.betting)('equals confseq on $name', ({ values, confidence, low, high }) => {
    const estimate = bettingInterval(Float64Array.from(values), { confidence })!;
    expect(Math.abs(estimate.low - low)).toBeLessThan(2e-9);
    expect(Math.abs(estimate.high - high)).toBeLessThan(2e-9);
    expect(estimate.n).toBe(values.length);
  });

  it('is not much wider, on most sequences narrower, than the plug-in bets of the paper', () => {
    for (const { name, low, high, plugIn } of reference.betting) {
      if (plugIn !== null) expect(high - low, name).toBeLessThan(1.05 * (plugIn.high - plugIn.low));
    }
  });

  it('keeps its ends in order around the mean and within 0 and 1, with clusters or without', () => {
    fc.assert(
      fc.property(columns, fc.integer({ min: 1, max: 5 }), (values, size) => {
        for (const clusters of [undefined, Int32Array.from(values.keys(), (row) => Math.floor(row / size))]) {
          const { low, value, high } = bettingInterval(values, { ...options, clusters })!;
          expect(low).toBeGreaterThanOrEqual(0);
          expect(value).toBeGreaterThanOrEqual(low);
          expect(high).toBeGreaterThanOrEqual(value);
          expect(high).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('turns around where right and wrong change places', () => {
    fc.assert(
      fc.property(columns, (values) => {
        const here = bettingInterval(values, options)!;
        const there = bettingInterval(
          values.map((value) => 1 - value),
          options,
        )!;
        expect(there.low).toBeCloseTo(1 - here.high, 8);
        expect(there.high).toBeCloseTo(1 - here.low, 8);
      }),
      { numRuns: 30 },
    );
  });

  it('only ever tightens while rows come in, and knows nothing of rows that have not', () => {
    const values = draw(seededRandom(4), 300, 0.8);
    let last = { low: 0, high: 1 };
    for (let n = 10; n <= values.length; n += 10) {
      const now = bettingInterval(values.subarray(0, n), options)!;
      expect(now.low).toBeGreaterThanOrEqual(last.low);
      expect(now.high).toBeLessThanOrEqual(last.high);
      expect(
        bettingInterval(
          values.map((value, row) => (row < n ? value : none)),
          options,
        ),
      ).toEqual(now);
      last = now;
    }
    expect(last.high - last.low).toBeLessThan(0.16);
  });

  it('does the same for clusters, and ends before one that is still being measured', () => {
    const random = seededRandom(5);
    const clusters = Int32Array.from({ length: 300 }, (_, row) => Math.floor(row / 3));
    const values = draw(random, 300, 0.7);
    const upTo = (n: number) =>
      bettingInterval(
        values.map((value, row) => (row < n ? value : none)),
        { ...options, clusters },
      )!;
    let last = upTo(3);
    for (let n = 6; n <= 300; n += 6) {
      const now = upTo(n);
      expect(now.low).toBeGreaterThanOrEqual(last.low);
      expect(now.high).toBeLessThanOrEqual(last.high);
      const { low, high } = upTo(Math.min(300, n + 2));
      expect([low, high]).toEqual([now.low, now.high]);
      last = now;
    }
    expect(last.method).toBe('betting confidence sequence, 100 clusters');
  });

  it('bets on clusters of one row as on rows', () => {
    const values = draw(seededRandom(6), 60, 0.6);
    const alone = bettingInterval(values, { ...options, clusters: Int32Array.from(values.keys()) });
    expect(alone).toEqual(bettingInterval(values, options));
  });

  it('leaves out NaN, and has nothing to say without numbers or of numbers outside 0 and 1', () => {
    expect(bettingInterval(Float64Array.of(none, 1, none, 0, 1), options)).toEqual(bettingInterval(Float64Array.of(1, 0, 1), options));
    expect(bettingInterval(Float64Array.of(none), options)).toBeUndefined();
    expect(bettingInterval(new Float64Array(), options)).toBeUndefined();
    expect(bettingInterval(Float64Array.of(0.5, 1.5), options)).toBeUndefined();
  });

  it('covers the mean at every look at least as often as stated, also for unequal clusters that agree with themselves', () => {
    const random = seededRandom(7);
    const worlds = 200;
    let wrong = 0;
    let wrongClustered = 0;
    for (let world = 0; world < worlds; world++) {
      const values = draw(random, 200, 0.7);
      if (surelyAbove(values, 0.7, 0.025) || surelyBelow(values, 0.7, 0.025)) wrong++;
      // half of the clusters have one row and a rate of 0.9, half have four and 0.5: 0.58 over rows
      const sizes = Array.from({ length: 80 }, () => (random() < 0.5 ? 1 : 4));
      const clusters = Int32Array.from(sizes.flatMap((size, cluster) => new Array<number>(size).fill(cluster)));
      const rows = Float64Array.from(sizes.flatMap((size) => new Array<number>(size).fill(random() < (size === 1 ? 0.9 : 0.5) ? 1 : 0)));
      if (surelyAbove(rows, 0.58, 0.025, clusters) || surelyBelow(rows, 0.58, 0.025, clusters)) wrongClustered++;
    }
    expect(wrong / worlds).toBeLessThanOrEqual(0.05);
    expect(wrongClustered / worlds).toBeLessThanOrEqual(0.05);
  });
});

describe('surelyAbove and surelyBelow', () => {
  it('agree with the interval', () => {
    fc.assert(
      fc.property(columns, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (values, bound) => {
        const { low, high } = bettingInterval(values, { confidence: 0.8 })!;
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        fc.pre(Math.abs(low - bound) > 1e-8 && Math.abs(high - bound) > 1e-8 && low < mean && high > mean);
        expect(surelyAbove(values, bound, 0.1)).toBe(low > bound);
        expect(surelyBelow(values, bound, 0.1)).toBe(high < bound);
      }),
      { numRuns: 50 },
    );
  });

  it('never go back on what they have shown', () => {
    const values = Float64Array.of(...new Array<number>(30).fill(1), ...new Array<number>(200).fill(0));
    expect(surelyAbove(values.subarray(0, 30), 0.6, 0.01)).toBe(true);
    expect(surelyAbove(values, 0.6, 0.01)).toBe(true);
  });

  it('decide in few rows where the truth is far from the bound', () => {
    const values = draw(seededRandom(8), 80, 0.6);
    expect(surelyBelow(values, 0.9, 0.002)).toBe(true);
    expect(surelyAbove(values, 0.9, 0.002)).toBe(false);
  });

  it.each([
    // [bound, above, below]: nothing in [0, 1] has a mean beyond it, and a mean of exactly 0 or 1 is never shown
    { bound: -0.5, above: true, below: false },
    { bound: 0, above: true, below: false },
    { bound: 1, above: false, below: true },
    { bound: 1.5, above: false, below: true },
    { bound: none, above: false, below: false },
  ])('answer for a bound of $bound', ({ bound, above, below }) => {
    const mixed = Float64Array.of(0, 1, 0.5);
    expect(surelyAbove(mixed, bound, 0.01)).toBe(above);
    expect(surelyBelow(mixed, bound, 0.01)).toBe(below);
  });

  it('are not sure of a mean at the end where every row lies, nor of anything without rows', () => {
    expect(surelyAbove(new Float64Array(500), 0, 0.05)).toBe(false);
    expect(surelyBelow(new Float64Array(500).fill(1), 1, 0.05)).toBe(false);
    expect(surelyAbove(Float64Array.of(none), -1, 0.05)).toBe(false);
    expect(surelyAbove(Float64Array.of(1, 1, 2), 0.5, 0.05)).toBe(false);
    expect(surelyAbove(new Float64Array(500).fill(1), 0.5, 0)).toBe(false);
  });
});

describe('pairs', () => {
  const first = Float64Array.of(1, none, 1, 1, 0, 1);
  const second = Float64Array.of(0, 1, 1, none, 0, 0);

  it('are the rows where both are numbers', () => {
    const { value, n, low, high } = pairedBettingInterval(first, second, options)!;
    expect(value).toBeCloseTo(0.5, 12);
    expect(n).toBe(4);
    expect(low).toBeLessThan(value);
    expect(high).toBeLessThanOrEqual(1);
    expect(pairedBettingInterval(first, new Float64Array(6).fill(none), options)).toBeUndefined();
  });

  it('show a gain over a bound, and not one over a larger bound', () => {
    const random = seededRandom(9);
    const weak = draw(random, 400, 0.5);
    const strong = weak.map((value) => (value === 1 || random() < 0.5 ? 1 : 0));
    expect(pairedSurelyAbove(strong, weak, 0, 0.01)).toBe(true);
    expect(pairedSurelyAbove(strong, weak, 0.1, 0.01)).toBe(true);
    expect(pairedSurelyAbove(strong, weak, 0.3, 0.01)).toBe(false);
    expect(pairedSurelyAbove(weak, strong, -0.4, 0.01)).toBe(true);
    expect(pairedSurelyAbove(weak, strong, 0, 0.01)).toBe(false);
    const { low, high } = pairedBettingInterval(strong, weak, { confidence: 0.98 })!;
    expect(low).toBeGreaterThan(0.1);
    expect(high).toBeLessThan(0.4);
  });
});

describe('quantiles', () => {
  const latency = Float64Array.from(draw(seededRandom(10), 600, 0.02), (slow) => (slow === 1 ? 900 : 300));

  it('are shown to lie at most at a bound or above it, however large the values', () => {
    expect(quantileSurelyAtMost(latency, 0.95, 400, 0.01)).toBe(true);
    expect(quantileSurelyAbove(latency, 0.95, 200, 0.01)).toBe(true);
    expect(quantileSurelyAtMost(latency, 0.95, 200, 0.01)).toBe(false);
    expect(quantileSurelyAbove(latency, 0.95, 400, 0.01)).toBe(false);
    expect(quantileSurelyAtMost(latency.fill(none, 20), 0.95, 400, 0.01)).toBe(false);
  });
});
