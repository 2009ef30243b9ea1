import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correctedRate } from './judge.ts';
import { correctedSequence, judgedBound } from './judge-sequence.ts';
import { seededRandom } from './random.ts';

const calibration = { humanRight: 200, trueRight: 180, humanWrong: 200, trueWrong: 160 };

/** What such a judge says of answers of which a share is right. */
function judged(share: number, rows: number, seed: number): Float64Array {
  const random = seededRandom(seed);
  return Float64Array.from({ length: rows }, () => (random() < (random() < share ? 0.9 : 0.2) ? 1 : 0));
}

describe('a bound on the scale of a judge', () => {
  it('lies where a judge with exactly these shares would put it, and further out for what is not known of it', () => {
    const { low, high } = judgedBound(0.8, calibration, 0.05);
    // 0.8 · 0.9 + 0.2 · 0.2
    expect(low).toBeLessThan(0.76);
    expect(high).toBeGreaterThan(0.76);
    const many = Object.fromEntries(Object.entries(calibration).map(([name, count]) => [name, count * 1000])) as typeof calibration;
    const narrow = judgedBound(0.8, many, 0.05);
    expect(narrow.high - narrow.low).toBeLessThan(0.01);
    expect((narrow.high + narrow.low) / 2).toBeCloseTo(0.76, 3);
  });

  it('rises with the bound', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.99, noNaN: true }), fc.double({ min: 0.001, max: 0.3, noNaN: true }), (bound, error) => {
        const [here, above] = [judgedBound(bound, calibration, error), judgedBound(bound + 0.01, calibration, error)];
        expect(here.low).toBeLessThanOrEqual(here.high);
        expect(above.low).toBeGreaterThan(here.low);
      }),
    );
  });
});

describe("a judge's rate that is looked at often", () => {
  it('is corrected as the rate of a fixed sample is, with a wider interval', () => {
    const scores = judged(0.7, 600, 1);
    const right = scores.reduce((sum, score) => sum + score, 0);
    const fixed = correctedRate({ judged: { right, n: 600 }, calibration }, 0.95)!;
    const sequence = correctedSequence(scores, calibration, { confidence: 0.95 })!;
    expect(sequence.value).toBeCloseTo(fixed.value, 10);
    expect(sequence.low).toBeLessThan(fixed.low);
    expect(sequence.high).toBeGreaterThan(fixed.high);
  });

  it('holds the true share through every look, as often as it says', () => {
    let missed = 0;
    const worlds = 100;
    for (let seed = 0; seed < worlds; seed++) {
      const random = seededRandom(seed + 5000);
      const draw = (chance: number) => Array.from({ length: 200 }, () => random() < chance).filter(Boolean).length;
      const drawn = { humanRight: 200, trueRight: draw(0.9), humanWrong: 200, trueWrong: draw(0.8) };
      const scores = judged(0.7, 300, seed);
      const outside = [50, 100, 200, 300].some((rows) => {
        const estimate = correctedSequence(scores.subarray(0, rows), drawn, { confidence: 0.9 });
        return estimate !== undefined && (estimate.low > 0.7 || estimate.high < 0.7);
      });
      if (outside) missed++;
    }
    expect(missed / worlds).toBeLessThanOrEqual(0.1);
  });

  it('is not corrected where the judge tosses a coin', () => {
    const coin = { humanRight: 50, trueRight: 25, humanWrong: 50, trueWrong: 25 };
    expect(correctedSequence(judged(0.7, 100, 3), coin, { confidence: 0.95 })).toBeUndefined();
  });
});
