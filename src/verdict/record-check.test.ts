import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TriggerCondition } from '#core/verdict.ts';
import { checkTriggers, figuresOf } from './record-check.ts';
import { triggerOf } from './trigger-condition.ts';

const volume = triggerOf('volume-below', { figure: 'requestsPerMonth', operator: '<', bound: 41_000 }, 100_000, 'few-shot is cheaper');
const off = triggerOf('switch-off', { figure: 'date', operator: '>=', bound: '2027-01-14' }, '2026-11-21', 'the model is gone');
const goal = triggerOf('goal-accuracy', { figure: 'accuracy', operator: '<', bound: 0.9 }, 0.943, 'climb again');
const decision = { triggers: [volume, off, goal] };

describe('checkTriggers', () => {
  it('fires where a figure crosses its bound, on dates as on numbers', () => {
    const fired = (figures: Record<string, number | string>) =>
      checkTriggers(decision, figures)
        .filter((trigger) => trigger.fired)
        .map(({ id }) => id);
    expect(fired({ requestsPerMonth: 41_000, date: '2027-01-13', accuracy: 0.9 })).toEqual([]);
    expect(fired({ requestsPerMonth: 40_999, date: '2027-01-14', accuracy: 0.899 })).toEqual([
      'volume-below',
      'switch-off',
      'goal-accuracy',
    ]);
  });

  it('leaves unchecked what nobody supplied, with the value of the decision', () => {
    const [first, , third] = checkTriggers(decision, { requestsPerMonth: 5, toString: 1 });
    expect(first).toMatchObject({ figure: 'requestsPerMonth', value: 5, fired: true });
    expect(first).not.toHaveProperty('missing');
    expect(third).toMatchObject({ figure: 'accuracy', value: 0.943, fired: false, missing: true });
  });

  it.each([
    [{ requestsPerMonth: 'many' }, /requestsPerMonth must be a number/],
    [{ requestsPerMonth: Number.NaN }, /requestsPerMonth must be a number/],
    [{ date: 20270114 }, /date must be a date/],
    [{ date: '2027-02-30' }, /date must be a date/],
  ])('refuses %j', (figures, sentence) => {
    expect(() => checkTriggers(decision, figures)).toThrow(sentence);
  });

  it('fires exactly where the comparison holds', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.constantFrom<TriggerCondition['operator'][]>('<', '>', '<=', '>='), number, number, (operator, bound, value) => {
        const [checked] = checkTriggers({ triggers: [triggerOf('t', { figure: 'f', operator, bound }, 0, '')] }, { f: value });
        const expected = { '<': value < bound, '>': value > bound, '<=': value <= bound, '>=': value >= bound }[operator];
        expect(checked?.fired).toBe(expected);
      }),
    );
  });

  it('names every figure once', () => {
    expect(figuresOf({ triggers: [...decision.triggers, volume] })).toEqual(['requestsPerMonth', 'date', 'accuracy']);
  });
});
