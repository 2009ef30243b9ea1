import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catchUp } from './catch-up.ts';
import { type PricedTokens, requestCost } from './request-cost.ts';

const price = { inputPerMillion: 0.15, outputPerMillion: 0.6 };
const turn = { user: 50, output: 200, reasoning: 0 };
const long: PricedTokens = { tokens: { ...turn, system: 500 }, price };
const tuned = (factor: number): PricedTokens => ({
  tokens: { ...turn, system: 0 },
  price: { inputPerMillion: 0.15 * factor, outputPerMillion: 0.6 * factor },
});
const traffic = { requestsPerMonth: 500_000, horizonMonths: 12, extraStart: 30e9 };

describe('catchUp', () => {
  it('is 1.588 times the price, 850 tokens, or 101.25 a month for a prompt of 500 tokens against twice the price', () => {
    expect(catchUp(long, tuned(2), { ...traffic, turns: 1 })).toEqual({
      tunedPriceFactor: expect.closeTo(202.5 / 127.5, 9),
      promptTokens: 850,
      selfHostedPerMonth: 101.25,
      selfHostedPerMonthWithStart: 98.75,
    });
  });

  it('moves further away the longer the conversation is, at twice the price', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), (turns) => {
        const now = catchUp(long, tuned(2), { ...traffic, turns });
        const longer = catchUp(long, tuned(2), { ...traffic, turns: turns + 1 });
        expect(longer.tunedPriceFactor!).toBeLessThan(now.tunedPriceFactor!);
        expect(longer.tunedPriceFactor!).toBeLessThan(2);
        expect(longer.promptTokens!).toBeGreaterThan(now.promptTokens!);
        expect(requestCost(tuned(2), turns)).toBeGreaterThan(requestCost(long, turns));
      }),
    );
  });

  it('gives values at which both cost the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 11, max: 40 }), (turns, tenths) => {
        const factor = tenths / 10;
        const result = catchUp(long, tuned(factor), { ...traffic, turns });
        expect(requestCost(tuned(result.tunedPriceFactor!), turns)).toBeCloseTo(requestCost(long, turns), 2);
        const level = { ...long, tokens: { ...long.tokens, system: result.promptTokens! } };
        expect(requestCost(level, turns)).toBeCloseTo(requestCost(tuned(factor), turns), 2);
      }),
    );
  });

  it('has no value where none can bring them level', () => {
    const free: PricedTokens = { tokens: long.tokens, price: { inputPerMillion: 0, outputPerMillion: 0 } };
    expect(catchUp(free, tuned(1), { ...traffic, turns: 1 })).toEqual({
      tunedPriceFactor: null,
      promptTokens: null,
      selfHostedPerMonth: null,
      selfHostedPerMonthWithStart: null,
    });
  });
});
