import { describe, expect, it } from 'vitest';
import { alternativesOf, assumptionsOf } from './record-alternatives.ts';
import { madeChoice, madeGoal, madeRung } from './trigger.fixture.ts';
import { madeEvidence, madeTask } from './verdict.fixture.ts';

const accuracy = { measure: 'accuracy', operator: '>=', bound: 0.9 } as const;
const latency = { measure: 'latencyP95Ms', operator: '<=', bound: 800 } as const;
const price = { measure: 'costPer1k', operator: '<=', bound: 0.5 } as const;
const task = madeTask({ accuracy: '>= 0.9' });
const chosen = madeRung({
  rung: 'fine-tuned',
  cost: { setup: 30e9, perRequest: 60_000, tuned: true },
  goals: [madeGoal(accuracy, 'met', 0.94)],
});

describe('alternativesOf', () => {
  it('says what each rung would need', () => {
    const dearer = madeRung({ rung: 'few-shot', cost: { perRequest: 300_000 }, goals: [madeGoal(accuracy, 'met', 0.93)] });
    const open = madeRung({ rung: 'structured', goals: [madeGoal(accuracy, 'open', 0.89, 230)] });
    const missing = madeRung({
      rung: 'zero-shot',
      goals: [madeGoal(accuracy, 'missed', 0.858), madeGoal(latency, 'missed', 920), madeGoal(price, 'missed', 0.7)],
    });
    const found = alternativesOf(
      madeChoice({ sufficient: [chosen, dearer], open: [open], missing: [missing] }),
      task,
      madeEvidence([{ rung: 'hybrid', scores: {}, skipped: 'needs two models' }]),
    );
    expect(found.map(({ rung, needs }) => [rung, needs])).toEqual([
      [
        'few-shot',
        'a price under $0.085 per 1,000 requests (now $0.30), or under 10,417 requests a month, or over 0.717 changes of requirements a month',
      ],
      ['structured', 'about 230 more test rows'],
      ['zero-shot', '4.2 points more accuracy and 120 ms less 95th-percentile latency and a price under $0.50 per 1,000 requests'],
      ['hybrid', 'what it lacked, and then a climb'],
    ]);
    expect(found[0]?.why).toBe('it meets every goal, and costs $258.00 more over 12 months');
    expect(found[1]?.why).toMatch(/^accuracy of at least 90 % is not decided: 89 % \(95 % interval /);
    expect(found[2]?.why).toContain('it misses a 95th-percentile latency of at most 800 ms: 920 ms (888 ms to 952 ms, n 200)');
  });

  it('compares with the best where there are no goals', () => {
    const best = madeRung({ rung: 'fine-tuned', accuracy: 0.94 });
    const worse = madeRung({ rung: 'zero-shot', accuracy: 0.85 });
    const [found] = alternativesOf({ ...madeChoice({ sufficient: [best], missing: [worse] }), kind: 'no-goals' }, madeTask());
    expect(found).toMatchObject({ needs: 'most of 9 points more accuracy' });
    expect(found?.why).toContain('85 % accuracy against 94 %');
  });

  it('has words for costs that are not known', () => {
    const one = madeRung({ rung: 'few-shot' });
    const [found] = alternativesOf(madeChoice({ sufficient: [chosen, one] }), task);
    expect(found?.needs).toMatch(/prices/);
  });
});

describe('assumptionsOf', () => {
  it('names traffic, what-if prices, work and confidence', () => {
    const traffic = { requestsPerMonth: 100_000, turns: 3, requirementChangesPerMonth: 0.5, horizonMonths: 12, publicFacing: true };
    const said = assumptionsOf(
      madeTask({}, { traffic, prices: { nano: { inputPerMillion: 0.15, outputPerMillion: 0.6 } } }),
      madeEvidence([]),
    ).join('\n');
    expect(said).toContain('100,000 requests a month, each a conversation of 3 turns, over a horizon of 12 months.');
    expect(said).toContain('Requirements change 0.5 times a month');
    expect(said).toContain('The price of nano is what the task says: $0.15 per million input tokens, $0.60 per million output tokens.');
    expect(said).toContain('95 % confidence');
    expect(said).not.toMatch(/NaN|undefined/);
  });
});
