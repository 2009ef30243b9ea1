import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget, BudgetEndedError, type Settlement } from './budget.ts';

describe('a budget', () => {
  it('is never passed, in whatever order requests are sent and settled', () => {
    const step = fc.record({
      most: fc.integer({ min: 0, max: 50 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      settleAt: fc.nat(20),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 0, max: 500 }),
        fc.integer({ min: 0, max: 30 }),
        (steps, maxCost, maxCalls) => {
          const budget = new Budget({ maxCost, maxCalls });
          const open: (() => void)[] = [];
          for (const { most, share, settleAt } of steps) {
            try {
              const settle = budget.reserve(most);
              const settlement: Settlement = { kind: 'answered', cost: Math.floor(most * share) };
              open.push(() => settle(settlement));
            } catch (error) {
              expect(error).toBeInstanceOf(BudgetEndedError);
            }
            open.splice(settleAt % (open.length + 1), 1)[0]?.();
            expect(budget.calls).toBeLessThanOrEqual(maxCalls);
            expect(budget.spent).toBeLessThanOrEqual(maxCost);
          }
          for (const settle of open) settle();
          expect(budget.spent).toBeLessThanOrEqual(maxCost);
        },
      ),
    );
  });

  it('counts what is in flight before it is answered', () => {
    const budget = new Budget({ maxCost: 100 });
    budget.reserve(60);
    expect(() => budget.reserve(60)).toThrow(BudgetEndedError);
  });

  it('gives back what a refusal did not use, and keeps what may have been charged', () => {
    const budget = new Budget({ maxCost: 100 });
    budget.reserve(60)({ kind: 'refused' });
    budget.reserve(60)({ kind: 'uncertain' });
    expect(budget.spent).toBe(0);
    expect(() => budget.reserve(60)).toThrow('The budget of $1e-7 ended');
  });
});
