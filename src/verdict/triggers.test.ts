import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VerdictLearningCurve } from '#core/verdict.ts';
import { type CandidateCost, horizonCost } from '#economics/horizon.ts';
import { madeChoice, madeGoal, madeRung } from './trigger.fixture.ts';
import { holds } from './trigger-condition.ts';
import { triggersOf } from './triggers.ts';
import { madeEvidence, madeTask, rightMetric } from './verdict.fixture.ts';

const bar = { measure: 'accuracy', operator: '>=', bound: 0.9 } as const;
const evidence = madeEvidence([], { registration: { criteriaHash: 'a', splitHash: 'b', at: Date.UTC(2026, 10, 21) } });
const traffic = { requestsPerMonth: 100_000, turns: 1, requirementChangesPerMonth: 0.5, horizonMonths: 12, publicFacing: false };

describe('triggers of a choice', () => {
  const task = madeTask({ accuracy: '>= 0.9' }, { traffic });
  const tuned = madeRung({
    rung: 'fine-tuned',
    cost: { setup: 30e9, perRequest: 60_000, tuned: true },
    goals: [madeGoal(bar, 'met', 0.94)],
    retiresOn: '2027-06-14',
  });
  const prompted = madeRung({ rung: 'few-shot', cost: { perRequest: 300_000 }, goals: [madeGoal(bar, 'met', 0.93)] });
  const triggers = triggersOf(madeChoice({ sufficient: [tuned, prompted] }), task, evidence);
  const byId = Object.fromEntries(triggers.map((trigger) => [trigger.id, trigger]));

  it('are conditions over one figure, quiet on the day of the decision', () => {
    expect(Object.keys(byId)).toEqual([
      'volume-below',
      'requirement-changes-above',
      'price-rise',
      'price-fall',
      'goal-accuracy',
      'drift',
      'switch-off-near',
      'switch-off',
      'new-rung',
    ]);
    for (const { when, condition, now, fired } of triggers) {
      expect(when).toBe(`${condition.figure} ${condition.operator} ${condition.bound}`);
      expect(fired).toBe(false);
      expect(holds(condition, now)).toBe(false);
    }
  });

  it('turn where the arithmetic says', () => {
    // 30 × (1 + 0.5 × 12) = 210 dollars over 12 months against 0.00024 a request: 875,000 requests, 72,917 a month
    expect(byId['volume-below']).toMatchObject({ when: 'requestsPerMonth < 72917', now: 100_000 });
    // 0.00024 × 1.2 M = 288 dollars saved, less 30 once: 258 pays for 258 / 360 changes a month
    expect(byId['requirement-changes-above']?.condition.bound).toBe(0.717);
    // 78 dollars more over 1.2 M requests: 0.065 more per 1,000
    expect(byId['price-rise']).toMatchObject({ when: 'costPer1k > 0.125', now: 0.06 });
    expect(byId['price-fall']).toMatchObject({ when: 'costPer1k:few-shot < 0.235', now: 0.3 });
  });

  it('give the switch-off date, and a day that leaves time to act', () => {
    expect(byId['switch-off']).toMatchObject({ condition: { figure: 'date', operator: '>=', bound: '2027-06-14' }, now: '2026-11-21' });
    expect(byId['switch-off-near']?.condition.bound).toBe('2027-04-15');
    const undated = madeRung({ rung: 'few-shot', retiresOn: 'soon' });
    expect(triggersOf(madeChoice({ sufficient: [undated] }), task, evidence).map(({ id }) => id)).not.toContain('switch-off');
  });

  it('watch what was measured where there are no goals', () => {
    const rung = madeRung({ rung: 'few-shot' });
    const choice = { ...madeChoice({ sufficient: [rung] }), kind: 'no-goals' as const };
    const found = triggersOf(choice, madeTask(), evidence, { metric: rightMetric });
    expect(found.map(({ when }) => when)).toContain('accuracy < 0.89');
  });

  it('say how many rows would decide an open verdict', () => {
    const open = madeRung({ rung: 'few-shot', goals: [madeGoal(bar, 'open', 0.91, 230)] });
    const found = triggersOf(madeChoice({ open: [open] }), task, evidence);
    expect(found.map(({ id, when }) => [id, when])).toEqual([
      ['test-rows', 'testRows >= 430'],
      ['new-rung', 'newRungs > 0'],
    ]);
  });

  it('say from how many training rows a forecast reaches the goal', () => {
    const missing = madeRung({ rung: 'distilled', accuracy: 0.8, goals: [madeGoal(bar, 'missed', 0.8)] });
    const at = (rows: number, value: number) => ({ rows, value, low: value - 0.03, high: value + 0.02, n: 3, method: 'power law' });
    const curve: VerdictLearningCurve = {
      rung: 'distilled',
      metric: 'accuracy',
      points: [],
      forecast: [at(400, 0.84), at(800, 0.91), at(1200, 0.93)],
      law: 'power',
      why: '',
      scored: [],
    };
    const found = triggersOf(madeChoice({ missing: [missing] }), task, evidence, { curve });
    expect(found[0]).toMatchObject({ id: 'training-rows', when: 'trainRows >= 800', now: 300, fired: false });
  });

  it('are none where nothing can be watched', () => {
    const rung = madeRung({ rung: 'few-shot' });
    for (const kind of ['below-floor', 'all-failed', 'no-scores'] as const)
      expect(triggersOf({ ...madeChoice({ missing: [rung] }), kind }, task, evidence)).toEqual([]);
  });
});

