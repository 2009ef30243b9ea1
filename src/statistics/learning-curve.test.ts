import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LearningCurvePoint } from '#core/evidence.ts';
import { normalQuantile } from './distributions.ts';
import { fitLearningCurve } from './learning-curve.ts';
import { summariseLearningCurve } from './learning-curve-sizes.ts';
import { wilsonInterval } from './proportion.ts';
import { seededRandom } from './random.ts';
import references from './references/learning-curves.json' with { type: 'json' };

const usual = { confidence: 0.95, seed: 7, better: 'higher', resamples: 40 } as const;

function curve(sizes: readonly number[], valuesAt: (rows: number, index: number) => readonly number[], n = 200): LearningCurvePoint[] {
  return sizes.flatMap((rows, index) => valuesAt(rows, index).map((value, seed) => ({ rows, seed, value, n })));
}

/**
 * A measured curve as an evaluation gives it: the same validation rows for every point, some hard and some easy.
 * `error` is the true error; `common` the share of a row's difficulty that all models share.
 */
function measured(
  error: (rows: number) => number,
  sizes: readonly number[],
  n: number,
  common: number,
  seed: number,
): LearningCurvePoint[] {
  const random = seededRandom(seed);
  const normal = () => normalQuantile(Math.max(1e-9, random()));
  const difficulty = Array.from({ length: n }, normal);
  return curve(
    sizes,
    (rows) =>
      [0, 1, 2].map(() => {
        const bar = normalQuantile(error(rows));
        const wrong = difficulty.filter((hard) => Math.sqrt(common) * hard + Math.sqrt(1 - common) * normal() < bar).length;
        return 1 - wrong / n;
      }),
    n,
  );
}

