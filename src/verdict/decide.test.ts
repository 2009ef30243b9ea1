import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EvidenceSet } from '#core/evidence.ts';
import type { Task } from '#core/task.ts';
import { decide } from './decide.ts';
import { formMetric, type MadeCandidate, madeEvidence, madeTask, rightMetric, rightOf, setMetric, shareMetric } from './verdict.fixture.ts';

const versions = { rung: '0.1.0', node: '24.0.0' };
const decided = (task: Task, evidence: EvidenceSet, metrics = [rightMetric]) => decide(task, evidence, { metrics, versions });
const accurate = (rung: string, right: number, rows: number, more: Partial<MadeCandidate> = {}): MadeCandidate => ({
  rung,
  scores: { accuracy: rightOf(right, rows) },
  ...more,
});

describe('goals', () => {
  const goals = { accuracy: '>= 0.9' };

  it('chooses the cheapest rung over the horizon among those whose goals are surely met', () => {
    const evidence = madeEvidence([
      accurate('zero-shot', 240, 400, { cost: 10_000 }),
      accurate('few-shot', 380, 400, { cost: 300_000 }),
      accurate('fine-tuned', 382, 400, { cost: 60_000, setup: 30e9, tuned: true }),
    ]);
    const verdict = decided(madeTask(goals), evidence);
    expect(verdict).toMatchObject({ status: 'met', chosen: { rung: 'fine-tuned', candidate: 'c_fine-tuned' } });
    expect(verdict.rungs.map((rung) => rung.goals['accuracy'])).toEqual(['not-met', 'met', 'met']);
    // 100,000 requests a month for 12 months at $0.00030, and at $0.00006 after $30
    expect(verdict.rungs.map((rung) => rung.horizonCost)).toEqual([12, 360, 102]);
    expect(verdict.sentence).toContain('Fine-tuned (nano): 95.5 % accuracy (95 % interval');
    expect(verdict.sentence).toContain('n 400) meets every goal at $0.06 per 1,000 requests');
    expect(verdict.sentence).toContain('zero-shot reached 60 % and misses accuracy of at least 90 %');
  });

  it('changes its mind with the volume, and says at which', () => {
    const candidates = [
      accurate('few-shot', 380, 400, { cost: 300_000 }),
      accurate('fine-tuned', 382, 400, { cost: 60_000, setup: 30e9, tuned: true }),
    ];
    const at = (requestsPerMonth: number) => {
      const task = madeTask(goals);
      return decided({ ...task, traffic: { ...task.traffic, requestsPerMonth } }, madeEvidence(candidates));
    };
    // 30 dollars / (12 × 0.00024)
    expect(at(10_000).chosen?.rung).toBe('few-shot');
    expect(at(10_000).triggers[0]).toMatchObject({ id: 'volume-above', when: 'requestsPerMonth > 10417', now: 10_000, fired: false });
    expect(at(11_000).chosen?.rung).toBe('fine-tuned');
    expect(at(11_000).triggers[0]).toMatchObject({ id: 'volume-below', when: 'requestsPerMonth < 10417' });
    expect(at(11_000).sentence).toContain('few-shot would do too, for');
  });

  it('pays again for every change of requirements of a tuned rung, and says at which rate that stops paying', () => {
    const candidates = [
      accurate('few-shot', 380, 400, { cost: 300_000 }),
      accurate('fine-tuned', 382, 400, { cost: 60_000, setup: 30e9, tuned: true }),
    ];
    const at = (requirementChangesPerMonth: number) => {
      const task = madeTask(goals);
      return decided({ ...task, traffic: { ...task.traffic, requirementChangesPerMonth } }, madeEvidence(candidates));
    };
    // (360 − 102) dollars / (30 × 12 months)
    expect(at(0.5).chosen?.rung).toBe('fine-tuned');
    expect(at(0.5).triggers.map((trigger) => trigger.when)).toContain('requirementChangesPerMonth > 0.717');
    expect(at(0.8).chosen?.rung).toBe('few-shot');
  });

  it('says so where the evidence does not decide, with the rows that would', () => {
    const verdict = decided(madeTask(goals), madeEvidence([accurate('zero-shot', 120, 200), accurate('few-shot', 186, 200)]));
    expect(verdict).toMatchObject({ status: 'undecided', chosen: null });
    expect(verdict.rungs[1]!.goals).toEqual({ accuracy: 'undecided' });
    // at 93 % the exact bound leaves 90 % from 391 rows on
    expect(verdict.sentence).toContain('few-shot (nano): 93 % accuracy');
    expect(verdict.sentence).toContain('about 191 more rows would decide it');
  });

  it('names the best and what it misses where no rung does', () => {
    const verdict = decided(
      madeTask({ ...goals, costPer1k: '<= 0.05' }),
      madeEvidence([accurate('zero-shot', 240, 400), accurate('few-shot', 312, 400)]),
    );
    expect(verdict).toMatchObject({ status: 'not-met', chosen: null });
    expect(verdict.sentence).toContain('the best, few-shot (nano): 78 % accuracy');
    expect(verdict.sentence).toContain('misses accuracy of at least 90 % and a cost of at most $0.05 per 1,000 requests (now $0.10');
    expect(verdict.plateau.signs).toContain('token-cost');
  });

  it('warns that a cheaper rung may do as well', () => {
    const verdict = decided(
      madeTask(goals),
      madeEvidence([accurate('few-shot', 370, 400, { cost: 50_000 }), accurate('strong', 385, 400, { cost: 900_000, model: 'big' })]),
    );
    expect(verdict.chosen?.rung).toBe('strong');
    expect(verdict.warnings.join()).toMatch(/few-shot costs less and may do as well: .* about \d+ more rows would tell/);
  });

  it('judges latency by order statistics and does not decide what too few rows cannot bound', () => {
    const slow = Array.from({ length: 60 }, (_, row) => row);
    const task = madeTask({ latencyP95Ms: '<= 800' });
    expect(decided(task, madeEvidence([accurate('zero-shot', 60, 60, { latencyMs: slow })])).sentence).toContain('about 12 more rows');
    expect(decided(task, madeEvidence([accurate('zero-shot', 100, 100)])).status).toBe('met');
    const late = Array.from({ length: 100 }, () => 900);
    expect(decided(task, madeEvidence([accurate('zero-shot', 100, 100, { latencyMs: late })])).status).toBe('not-met');
  });

  it('judges two goals of one measure by the worse', () => {
    const task = madeTask();
    const both: Task = {
      ...task,
      goals: [
        { measure: 'accuracy', operator: '>=', bound: 0.5 },
        { measure: 'accuracy', operator: '<=', bound: 0.6 },
      ],
    };
    const verdict = decided(both, madeEvidence([accurate('zero-shot', 90, 100)]));
    expect(verdict.rungs[0]!.goals).toEqual({ accuracy: 'not-met' });
    expect(verdict.criteria.goals).toEqual({ accuracy: '>= 0.5 and <= 0.6' });
  });

  it('leaves a goal open whose measure has no rows', () => {
    const verdict = decided(madeTask({ style: '>= 0.9' }), madeEvidence([accurate('zero-shot', 90, 100)]));
    expect(verdict.status).toBe('undecided');
    expect(verdict.sentence).toContain('style of at least 90 % (not measured)');
  });
});

