import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrationCounts, cohenKappa, correctedDifference, correctedRate, judgeQuality } from './judge.ts';
import { bothOrders } from './judge-orders.ts';
import { wilsonInterval } from './proportion.ts';
import { seededRandom } from './random.ts';
import references from './references/statistics.json' with { type: 'json' };

const calibration = { humanRight: 60, trueRight: 54, humanWrong: 40, trueWrong: 34 };

describe('calibrationCounts', () => {
  it('counts what the judge recognises of right and of wrong answers', () => {
    const rows = [
      { judge: 1, human: 1 },
      { judge: 0, human: 1 },
      { judge: 1, human: 0 },
      { judge: 0, human: 0 },
      { judge: 0, human: 0 },
    ] as const;
    expect(calibrationCounts(rows)).toEqual({ humanRight: 2, trueRight: 1, humanWrong: 3, trueWrong: 2 });
  });
});

describe('judgeQuality', () => {
  it.each(references.independentDifference)("has statsmodels' interval for $first of $nFirst against $second of $nSecond", (reference) => {
    const { first, nFirst, second, nSecond, confidence, low, high } = reference;
    const counts = { humanRight: nFirst, trueRight: first, humanWrong: nSecond, trueWrong: nSecond - second };
    const { better, usable } = judgeQuality(counts, confidence);
    expect(better!.low).toBeCloseTo(low, 8);
    expect(better!.high).toBeCloseTo(high, 8);
    expect(usable).toBe(low > 0);
  });

  it('says what is missing, and does not trust a coin', () => {
    expect(judgeQuality({ ...calibration, humanWrong: 0, trueWrong: 0 }, 0.95)).toMatchObject({ usable: false, better: undefined });
    const coin = { humanRight: 40, trueRight: 21, humanWrong: 40, trueWrong: 20 };
    expect(judgeQuality(coin, 0.95).usable).toBe(false);
    expect(correctedRate({ judged: { right: 50, n: 100 }, calibration: coin }, 0.95)).toBeUndefined();
    expect(
      correctedDifference({ judged: { value: 0.1, low: 0, high: 0.2, p: 0.05, n: 100, method: 'x' }, calibration: coin }, 0.95),
    ).toBeUndefined();
  });
});

describe('correctedRate', () => {
  it.each(references.correctedRate)("has Lang and Reiczigel's interval for $judged", (reference) => {
    const { low, high } = correctedRate(reference, reference.confidence)!;
    expect(low).toBeCloseTo(reference.low, 10);
    expect(high).toBeCloseTo(reference.high, 10);
  });

  it('takes the judge’s errors out', () => {
    const { value, low, high, n } = correctedRate({ judged: { right: 140, n: 200 }, calibration }, 0.95)!;
    // (0.7 + 0.85 − 1) / (0.9 + 0.85 − 1)
    expect(value).toBeCloseTo(0.55 / 0.75, 12);
    expect(n).toBe(200);
    const plain = wilsonInterval(140, 200, 0.95);
    expect(high - low).toBeGreaterThan(plain.high - plain.low);
  });

  it('is about the plain interval for a judge that never errs, and wider for rows in groups', () => {
    const perfect = { humanRight: 1e6, trueRight: 1e6, humanWrong: 1e6, trueWrong: 1e6 };
    const { value, low, high } = correctedRate({ judged: { right: 140, n: 200 }, calibration: perfect }, 0.95)!;
    const plain = wilsonInterval(140, 200, 0.95);
    expect(value).toBeCloseTo(0.7, 5);
    expect(low).toBeCloseTo(plain.low, 2);
    expect(high).toBeCloseTo(plain.high, 2);
    const grouped = correctedRate({ judged: { right: 140, n: 200, designEffect: 4 }, calibration: perfect }, 0.95)!;
    expect((grouped.high - grouped.low) / (high - low)).toBeCloseTo(2, 1);
  });

  it('stays within 0 and 1, contains its value and mirrors when right and wrong are swapped', () => {
    const judged = fc.tuple(fc.integer({ min: 1, max: 300 }), fc.double({ min: 0, max: 1, noNaN: true }));
    const side = fc.tuple(fc.integer({ min: 5, max: 100 }), fc.double({ min: 0.6, max: 1, noNaN: true }));
    fc.assert(
      fc.property(judged, side, side, ([n, share], [humanRight, q1], [humanWrong, q0]) => {
        const right = Math.round(n * share);
        const counts = { humanRight, trueRight: Math.round(humanRight * q1), humanWrong, trueWrong: Math.round(humanWrong * q0) };
        const turned = { humanRight: humanWrong, trueRight: counts.trueWrong, humanWrong: humanRight, trueWrong: counts.trueRight };
        const rate = correctedRate({ judged: { right, n }, calibration: counts }, 0.95);
        const mirrored = correctedRate({ judged: { right: n - right, n }, calibration: turned }, 0.95);
        if (rate === undefined || mirrored === undefined) return;
        expect(rate.low).toBeLessThanOrEqual(rate.value);
        expect(rate.high).toBeGreaterThanOrEqual(rate.value);
        expect(rate.low).toBeGreaterThanOrEqual(0);
        expect(rate.high).toBeLessThanOrEqual(1);
        expect(mirrored.low).toBeCloseTo(1 - rate.high, 9);
        expect(mirrored.value).toBeCloseTo(1 - rate.value, 9);
      }),
    );
  });

  it('covers the truth about as often as it says, where the judged rate alone never does', () => {
    const random = seededRandom(8);
    const drawn = (n: number, chance: number) => Array.from({ length: n }, random).filter((number) => number < chance).length;
    const truth = 0.8;
    const draws = 1500;
    let covered = 0;
    let plainlyCovered = 0;
    for (let draw = 0; draw < draws; draw++) {
      // the judge recognises 85 % of right and 75 % of wrong answers, so it calls 0.8 · 0.85 + 0.2 · 0.25 right
      const right = drawn(300, truth * 0.85 + (1 - truth) * 0.25);
      const counts = { humanRight: 80, trueRight: drawn(80, 0.85), humanWrong: 60, trueWrong: drawn(60, 0.75) };
      const rate = correctedRate({ judged: { right, n: 300 }, calibration: counts }, 0.95)!;
      const plain = wilsonInterval(right, 300, 0.95);
      if (rate.low <= truth && truth <= rate.high) covered++;
      if (plain.low <= truth && truth <= plain.high) plainlyCovered++;
    }
    expect(covered / draws).toBeGreaterThan(0.935);
    expect(covered / draws).toBeLessThan(0.975);
    expect(plainlyCovered / draws).toBeLessThan(0.3);
  });
});