describe('fitLearningCurve', () => {
  it.each(references.curves)(`agrees with ${references.source} on a curve that is: $name`, ({ sizes, errors, at, law, forecast }) => {
    const points = curve(sizes, (_, index) => errors[index]!.map((error) => 1 - error));
    const fit = fitLearningCurve(points, { ...usual, at });
    expect(fit.law).toBe(law);
    for (const [index, { rows, value }] of fit.forecast.entries()) {
      expect(rows).toBe(at[index]);
      expect(1 - value).toBeCloseTo(forecast[index]!, 3);
    }
  });

  it('forecasts metrics of which less is better just so', () => {
    const { sizes, errors, at, forecast } = references.curves[0]!;
    const fit = fitLearningCurve(
      curve(sizes, (_, index) => errors[index]!),
      { ...usual, better: 'lower', at },
    );
    expect(fit.forecast.map(({ value }) => value)).toEqual(forecast.map((value) => expect.closeTo(value, 3)));
    expect(fit.gain.every(({ low, value, high }) => low <= value && value <= high && value > 0)).toBe(true);
  });

  it('sees what is to come of a curve that is flat at first, where a power law would not', () => {
    const truth = (rows: number) => 0.05 + (0.7 * 40_000) / (40_000 + rows ** 2);
    const fit = fitLearningCurve(
      curve([16, 32, 64, 128, 256], (rows) => [-0.004, 0, 0.004].map((noise) => 1 - truth(rows) + noise)),
      { ...usual, at: [512, 1024] },
    );
    expect(fit.law).toBe('rectified');
    expect(fit.forecast[0]!.value).toBeCloseTo(1 - truth(512), 1);
    expect(fit.forecast[1]!.high).toBeGreaterThan(1 - truth(1024));
  });

  it('does not forecast from a curve that is flat so far, at any level', () => {
    let silent = 0;
    for (let draw = 0; draw < 60; draw++) {
      const points = measured(() => 0.1 + draw / 75, [16, 32, 64, 128], 100, 0.5, draw);
      if (fitLearningCurve(points, { ...usual, at: [256] }).law === 'none') silent++;
    }
    expect(silent).toBeGreaterThanOrEqual(57);
    const alike = curve([16, 32, 64, 128], () => [0.5, 0.5, 0.5]);
    expect(fitLearningCurve(alike, { ...usual, at: [256] })).toMatchObject({ law: 'none', forecast: [], why: /flat so far/ });
    const worse = curve([16, 32, 64, 128], (rows) => [0.9 - rows / 400, 0.89 - rows / 400, 0.91 - rows / 400]);
    expect(fitLearningCurve(worse, { ...usual, at: [256] }).law).toBe('none');
    // two more right of 100 are no fall, however alike the seeds
    const two = curve([16, 32, 64, 128], (_, index) => Array(3).fill(0.5 + index * 0.0066), 100);
    expect(fitLearningCurve(two, { ...usual, at: [256] }).law).toBe('none');
  });

  it.each([
    [{ sizes: 3, seeds: 3, shift: 0 }, /4 or more different numbers of rows, and there are 3/],
    [{ sizes: 5, seeds: 2, shift: 0 }, /3 or more seeds each, and 16 rows have 2/],
    [{ sizes: 5, seeds: 3, shift: 0.5 }, /leaves the range of 0 to 1/],
    [{ sizes: 0, seeds: 0, shift: 0 }, /there are 0/],
  ])('says why there is no forecast from %j', ({ sizes, seeds, shift }, why) => {
    const points = curve(
      Array.from({ length: sizes }, (_, index) => 16 * 2 ** index),
      (rows) => Array.from({ length: seeds }, (_, seed) => 1 - 2 / rows + seed / 1000 + shift),
    );
    expect(fitLearningCurve(points, { ...usual, at: [600] })).toEqual({
      law: 'none',
      why: expect.stringMatching(why),
      forecast: [],
      gain: [],
    });
  });

  it('forecasts at most four times as far as was measured', () => {
    const points = curve([16, 32, 64, 128], (rows) => [-0.01, 0, 0.01].map((noise) => 0.9 - 4 / rows + noise));
    const fit = fitLearningCurve(points, { ...usual, at: [8, 256, 512, 513] });
    expect(fit.forecast.map(({ rows }) => rows)).toEqual([256, 512]);
  });

  it('gives numbers only, in order, that never get worse with more rows, and the same for the same seed', () => {
    const value = fc.double({ min: 0, max: 1, noNaN: true });
    const rising = fc.array(fc.tuple(value, value, value), { minLength: 4, maxLength: 6 }).map((sizes) => {
      const all = sizes.flat().sort((a, b) => a - b);
      return sizes.map((_, index) => all.slice(3 * index, 3 * index + 3));
    });
    fc.assert(
      fc.property(rising, fc.integer({ min: 1, max: 5000 }), fc.constantFrom('higher', 'lower'), (values, n, better) => {
        const sizes = values.map((_, index) => 10 * 2 ** index);
        const points = curve(sizes, (_, index) => (better === 'higher' ? values[index]! : values.at(-1 - index)!), n);
        const most = sizes.at(-1)!;
        const options = { ...usual, better, at: [most, 2 * most, 3 * most, 4 * most], resamples: 10 } as const;
        const fit = fitLearningCurve(points, options);
        expect(fitLearningCurve(points, options)).toEqual(fit);
        const sign = better === 'higher' ? 1 : -1;
        for (const [index, { value, low, high }] of fit.forecast.entries()) {
          expect([low, value, high].every(Number.isFinite)).toBe(true);
          expect(low).toBeLessThanOrEqual(value);
          expect(value).toBeLessThanOrEqual(high);
          expect(Math.max(...[low, value, high].map((number) => Math.abs(number - 0.5)))).toBeLessThanOrEqual(
            better === 'higher' ? 0.5 : 1,
          );
          const before = fit.forecast[index - 1];
          if (before === undefined) continue;
          for (const end of ['low', 'value', 'high'] as const) {
            expect(sign * fit.forecast[index]![end]).toBeGreaterThanOrEqual(sign * before[end] - 1e-12);
          }
        }
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  it.each([
    ['power', (rows: number) => 0.05 + 1.2 * rows ** -0.5],
    ['rectified', (rows: number) => 0.05 + 112.5 / (150 + rows ** 1.2)],
  ])('has the truth in its band about as often as it says, under a %s law', (_, truth) => {
    let [within, gained, made] = [0, 0, 0];
    for (let world = 0; world < 40; world++) {
      const points = measured(truth, [16, 32, 64, 128, 256], 150, 0.5, world);
      const fit = fitLearningCurve(points, { ...usual, confidence: 0.9, seed: world, at: [512], resamples: 60 });
      const [forecast, gain] = [fit.forecast[0], fit.gain[0]];
      if (forecast === undefined || gain === undefined) continue;
      made++;
      if (forecast.low <= 1 - truth(512) && 1 - truth(512) <= forecast.high) within++;
      if (gain.low <= truth(256) - truth(512) && truth(256) - truth(512) <= gain.high) gained++;
    }
    expect(made).toBe(40);
    // of 40 worlds at 90 %, fewer than 32 come one time in thirty
    expect(within).toBeGreaterThanOrEqual(32);
    expect(gained).toBeGreaterThanOrEqual(32);
  });
});

describe('summariseLearningCurve', () => {
  it('counts the validation rows once, whatever the number of seeds', () => {
    const [size] = summariseLearningCurve(
      curve([50], () => [0.8, 0.8, 0.8], 120),
      0.95,
    );
    const wilson = wilsonInterval(96, 120, 0.95);
    expect(size).toMatchObject({ rows: 50, seeds: 3, n: 120 });
    expect(size!.value).toBeCloseTo(0.8, 12);
    expect(size!.low).toBeCloseTo(wilson.low, 12);
    expect(size!.high).toBeCloseTo(wilson.high, 12);
  });

  it('is wider where seeds differ, and in the order of rows', () => {
    const points = [...curve([100], () => [0.7, 0.8, 0.9]), ...curve([50], () => [0.7, 0.71, 0.69])];
    const sizes = summariseLearningCurve(points, 0.95);
    const wilson = wilsonInterval(160, 200, 0.95);
    expect(sizes.map(({ rows }) => rows)).toEqual([50, 100]);
    expect(sizes[1]!.low).toBeLessThan(wilson.low);
    expect(sizes[1]!.high).toBeGreaterThan(wilson.high);
  });
});