describe('without goals', () => {
  it('chooses the cheapest rung that is not significantly worse than the best', () => {
    const verdict = decided(
      madeTask(),
      madeEvidence([
        accurate('zero-shot', 240, 400, { cost: 10_000 }),
        accurate('few-shot', 379, 400, { cost: 60_000 }),
        accurate('strong', 380, 400, { cost: 900_000, model: 'big' }),
      ]),
    );
    expect(verdict).toMatchObject({ status: 'met', chosen: { rung: 'few-shot' } });
    expect(verdict.sentence).toContain('is the cheapest rung that is not significantly worse than the best (strong, 95 %)');
  });

  it('says why the best is chosen', () => {
    const sentence = (candidates: MadeCandidate[]) => decided(madeTask(), madeEvidence(candidates)).sentence;
    const cheap = accurate('zero-shot', 240, 400, { cost: 10_000 });
    const strong = accurate('strong', 380, 400, { cost: 900_000, model: 'big' });
    expect(sentence([strong])).toMatch(/at \$0\.90 per 1,000 requests, is the only rung that was measured; no goals are set\.$/);
    expect(sentence([cheap, strong])).toContain('has the best result, and every cheaper rung is significantly worse');
    expect(sentence([{ ...cheap, cost: 1_000_000 }, strong])).toContain('has the best result, and no rung is cheaper');
  });

  it('goes by the place on the ladder where a price is not known, and says so', () => {
    const verdict = decided(
      madeTask(),
      madeEvidence([accurate('zero-shot', 95, 100, { priced: false }), accurate('few-shot', 95, 100, { cost: 1 })]),
    );
    expect(verdict.chosen?.rung).toBe('zero-shot');
    expect(verdict.rungs[0]).not.toHaveProperty('costPer1k');
    expect(verdict.rungs[0]).not.toHaveProperty('horizonCost');
    expect(verdict.warnings.join()).toContain('No price is known for zero-shot');
  });
});

