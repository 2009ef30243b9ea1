import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CostParts, compareCosts } from './compare-costs.ts';

const parts = fc
  .array(
    fc.record({
      perRequest: fc.nat(50_000_000),
      wrongPerRequest: fc.nat(10_000_000),
      oneTime: fc.nat(5000).map((dollars) => dollars * 1e9),
      monthlyFixed: fc.nat(500).map((dollars) => dollars * 1e9),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((all): CostParts[] => all.map((part, index) => ({ name: `a${index}`, ...part })));
const volume = fc.nat(2_000_000);
const horizonMonths = fc.integer({ min: 1, max: 60 });

const horizons = (all: readonly CostParts[], requestsPerMonth: number, months: number) =>
  new Map(compareCosts(all, { requestsPerMonth, horizonMonths: months }).approaches.map(({ name, horizon }) => [name, horizon]));

/** Dollars that rounding may take: amounts to a nano-dollar or 15 digits, volumes to 12 digits. */
const rounding = (dollars: number) => 1e-5 + 1e-8 * dollars;

describe('compareCosts', () => {
  it('never costs less for more requests', () => {
    fc.assert(
      fc.property(parts, volume, volume, horizonMonths, (all, one, other, months) => {
        const less = horizons(all, Math.min(one, other), months);
        for (const [name, cost] of horizons(all, Math.max(one, other), months)) expect(cost).toBeGreaterThanOrEqual(less.get(name)!);
      }),
    );
  });

  it('changes the cheapest at the crossovers and nowhere else', () => {
    fc.assert(
      fc.property(parts, horizonMonths, fc.array(volume, { maxLength: 8 }), (all, months, volumes) => {
        const { curve, crossovers } = compareCosts(all, { requestsPerMonth: 1, horizonMonths: months });
        for (const { requestsPerMonth, from, to } of crossovers) {
          const at = horizons(all, requestsPerMonth, months);
          const least = Math.min(...at.values());
          expect(at.get(from)! - least).toBeLessThanOrEqual(rounding(least));
          expect(at.get(to)! - least).toBeLessThanOrEqual(rounding(least));
          const beyond = horizons(all, requestsPerMonth * 1.01 + 1, months);
          expect(beyond.get(to)!).toBeLessThan(beyond.get(from)!);
        }
        for (const requests of volumes) {
          const piece = curve.find(({ toRequestsPerMonth }) => toRequestsPerMonth === null || requests <= toRequestsPerMonth)!;
          const at = horizons(all, requests, months);
          const least = Math.min(...at.values());
          expect(at.get(piece.name)! - least).toBeLessThanOrEqual(rounding(least));
        }
      }),
    );
  });

  it('draws the cheapest as one unbroken line whose pieces meet', () => {
    fc.assert(
      fc.property(parts, horizonMonths, (all, months) => {
        const { curve } = compareCosts(all, { requestsPerMonth: 0, horizonMonths: months });
        expect(curve[0]!.fromRequestsPerMonth).toBe(0);
        expect(curve.at(-1)!.toRequestsPerMonth).toBeNull();
        for (const [index, next] of curve.slice(1).entries()) {
          const piece = curve[index]!;
          expect(piece.toRequestsPerMonth).toBe(next.fromRequestsPerMonth);
          expect(Math.abs(piece.horizonAtTo! - next.horizonAtFrom)).toBeLessThanOrEqual(rounding(next.horizonAtFrom));
        }
      }),
    );
  });

  it('breaks even where what was saved has repaid the larger start', () => {
    fc.assert(
      fc.property(parts, fc.integer({ min: 1, max: 2_000_000 }), (all, requestsPerMonth) => {
        for (const { from, to, breakEvenRequests, paybackMonths } of compareCosts(all, { requestsPerMonth, horizonMonths: 12 }).pairs) {
          const first = all.find((part) => part.name === from)!;
          const second = all.find((part) => part.name === to)!;
          const extraStart = second.oneTime - first.oneTime;
          const saving = first.perRequest + first.wrongPerRequest - second.perRequest - second.wrongPerRequest;
          const extraMonthly = second.monthlyFixed - first.monthlyFixed;
          expect(extraStart).toBeGreaterThanOrEqual(0);
          if (breakEvenRequests === null) expect(saving * requestsPerMonth - extraMonthly).toBeLessThanOrEqual(0);
          else {
            const saved = breakEvenRequests * saving - (paybackMonths ?? 0) * extraMonthly;
            expect(Math.abs(saved - extraStart)).toBeLessThanOrEqual(1e-9 * (extraStart + Math.abs(breakEvenRequests * saving)));
          }
        }
      }),
    );
  });

  it('counts wrong answers where they have a price', () => {
    const base = { perRequest: 1e6, oneTime: 0, monthlyFixed: 0 };
    const result = compareCosts(
      [
        { name: 'cheap', ...base, wrongPerRequest: 0.2 * 1e9 },
        { name: 'good', ...base, perRequest: 5e6, wrongPerRequest: 0.05 * 1e9 },
      ],
      { requestsPerMonth: 1000, horizonMonths: 1 },
    );
    expect(result.approaches.map(({ perRequest, perMonth }) => [perRequest, perMonth])).toEqual([
      [0.001, 201],
      [0.005, 55],
    ]);
    expect(result.cheapest).toBe('good');
  });

  it('stays finite and sane at 10^12 requests, at none, and where a saving is nearly nothing', () => {
    const tiny: CostParts[] = [
      { name: 'a', perRequest: 1e-300, wrongPerRequest: 0, oneTime: 0, monthlyFixed: 0 },
      { name: 'b', perRequest: 0, wrongPerRequest: 0, oneTime: 1e24, monthlyFixed: 0 },
    ];
    for (const requestsPerMonth of [0, 1, 1e12]) {
      const text = JSON.stringify(compareCosts(tiny, { requestsPerMonth, horizonMonths: 1200 }));
      expect(text).not.toMatch(/NaN|Infinity/);
    }
    expect(compareCosts(tiny, { requestsPerMonth: 1, horizonMonths: 12 }).pairs[0]).toMatchObject({ breakEvenRequests: null });
    const large = compareCosts([{ name: 'a', perRequest: 202_500, wrongPerRequest: 0, oneTime: 0, monthlyFixed: 0 }], {
      requestsPerMonth: 1e12,
      horizonMonths: 12,
    });
    expect(large.approaches[0]).toMatchObject({ perMonth: 202_500_000, horizon: 2_430_000_000 });
  });
});