describe('correctedDifference', () => {
  const ends = fc.tuple(fc.double({ min: -0.4, max: 0.4, noNaN: true }), fc.double({ min: 0.01, max: 0.3, noNaN: true }));

  it('grows by what the judge hides, and keeps its side of 0', () => {
    fc.assert(
      fc.property(ends, ([value, reach]) => {
        const judged = { value, low: value - reach, high: value + reach, p: 0.2, n: 300, method: 'newcombe paired' };
        const corrected = correctedDifference({ judged, calibration }, 0.95)!;
        expect(corrected.value).toBeCloseTo(value / 0.75, 9);
        expect(corrected.low).toBeLessThanOrEqual(corrected.value);
        expect(corrected.high).toBeGreaterThanOrEqual(corrected.value);
        if (Math.abs(judged.low) > 1e-6) expect(corrected.low > 0).toBe(judged.low > 0);
        if (Math.abs(judged.high) > 1e-6) expect(corrected.high < 0).toBe(judged.high < 0);
        expect(corrected).toMatchObject({ p: 0.2, n: 300 });
      }),
    );
  });

  it('is the judged difference for a judge that never errs', () => {
    const perfect = { humanRight: 1e7, trueRight: 1e7, humanWrong: 1e7, trueWrong: 1e7 };
    const judged = { value: 0.1, low: 0.02, high: 0.2, p: 0.01, n: 300, method: 'x' };
    const corrected = correctedDifference({ judged, calibration: perfect }, 0.95)!;
    expect(corrected.low).toBeCloseTo(0.02, 5);
    expect(corrected.high).toBeCloseTo(0.2, 5);
  });
});

describe('cohenKappa', () => {
  const pairsOf = (table: readonly (readonly number[])[]) =>
    table.flatMap((row, judge) => row.flatMap((count, human) => Array.from({ length: count }, () => ({ judge, human }))));

  it.each(references.kappa)("equals statsmodels' with its interval for $table", ({ table, confidence, value, low, high }) => {
    const kappa = cohenKappa(pairsOf(table), { confidence })!;
    expect(kappa.value).toBeCloseTo(value, 10);
    expect(kappa.low).toBeCloseTo(low, 8);
    expect(kappa.high).toBeCloseTo(high, 8);
  });

  it('does not claim certainty from perfect agreement, and says nothing where only one mark is used', () => {
    const kappa = cohenKappa(
      pairsOf([
        [10, 0],
        [0, 10],
      ]),
      { confidence: 0.95 },
    )!;
    expect(kappa).toMatchObject({ value: 1, high: 1, n: 20 });
    expect(kappa.low).toBeCloseTo(2 * wilsonInterval(20, 20, 0.95).low - 1, 9);
    expect(cohenKappa(pairsOf([[20]]), { confidence: 0.95 })).toBeUndefined();
    expect(cohenKappa([], { confidence: 0.95 })).toBeUndefined();
  });

  it('is 0 where one of the two always says the same', () => {
    expect(cohenKappa(pairsOf([[12, 8]]), { confidence: 0.95 })!.value).toBeCloseTo(0, 12);
  });
});

describe('bothOrders', () => {
  it('counts a row on which the judge changes its mind as a tie', () => {
    const rows = [
      ...Array.from({ length: 5 }, () => ({ firstOrder: 'first', secondOrder: 'first' }) as const),
      ...Array.from({ length: 2 }, () => ({ firstOrder: 'second', secondOrder: 'second' }) as const),
      ...Array.from({ length: 2 }, () => ({ firstOrder: 'first', secondOrder: 'second' }) as const),
      { firstOrder: 'tie', secondOrder: 'tie' } as const,
    ];
    const { consistency, winRate } = bothOrders(rows, { confidence: 0.95, seed: 1 })!;
    expect(consistency).toMatchObject({ value: 0.8, n: 10, method: 'wilson' });
    expect(winRate.value).toBeCloseTo(0.65, 12);
    expect(winRate.low).toBeLessThan(0.5);
    expect(bothOrders([], { confidence: 0.95, seed: 1 })).toBeUndefined();
  });
});
