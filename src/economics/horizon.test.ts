import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakEvenRequests } from './break-even.ts';
import { cheapestAt, crossoversOf } from './cheapest.ts';
import { horizonCost } from './horizon.ts';

const traffic = { requestsPerMonth: 500_000, turns: 1, requirementChangesPerMonth: 0.5, horizonMonths: 12, publicFacing: false };

describe('horizonCost', () => {
  it('is $101.25 a month for 550 tokens in and 200 out at 0.15 and 0.60 per million', () => {
    expect(horizonCost({ setup: 0, perRequest: 202_500, tuned: false }, { ...traffic, horizonMonths: 1 })).toBe(101.25e9);
  });

  it('adds the set-up once, and again at every change of requirements where it was tuned', () => {
    const cost = { setup: 30e9, perRequest: 0 };
    expect(horizonCost({ ...cost, tuned: false }, traffic)).toBe(30e9);
    expect(horizonCost({ ...cost, tuned: true }, traffic)).toBe(30e9 * 7);
  });

  it('counts every turn of a conversation', () => {
    const cost = { setup: 0, perRequest: 1000, tuned: false };
    expect(horizonCost(cost, { ...traffic, turns: 3 })).toBe(3 * horizonCost(cost, traffic));
  });
});

describe('breakEvenRequests', () => {
  it('is 277,778 requests for 5,000 against 0.018 a request, with the interval of the saving turned round', () => {
    expect(breakEvenRequests(5000, { value: 0.018, low: 0.016, high: 0.02 })).toEqual({ requests: 277_778, low: 250_000, high: 312_500 });
  });

  it('never comes without a saving, and may never come where the interval reaches 0', () => {
    expect(breakEvenRequests(5000, { value: -0.01, low: -0.02, high: 0 })).toEqual({ requests: null, low: null, high: null });
    expect(breakEvenRequests(5000, { value: 0.01, low: -0.001, high: 0.02 })).toEqual({ requests: 500_000, low: 250_000, high: null });
  });

  it('has come at once where nothing more was paid to begin with', () => {
    expect(breakEvenRequests(0, { value: 0.01, low: 0.01, high: 0.01 }).requests).toBe(0);
  });

  it('is the first whole request at which the dearer start has been repaid', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 1, max: 10_000 }), (start, saving) => {
        const { requests } = breakEvenRequests(start, { value: saving, low: saving, high: saving });
        expect(requests! * saving).toBeGreaterThanOrEqual(start);
        expect((requests! - 1) * saving).toBeLessThan(start);
      }),
    );
  });
});

describe('crossoversOf', () => {
  it('follows the lowest line', () => {
    const lines = [
      { name: 'prompt', fixed: 0, slope: 10 },
      { name: 'tuned', fixed: 100, slope: 5 },
      { name: 'hosted', fixed: 400, slope: 1 },
      { name: 'never', fixed: 500, slope: 9 },
    ];
    expect(crossoversOf(lines)).toEqual([
      { requestsPerMonth: 20, from: 'prompt', to: 'tuned' },
      { requestsPerMonth: 75, from: 'tuned', to: 'hosted' },
    ]);
    expect(cheapestAt(lines, 19)?.name).toBe('prompt');
    expect(cheapestAt(lines, 50)?.name).toBe('tuned');
    expect(cheapestAt(lines, 76)?.name).toBe('hosted');
    expect(cheapestAt([], 1)).toBeUndefined();
  });
});
