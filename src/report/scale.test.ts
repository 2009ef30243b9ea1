import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linearScale, logScale, niceDomain, niceTicks } from './scale.ts';

const ends = fc
  .tuple(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: 1e-3, max: 1e6, noNaN: true }))
  .map(([low, span]) => [low, low + span] as const);

describe('scales', () => {
  it('marks round steps', () => {
    expect(niceTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(niceDomain(0.54, 0.97, 5)).toEqual([0.5, 1]);
    expect(logScale([0.9, 1100], [0, 100]).ticks).toEqual([1, 10, 100, 1000]);
  });

  it('keeps ticks inside, in order, and few', () => {
    fc.assert(
      fc.property(ends, ([low, high]) => {
        const ticks = niceTicks(low, high, 5);
        expect(ticks.length).toBeLessThanOrEqual(7);
        expect(ticks.every((tick, index) => index === 0 || tick > ticks[index - 1]!)).toBe(true);
        const slack = (high - low) * 1e-6;
        expect(ticks.every((tick) => tick >= low - slack && tick <= high + slack)).toBe(true);
      }),
    );
  });

  it('covers the data and maps its ends to the ends of the axis', () => {
    fc.assert(
      fc.property(ends, ([low, high]) => {
        const domain = niceDomain(low, high, 5);
        const slack = (high - low) * 1e-6;
        expect(domain[0]).toBeLessThanOrEqual(low + slack);
        expect(domain[1]).toBeGreaterThanOrEqual(high - slack);
        const scale = linearScale(domain, [10, 110]);
        expect(scale(domain[0])).toBeCloseTo(10, 6);
        expect(scale(domain[1])).toBeCloseTo(110, 6);
      }),
    );
  });
});
