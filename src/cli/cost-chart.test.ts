import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CostParts, compareCosts } from '#economics/compare-costs.ts';
import { costChart } from './cost-chart.ts';

const part = (name: string, dollars: Partial<Omit<CostParts, 'name'>>): CostParts => ({
  name,
  perRequest: (dollars.perRequest ?? 0) * 1e9,
  wrongPerRequest: (dollars.wrongPerRequest ?? 0) * 1e9,
  oneTime: (dollars.oneTime ?? 0) * 1e9,
  monthlyFixed: (dollars.monthlyFixed ?? 0) * 1e9,
});

describe('costChart', () => {
  it('marks where the cheapest changes, and draws each side with the letter of the cheapest', () => {
    const result = compareCosts([part('prompt', { perRequest: 0.035 }), part('tuned', { perRequest: 0.017, oneTime: 5000 })], {
      requestsPerMonth: 10_000,
      horizonMonths: 12,
    });
    const lines = costChart(result, 78);
    const crossed = lines.find((line) => line.includes('X') && line.includes('|'))!;
    const column = crossed.indexOf('X');
    expect(lines).toContainEqual(expect.stringMatching(/X 23,148 requests a month: a to b$/));
    const lowest = (at: number) =>
      lines
        .filter((line) => line.includes('|') && !line.includes('against'))
        .map((line) => line[at])
        .findLast((cell) => cell === 'a' || cell === 'b');
    expect(lowest(column - 6)).toBe('a');
    expect(lowest(column + 6)).toBe('b');
  });

  it('keeps to its width in plain characters, whatever the costs are', () => {
    const money = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e15, noNaN: true }), fc.double({ min: 0, max: 1e-6, noNaN: true }));
    const any = fc.record({ perRequest: money, oneTime: money, monthlyFixed: money, wrongPerRequest: money });
    fc.assert(
      fc.property(
        fc.array(any, { minLength: 1, maxLength: 30 }),
        fc.constantFrom(0, 1, 500, 1e12, 1e15),
        fc.integer({ min: 72, max: 80 }),
        (all, requestsPerMonth, width) => {
          const parts = all.map((each, index) => part(`n${index}`, each));
          for (const line of costChart(compareCosts(parts, { requestsPerMonth, horizonMonths: 12 }), width)) {
            expect(line.length).toBeLessThanOrEqual(width);
            expect(line).toMatch(/^[ -~]*$/);
            expect(line).not.toMatch(/NaN|Infinity|undefined/);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is no chart where nothing costs anything', () => {
    expect(costChart(compareCosts([part('free', {})], { requestsPerMonth: 10, horizonMonths: 1 }), 78)).toEqual([]);
  });
});