describe('floor', () => {
  it('says that something is wrong rather than that one should climb', () => {
    const verdict = decided(
      madeTask({ accuracy: '>= 0.9' }),
      madeEvidence([accurate('zero-shot', 20, 100), accurate('few-shot', 25, 100)]),
    );
    expect(verdict.status).toBe('not-met');
    expect(verdict.sentence).toContain('Something is wrong with the task, the model or the metric: the best rung, few-shot');
  });

  it('warns where only a tune rose above it', () => {
    const verdict = decided(
      madeTask({ accuracy: '>= 0.8' }),
      madeEvidence([accurate('zero-shot', 20, 100), accurate('fine-tuned', 95, 100, { tuned: true })]),
    );
    expect(verdict.chosen?.rung).toBe('fine-tuned');
    expect(verdict.warnings.join()).toContain('Every prompt stayed under 50 % accuracy');
  });
});

describe('gain and break-even', () => {
  it('compares each rung with the one measured before it, on the same rows', () => {
    const verdict = decided(
      madeTask(),
      madeEvidence([
        accurate('zero-shot', 60, 100),
        { rung: 'reasoning', scores: {}, skipped: 'no budget' },
        { rung: 'few-shot', scores: { accuracy: [...rightOf(0, 5), ...rightOf(65, 95)] }, cost: 50_000 },
      ]),
    );
    // both right on rows 5 to 59, first only on 0 to 4, second only on 60 to 69
    expect(verdict.rungs[2]!.gain).toMatchObject({ over: 'c_zero-shot', n: 100, value: 0.05 });
    expect(verdict.rungs[2]!.gain!.p).toBeCloseTo(0.2101, 3);
    expect(verdict.rungs[1]).toMatchObject({ skipped: 'no budget', gain: null, metrics: {} });
    expect(verdict.breakEven).toEqual([{ from: 'c_zero-shot', to: 'c_few-shot', requests: 0, low: 0, high: 0 }]);
  });

  it('counts the requests after which a set-up is repaid, between every pair', () => {
    const verdict = decided(
      madeTask(),
      madeEvidence([
        accurate('few-shot', 95, 100, { cost: 35_000_000 }),
        accurate('fine-tuned', 95, 100, { cost: 17_000_000, setup: 5000e9, tuned: true }),
        accurate('dear', 95, 100, { cost: 40_000_000, setup: 1e9 }),
      ]),
    );
    expect(verdict.breakEven.map(({ from, to, requests }) => [from, to, requests])).toEqual([
      ['c_few-shot', 'c_fine-tuned', 277_778],
      ['c_few-shot', 'c_dear', null],
      ['c_dear', 'c_fine-tuned', 217_348],
    ]);
  });

  it('takes the bootstrap for mean scores and for numbers over the whole set', () => {
    const half = Array.from({ length: 60 }, (_, row) => 0.5 + (row % 3) / 10);
    const more = half.map((score) => score + 0.1);
    const means = decided(
      madeTask(),
      madeEvidence([
        { rung: 'zero-shot', scores: { persona: half } },
        { rung: 'few-shot', scores: { persona: more } },
      ]),
      [shareMetric],
    );
    expect(means.rungs[0]!.metrics['persona']).toMatchObject({ value: expect.closeTo(0.6, 9), method: 'bca bootstrap', n: 60 });
    expect(means.rungs[1]!.gain!.value).toBeCloseTo(0.1, 9);

    const labels = Array.from({ length: 60 }, (_, row) => (row % 2 === 0 ? 'billing' : 'shipping'));
    const set = decided(
      madeTask(),
      madeEvidence(
        [
          { rung: 'zero-shot', scores: {}, answered: labels.map((label, row) => (row < 20 ? undefined : label)) },
          { rung: 'few-shot', scores: {}, answered: labels },
        ],
        { examples: labels.map((expected, row) => ({ id: `e${row}`, expected, tags: [] })) },
      ),
      [setMetric],
    );
    expect(set.rungs[0]!.metrics['agreement']!.value).toBeCloseTo(2 / 3, 9);
    expect(set.rungs[1]!.metrics['agreement']).toMatchObject({ value: 1, high: 1 });
    expect(set.rungs[1]!.gain).toMatchObject({ value: expect.closeTo(1 / 3, 9), method: 'paired bca bootstrap' });
  });

  it('gives recorded scores of 0 and 1 the exact methods', () => {
    const verdict = decided(madeTask(), madeEvidence([{ rung: 'cheap', scores: { persona: rightOf(841, 1319) } }]), [shareMetric]);
    // 63.8 % of 1,319; statsmodels 0.15.0 proportion_confint(841, 1319, method="wilson")
    expect(verdict.rungs[0]!.metrics['persona']).toMatchObject({
      method: 'wilson',
      low: expect.closeTo(0.6113, 4),
      high: expect.closeTo(0.6631, 4),
    });
  });
});