describe('a bound of cost', () => {
  const money = fc.integer({ min: 0, max: 50_000_000_000 });
  const cost: fc.Arbitrary<CandidateCost> = fc.record({
    setup: money,
    perRequest: fc.integer({ min: 0, max: 1_000_000 }),
    tuned: fc.boolean(),
    monthly: money,
    perChange: money,
    wrongPerRequest: fc.integer({ min: 0, max: 10_000 }),
  });
  const flow = fc.record({
    requestsPerMonth: fc.integer({ min: 0, max: 1_000_000 }),
    turns: fc.integer({ min: 1, max: 5 }),
    requirementChangesPerMonth: fc.double({ min: 0, max: 4, noNaN: true }),
    horizonMonths: fc.integer({ min: 1, max: 36 }),
    publicFacing: fc.constant(false),
  });

  it('has the chosen rung cheaper on this side and the named one on the other', () => {
    fc.assert(
      fc.property(fc.array(cost, { minLength: 2, maxLength: 5 }), flow, (costs, traffic) => {
        const rungs = costs
          .map((each, index) => ({ name: `rung-${index}`, each }))
          .sort((a, b) => horizonCost(a.each, traffic) - horizonCost(b.each, traffic))
          .map(({ name, each }) => madeRung({ rung: name, cost: each }));
        const task = madeTask({}, { traffic });
        const chosen = rungs[0]!.measures.cost!;
        for (const { condition, fired, now, then } of triggersOf(madeChoice({ sufficient: rungs }), task, evidence)) {
          const bound = condition.bound as number;
          expect(fired).toBe(false);
          if (!['requestsPerMonth', 'requirementChangesPerMonth'].includes(condition.figure)) continue;
          expect(condition.operator === '<' ? bound <= Number(now) : bound >= Number(now)).toBe(true);
          const other = rungs.find(({ measures }) => then.startsWith(`${measures.evidence.rung} `))!.measures.cost!;
          // beyond the rounding of the bound
          const beyond = condition.operator === '<' ? Math.max(0, bound * 0.99 - 1) : bound * 1.01 + 1;
          const there = { ...traffic, [condition.figure]: beyond };
          expect(horizonCost(other, there)).toBeLessThanOrEqual(horizonCost(chosen, there) * (1 + 1e-9) + 1);
        }
      }),
      { numRuns: 200 },
    );
  });
});
