import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakEvenRequests } from './break-even.ts';
import { candidateCost, wrongCostEnds } from './candidate-cost.ts';
import { cheapestAt, crossoversOf } from './cheapest.ts';
import { type CandidateCost, horizonCost, horizonCostInterval, horizonFixed, monthlyFixed } from './horizon.ts';

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

describe('horizonCost with what no service bills', () => {
  const cost: CandidateCost = { setup: 30e9, perRequest: 1000, tuned: true, monthly: 85e9, perChange: 20e9, wrongPerRequest: 500 };

  it('adds hosting and maintenance every month, and what a change of requirements costs', () => {
    expect(monthlyFixed(cost, traffic)).toBe(95e9);
    expect(horizonFixed(cost, traffic)).toBe(30e9 + 12 * 95e9);
  });

  it('adds what wrong answers cost to every request', () => {
    expect(horizonCost(cost, traffic) - horizonFixed(cost, traffic)).toBe(1500 * 6_000_000);
  });

  it('never costs less for more requests, months or changes', () => {
    const money = fc.nat(1_000_000).map((dollars) => dollars * 1e6);
    const any = fc.record({ setup: money, perRequest: fc.nat(1e6), tuned: fc.boolean(), monthly: money, wrongPerRequest: fc.nat(1e6) });
    const months = fc.record({
      requestsPerMonth: fc.nat(1e9),
      turns: fc.integer({ min: 1, max: 20 }),
      requirementChangesPerMonth: fc.nat(30),
      horizonMonths: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(
        any,
        months,
        fc.constantFrom('requestsPerMonth', 'horizonMonths', 'requirementChangesPerMonth', 'turns'),
        (candidate, now, which) => {
          const more = { ...now, [which]: now[which] + 1, publicFacing: false };
          expect(horizonCost(candidate, more)).toBeGreaterThanOrEqual(horizonCost(candidate, { ...now, publicFacing: false }));
        },
      ),
    );
  });

  it('is between its ends, which move with the requests alone', () => {
    const ends = horizonCostInterval(cost, traffic, { perRequest: { low: 900, high: 1100 } });
    expect(ends).toEqual({ low: horizonFixed(cost, traffic) + 1400 * 6e6, high: horizonFixed(cost, traffic) + 1600 * 6e6 });
    const both = horizonCostInterval(cost, traffic, { perRequest: { low: -5, high: 1100 }, wrongPerRequest: { low: 100, high: 900 } });
    expect(both).toEqual({ low: horizonFixed(cost, traffic) + 100 * 6e6, high: horizonFixed(cost, traffic) + 2000 * 6e6 });
  });
});

describe('candidateCost', () => {
  const costs = {
    wrongAnswer: 2,
    label: 0.1,
    engineeringHour: 80,
    rungs: { tuned: { engineeringHours: 10, hostingPerMonth: 200, maintenanceHoursPerMonth: 1, engineeringHoursPerChange: 0.5 } },
  };
  const measured = { name: 'tuned', setup: 30e9, perRequest: 1000, tuned: true, labelledRows: 300, wrongShare: 0.05 };

  it('adds labels and engineering to the set-up, and hosting and maintenance to the month', () => {
    expect(candidateCost(measured, costs)).toEqual({
      setup: (30 + 30 + 800) * 1e9,
      perRequest: 1000,
      tuned: true,
      monthly: 280e9,
      perChange: (30 + 40) * 1e9,
      wrongPerRequest: 0.1e9,
    });
  });

  it('costs a rung without costs of its own what was measured', () => {
    const plain = candidateCost({ ...measured, name: 'prompt', tuned: false, labelledRows: 0, wrongShare: 0 }, costs);
    expect(horizonCost(plain, traffic)).toBe(horizonCost({ setup: 30e9, perRequest: 1000, tuned: false }, traffic));
  });

  it('turns the interval of right answers round into that of what wrong ones cost', () => {
    expect(wrongCostEnds({ low: 0.75, high: 1 }, costs)).toEqual({ low: 0, high: 0.5e9 });
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