describe('plateau', () => {
  it('is reached where the last prompting rung surely gains less than matters', () => {
    const { plateau } = decided(
      madeTask(),
      madeEvidence([accurate('zero-shot', 240, 400), accurate('few-shot', 312, 400), accurate('structured', 313, 400)]),
    );
    expect(plateau).toMatchObject({ reached: true, at: 'few-shot', signs: ['plateau'] });
    expect(plateau.why).toContain('structured over few-shot changes accuracy by +0.3 points (95 % interval −0.6 to +1.1 points, n 400)');
  });

  it('is not reached while prompting gains, nor judged across models or by tuned rungs', () => {
    const gaining = decided(madeTask(), madeEvidence([accurate('zero-shot', 240, 400), accurate('few-shot', 312, 400)])).plateau;
    expect(gaining).toMatchObject({ reached: false, at: null });
    expect(gaining.why).toContain('still gains');
    const other = [
      accurate('zero-shot', 240, 400),
      accurate('strong', 240, 400, { model: 'big' }),
      accurate('fine-tuned', 240, 400, { tuned: true }),
    ];
    expect(decided(madeTask(), madeEvidence(other)).plateau.why).toContain('Only one prompting rung');
  });

  it('says how many rows an unclear gain needs', () => {
    const { plateau } = decided(
      madeTask(),
      madeEvidence([accurate('zero-shot', 70, 100), { rung: 'few-shot', scores: { accuracy: [...rightOf(66, 96), 1, 1, 1, 1] } }]),
    );
    expect(plateau.reached).toBe(false);
    expect(plateau.why).toMatch(/Not clear yet.*About \d+ rows/);
  });

  it('sees errors of form and refusals', () => {
    const rows = 200;
    const evidence = madeEvidence([
      {
        rung: 'zero-shot',
        scores: { accuracy: rightOf(180, rows), format: rightOf(100, rows) },
        answered: Array.from({ length: rows }, (_, row) => (row < 160 ? 'billing' : undefined)),
      },
    ]);
    expect(decided(madeTask(), evidence, [rightMetric, formMetric]).plateau.signs).toEqual(['format', 'fights-training']);
  });
});

