import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exposures } from './exposure.ts';
import { seededRandom } from './random.ts';
import { skewNormalAbove } from './skew-normal.ts';

describe('the skew-normal tail', () => {
  // scipy 1.16, stats.skewnorm.sf with the parameters of mean 0, variance 1 and that skewness
  it.each([
    [0, [0.8413447460685429, 0.5, 0.15865525393145707, 0.0013498980316300954, 2.866515718791946e-7]],
    [0.5, [0.847962890338934, 0.4625183353024645, 0.15739990899620107, 0.0052456989074682586, 3.054899761899416e-5]],
    [-0.5, [0.8426000910037988, 0.5374816646975356, 0.15203710966106593, 6.453823056259966e-5, 2.0570035164769836e-12]],
    [0.9, [0.8544875115295858, 0.43068925895269905, 0.1604166398942179, 0.008413986316912273, 0.00011049560196863221]],
    [-0.3, [0.8428621019651986, 0.5213492827267331, 0.15539318524429674, 0.000334892117484685, 1.3303311482990454e-9]],
  ] as const)('of skewness %s is that of scipy', (skewness, expected) => {
    for (const [at, x] of [-1, 0, 1, 3, 5].entries()) {
      expect(Math.abs(skewNormalAbove(x, skewness) / expected[at]! - 1)).toBeLessThan(1e-6);
    }
  });

  it('falls from 1 to 0', () => {
    fc.assert(
      fc.property(fc.double({ min: -3, max: 3, noNaN: true }), fc.double({ min: -20, max: 20, noNaN: true }), (skewness, x) => {
        const [here, further] = [skewNormalAbove(x, skewness), skewNormalAbove(x + 0.1, skewness)];
        expect(here).toBeGreaterThanOrEqual(0);
        expect(here).toBeLessThanOrEqual(1);
        expect(further).toBeLessThanOrEqual(here + 1e-9);
      }),
      { numRuns: 60 },
    );
  });
});

describe('exposure', () => {
  const bits = 8 * Math.log2(10);
  const normal = (random: () => number) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const drawn = (random: () => number, above: number) => ({
    own: -20 + 2 * (normal(random) + above),
    others: Array.from({ length: 63 }, () => -20 + 2 * normal(random)),
  });

  it('of secrets that were not learnt is x bits or more with a chance of 2^-x', () => {
    const random = seededRandom(7);
    const found = exposures(
      Array.from({ length: 300 }, () => drawn(random, 0)),
      bits,
    );
    const share = (x: number) => found.filter((each) => each >= x).length / found.length;
    for (const x of [1, 2, 4]) expect(Math.abs(share(x) - 2 ** -x)).toBeLessThan(4 * Math.sqrt(2 ** -x / found.length));
    expect(share(10)).toBeLessThan(0.01);
    expect(found.reduce((sum, each) => sum + each, 0) / found.length).toBeCloseTo(1 / Math.LN2, 0);
  });

  it('grows with the rank up to all bits, and says nothing absurd where all others are alike', () => {
    const random = seededRandom(8);
    const { others } = drawn(random, 0);
    const of = (own: number) => exposures([{ own, others }], bits)[0]!;
    expect(of(-20)).toBeLessThan(of(-15));
    expect(of(-0.01)).toBe(bits);
    expect(of(-40)).toBeGreaterThanOrEqual(0);
    const alike = { others: [-5, -5, -5] };
    expect(
      exposures(
        [
          { ...alike, own: -1 },
          { ...alike, own: -5 },
          { ...alike, own: -9 },
        ],
        bits,
      ).map(Math.round),
    ).toEqual([27, 1, 0]);
    expect(exposures([], bits)).toEqual([]);
  });
});
