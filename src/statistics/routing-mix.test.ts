import { describe, expect, test } from 'vitest';
import { seededRandom } from './random.ts';
import { compareWithRandom, type MixedRows } from './routing-mix.ts';

const options = { confidence: 0.95, seed: 1 };
const fill = (n: number, value: number) => new Float64Array(n).fill(value);

/** Cheap answers are right half of the time, strong ones always; `passed` says which were passed on. */
function made(n: number, passes: (row: number) => boolean, price?: { cheap: number; strong: number }): MixedRows {
  const cheap = fill(n, 0).map((_, row) => row % 2);
  const passed = cheap.map((_, row) => (passes(row) ? 1 : 0));
  const costs = price && {
    cascade: passed.map((asked) => price.cheap + asked * price.strong),
    cheap: fill(n, price.cheap),
    strong: fill(n, price.strong),
  };
  return {
    cheap,
    strong: fill(n, 1),
    passed,
    cascade: cheap.map((right, row) => (passed[row] === 1 ? 1 : right)),
    ...(costs && { costs }),
  };
}

describe('a cascade beside a random mix', () => {
  test('that costs the same asks the strong part more often, since it never asks both', () => {
    const { share, by, mix, gain, gapRecovered } = compareWithRandom(
      made(200, (row) => row % 2 === 0, { cheap: 1, strong: 5 }),
      options,
    );
    // the cascade costs 1 + 0.5 × 5; the mix (1 − q) + 5 q
    expect(share).toBeCloseTo(2.5 / 4);
    expect(by).toBe('cost');
    expect(mix.value).toBeCloseTo(0.5 + 0.5 * (2.5 / 4));
    expect(gain.value).toBeCloseTo(1 - mix.value);
    expect(gain.low).toBeGreaterThan(0);
    expect(gapRecovered).toMatchObject({ value: 1, n: 200 });
  });

  test('without prices has as many strong calls', () => {
    expect(
      compareWithRandom(
        made(200, (row) => row % 4 === 0),
        options,
      ),
    ).toMatchObject({ share: 0.25, by: 'strong calls' });
  });

  test('a cascade that passes on at random does not beat it', () => {
    const random = seededRandom(5);
    const { gain } = compareWithRandom(
      made(400, () => random() < 0.5, { cheap: 1, strong: 50 }),
      options,
    );
    expect(gain.low).toBeLessThan(0);
    expect(Math.abs(gain.value)).toBeLessThan(0.06);
  });

  test('a cascade dearer than the strong part alone is held against the strong part alone', () => {
    const { share, gain } = compareWithRandom(
      made(100, () => true, { cheap: 1, strong: 5 }),
      options,
    );
    expect(share).toBe(1);
    expect(gain.value).toBe(0);
    expect(gain.p).toBe(1);
  });

  test('no gap is recovered where the strong part is no better', () => {
    const rows = made(50, () => false);
    expect(compareWithRandom({ ...rows, strong: rows.cheap }, options).gapRecovered).toBeUndefined();
  });
});