describe('thin evidence', () => {
  it('takes recorded answers without a latency', () => {
    const evidence = madeEvidence([accurate('zero-shot', 95, 100, { latencyMs: new Array<number>(100).fill(Number.NaN) })]);
    const verdict = decided(madeTask({ accuracy: '>= 0.8', latencyP95Ms: '<= 800' }), evidence);
    expect(verdict.rungs[0]).not.toHaveProperty('latencyMs');
    expect(verdict.rungs[0]!.goals).toEqual({ accuracy: 'met', latencyP95Ms: 'undecided' });
    expect(verdict.sentence).toContain('(not measured)');
  });

  it('says how bad a goal that is open may still be', () => {
    const evidence = madeEvidence([{ rung: 'distilled', model: null, scores: { accuracy: rightOf(290, 301), format: rightOf(301, 301) } }]);
    const { sentence } = decided(madeTask({ accuracy: '>= 0.9', format: '>= 0.99' }), evidence, [rightMetric, formMetric]);
    expect(sentence).toContain('format compliance of at least 99 % (now 100 %, which may be as low as 98.8 %); about 67 more rows');
  });

  it('says that nothing was measured', () => {
    const skipped = decided(madeTask({ accuracy: '>= 0.9' }), madeEvidence([{ rung: 'zero-shot', scores: {}, skipped: 'no such model' }]));
    expect(skipped).toMatchObject({ status: 'undecided', chosen: null });
    expect(skipped.sentence).toBe('Nothing was measured: every rung was skipped (zero-shot: no such model).');
    expect(decided(madeTask(), madeEvidence([])).sentence).toContain('no rungs');
    expect(decided(madeTask(), madeEvidence([accurate('zero-shot', 0, 0)])).sentence).toContain('the test split has no examples');
  });

  it('does not read quality into failures', () => {
    const failing = accurate('zero-shot', 0, 50, { failed: new Array<number>(50).fill(1) });
    const verdict = decided(madeTask({ accuracy: '>= 0.9' }), madeEvidence([failing]));
    expect(verdict.sentence).toContain('No request brought an answer');
    expect(verdict.rungs[0]).toMatchObject({ failures: 50 });
    expect(verdict.rungs[0]).not.toHaveProperty('costPer1k');
    expect(verdict.rungs[0]).not.toHaveProperty('latencyMs');
  });

  it('says so where no metric applies', () => {
    const nothing = { rung: 'zero-shot', scores: { accuracy: new Array<number>(30).fill(Number.NaN) } };
    expect(decided(madeTask(), madeEvidence([nothing])).sentence).toContain('none of the metrics applies');
  });

  it('counts failures and changed criteria as warnings', () => {
    const evidence = madeEvidence([accurate('zero-shot', 90, 100, { failed: rightOf(3, 100) })], {
      criteriaChanged: true,
      split: 'validation',
    });
    const { warnings } = decided(madeTask(), evidence);
    expect(warnings.join()).toContain('changed after the first answer');
    expect(warnings.join()).toContain('validation split');
    expect(warnings.join()).toContain('zero-shot: 3 of 100 rows brought no answer');
  });
});

describe('any evidence', () => {
  const candidate = (rows: number) =>
    fc.record({
      right: fc.array(fc.constantFrom(0, 1, Number.NaN), { minLength: rows, maxLength: rows }),
      share: fc.array(fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constant(Number.NaN)), { minLength: rows, maxLength: rows }),
      failed: fc.array(fc.constantFrom(0, 0, 0, 1), { minLength: rows, maxLength: rows }),
      cost: fc.nat(1_000_000),
      setup: fc.nat(1_000_000_000),
      tuned: fc.boolean(),
      priced: fc.boolean(),
      model: fc.constantFrom('nano', 'big', null),
    });

  const worlds = fc.integer({ min: 1, max: 12 }).chain((rows) =>
    fc.record({
      candidates: fc.array(candidate(rows), { minLength: 1, maxLength: 4 }),
      goals: fc.constantFrom<Record<string, string>>(
        {},
        { accuracy: '>= 0.6' },
        { accuracy: '>= 0.9', costPer1k: '<= 0.5', latencyP95Ms: '<= 45', persona: '>= 0.2' },
      ),
      requestsPerMonth: fc.constantFrom(0, 1000, 1e12),
    }),
  );

  it('gives the same plain JSON every time, without a number that is none, and a choice only where goals are met', () => {
    fc.assert(
      fc.property(worlds, ({ candidates, goals, requestsPerMonth }) => {
        const made = candidates.map((parts, index) => ({
          ...parts,
          rung: `r${index}`,
          scores: { accuracy: parts.right, persona: parts.share },
        }));
        const base = madeTask(goals);
        const task = { ...base, traffic: { ...base.traffic, requestsPerMonth, requirementChangesPerMonth: 1 } };
        const verdict = decided(task, madeEvidence(made), [rightMetric, shareMetric]);
        expect(decided(task, madeEvidence(made), [rightMetric, shareMetric])).toEqual(verdict);
        expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict);
        expect(verdict.sentence).not.toMatch(/NaN|Infinity|undefined/);
        expect(verdict.status === 'met').toBe(verdict.chosen !== null);
        const chosen = verdict.rungs.find((rung) => rung.candidate === verdict.chosen?.candidate);
        for (const status of Object.values(chosen?.goals ?? {})) expect(status).toBe('met');
        for (const rung of verdict.rungs) {
          for (const { low, value, high } of Object.values(rung.metrics)) {
            expect(low).toBeLessThanOrEqual(value + 1e-12);
            expect(high).toBeGreaterThanOrEqual(value - 1e-12);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
