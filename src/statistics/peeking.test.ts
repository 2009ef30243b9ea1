import { describe, expect, it } from 'vitest';
import { peekingTest } from './peeking.ts';
import reference from './references/confidence-sequences.json' with { type: 'json' };

const test = peekingTest({ worlds: 1000, seed: 1 });

describe('peekingTest', () => {
  it('publishes what numerical integration gives', () => {
    for (const { looks, published } of test.shares) {
      // by convolution with SciPy, in scripts/references/confidence-sequences.py
      expect(published).toBeCloseTo(reference.peeking.find((row) => row.looks === looks)!.share, 3);
    }
  });

  it('errs by the z test more often the more it is looked at, about as published', () => {
    for (const { looks, ordinary, published } of test.shares) {
      // three standard errors of 1,000 worlds; 0/1 outcomes cross a little less often than normal ones at the first rows
      const slack = 3 * Math.sqrt((published * (1 - published)) / 1000);
      expect(ordinary.value).toBeGreaterThan(published - slack - (looks === 1000 ? 0.05 : 0));
      expect(ordinary.value).toBeLessThan(published + slack);
    }
  });

  it('errs by the betting sequence no more often than stated, however often it is looked at', () => {
    for (const { sequence } of test.shares) expect(sequence.value).toBeLessThanOrEqual(test.nominal);
  });

  it('gives the same shares for the same seed, and other ones for another', () => {
    const again = peekingTest({ worlds: 60, seed: 9 });
    expect(peekingTest({ worlds: 60, seed: 9 })).toEqual(again);
    expect(peekingTest({ worlds: 60, seed: 10 })).not.toEqual(again);
  });
});
