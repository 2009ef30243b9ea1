import fc from 'fast-check';
import { expect, it } from 'vitest';
import { errorRates } from './error-rates.ts';
import { madeTask } from './verdict.fixture.ts';

it('shares an error rate so that all claims of a climb together stay within it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 0, max: 8 }),
      fc.double({ min: 0.51, max: 0.999, noNaN: true }),
      fc.boolean(),
      (rungs, goals, confidence, looked) => {
        const task = madeTask(Object.fromEntries(Array.from({ length: goals }, (_, goal) => [`goal${goal}`, '>= 0.5'])), { confidence });
        const { atLook, atEnd } = errorRates(task, rungs, looked);
        const error = 1 - confidence;
        const spent = (rate: 'met' | 'missed') => atEnd[rate] + (looked ? atLook[rate] : 0);
        // every rung is truly good or truly bad: it can be wrongly called in one direction only
        expect(rungs * Math.max(spent('met'), goals * spent('missed'))).toBeLessThanOrEqual(error * (1 + 1e-9));
        // and no claim is laxer than the interval shown beside it
        expect(spent('met')).toBeLessThanOrEqual(error / 2 + 1e-12);
      },
    ),
  );
});
