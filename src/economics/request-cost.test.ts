import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PricedTokens, requestCost } from './request-cost.ts';

const prompt: PricedTokens = {
  tokens: { system: 500, user: 50, output: 200, reasoning: 0 },
  price: { inputPerMillion: 0.15, outputPerMillion: 0.6 },
};

const amount = fc.double({ min: 0, max: 100, noNaN: true });
const tokens = fc.record({ system: fc.nat(4000), user: fc.nat(2000), output: fc.nat(2000), reasoning: fc.nat(2000) });
const anyRequest: fc.Arbitrary<PricedTokens> = fc.record({
  tokens,
  price: fc.record({ inputPerMillion: amount, outputPerMillion: amount, cachedInputPerMillion: fc.option(amount, { nil: undefined }) }),
});

/** Every turn written out as a service would bill it, with the conversation so far as a list of what was said. */
function turnByTurn({ tokens, price }: PricedTokens, turns: number): number {
  const said: number[] = [tokens.system];
  let dollars = 0;
  for (let turn = 1; turn <= turns; turn++) {
    const before = turn === 1 ? 0 : said.reduce((sum, each) => sum + each, 0);
    const fresh = tokens.user + (turn === 1 ? tokens.system : 0);
    const cached = price.cachedInputPerMillion ?? price.inputPerMillion!;
    dollars += (fresh * price.inputPerMillion! + before * cached + (tokens.output + tokens.reasoning) * price.outputPerMillion!) / 1e6;
    said.push(tokens.user, tokens.output);
  }
  return dollars * 1e9;
}

describe('requestCost', () => {
  it('is the sum over the turns of a conversation', () => {
    fc.assert(
      fc.property(anyRequest, fc.integer({ min: 1, max: 40 }), (request, turns) => {
        const naive = turnByTurn(request, turns);
        expect(Math.abs(requestCost(request, turns) - naive)).toBeLessThanOrEqual(1e-9 * (1 + naive));
      }),
    );
  });

  it('is 202,500 nano-dollars for 550 tokens in and 200 out at 0.15 and 0.60 per million', () => {
    expect(requestCost(prompt, 1)).toBe(202_500);
  });

  it('bills reasoning as output, and does not send it again', () => {
    const thinking = { ...prompt, tokens: { ...prompt.tokens, reasoning: 300 } };
    expect(requestCost(thinking, 7) - requestCost(prompt, 7)).toBeCloseTo(7 * 300 * 600, 6);
  });

  it('reads the first system prompt from the cache only in the share that is said', () => {
    const cached = { ...prompt, price: { ...prompt.price, cachedInputPerMillion: 0.075 } };
    expect(requestCost(cached, 1)).toBe(202_500);
    // all of 500 tokens at half of 0.15
    expect(requestCost({ ...cached, cachedShare: 1 }, 1)).toBe(202_500 - 37_500);
    expect(requestCost({ ...cached, cachedShare: 0.5 }, 1)).toBe(202_500 - 18_750);
  });

  it('takes the discount off the share that goes in a batch', () => {
    const price = { ...prompt.price, batchDiscount: 0.5 };
    expect(requestCost({ ...prompt, price, batchShare: 1 }, 1)).toBe(101_250);
    expect(requestCost({ ...prompt, price, batchShare: 0.4 }, 1)).toBe(202_500 * 0.8);
    expect(requestCost({ ...prompt, price }, 1)).toBe(202_500);
  });

  it('takes a batch at its own prices, without the cache unless that has one too', () => {
    const price = { ...prompt.price, cachedInputPerMillion: 0.015, batchInputPerMillion: 0.1, batchOutputPerMillion: 0.5 };
    const plain = { ...prompt, price: { inputPerMillion: 0.1, outputPerMillion: 0.5 } };
    expect(requestCost({ ...prompt, price, batchShare: 1 }, 4)).toBeCloseTo(requestCost(plain, 4), 6);
    const both = { ...prompt, price: { ...price, batchCachedInputPerMillion: 0.01 }, batchShare: 1 };
    const cached = { ...prompt, price: { inputPerMillion: 0.1, cachedInputPerMillion: 0.01, outputPerMillion: 0.5 } };
    expect(requestCost(both, 4)).toBeCloseTo(requestCost(cached, 4), 6);
  });

  it('pays a price per request in every turn, batch or not', () => {
    const flat: PricedTokens = { tokens: prompt.tokens, price: { perRequest: 0.002, batchDiscount: 0.5 }, batchShare: 1 };
    expect(requestCost(flat, 3)).toBe(6_000_000);
  });
});
