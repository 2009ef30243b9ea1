import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Estimate } from '#core/estimate.ts';
import type { GoalBounds, GoalStatus, VerdictRung } from '#core/verdict.ts';
import { reasoningOf } from './reasoning.ts';
import type { Reasoned } from './reasoning-words.ts';
import { madeTask } from './verdict.fixture.ts';

function share(value: number, n = 240): Estimate {
  return { value, low: value - 0.05, high: value + 0.05, n, method: 'wilson' };
}

function rung(name: string, accuracy: number, changes: Partial<VerdictRung> = {}): VerdictRung {
  return {
    rung: name,
    candidate: `c_${name}`,
    model: 'nano',
    metrics: { accuracy: share(accuracy) },
    goals: { accuracy: accuracy > 0.9 ? 'met' : 'not-met' },
    goalBounds: { accuracy: { low: accuracy - 0.06, high: accuracy + 0.06, n: 240, method: 'wilson' } },
    rows: { measured: 240, of: 240 },
    gain: null,
    setup: { dollars: 0, seconds: 1 },
    horizonCost: 12,
    ...changes,
  };
}

const stopped = rung('zero-shot', 0.6, {
  rows: { measured: 100, of: 240, stopped: { reason: 'misses-goal', why: 'surely misses accuracy of at least 90 %' } },
});
const chosen = rung('few-shot', 0.96, {
  gain: { over: 'c_zero-shot', value: 0.36, low: 0.25, high: 0.45, p: 0.00001, n: 100, method: 'paired exact test' },
});

function verdictOf(changes: Partial<Reasoned> = {}): Reasoned {
  return {
    schema: 'rung.verdict/1',
    task: 'support',
    status: 'met',
    sentence: 'few-shot meets every goal.',
    chosen: { rung: 'few-shot', candidate: 'c_few-shot', cheapest: { chance: 0.97, n: 240, method: '4000 draws' } },
    undecided: null,
    floor: null,
    rungs: [stopped, chosen, rung('cascade', 0, { metrics: {}, goals: {}, skipped: 'needs a second model' })],
    plateau: {
      reached: false,
      at: null,
      signs: [],
      why: 'Prompting still gains.',
      looked: [{ sign: 'plateau', seen: false, why: 'It gains.' }],
    },
    breakEven: [{ from: 'c_zero-shot', to: 'c_few-shot', requests: 1700, low: 1500, high: null }],
    learningCurve: null,
    triggers: [
      {
        id: 'quality',
        when: 'accuracy < 0.9',
        condition: { figure: 'accuracy', operator: '<', bound: 0.9 },
        now: 0.96,
        fired: false,
        // biome-ignore lint/suspicious/noThenProperty: the name is the verdict document's
        then: 'tune again',
      },
    ],
    prior: [
      { source: 'Flow chart', answer: 'tune', why: 'Four times yes.', agrees: false },
      { source: 'Data needed', answer: 'prompt', why: 'Too few examples.', agrees: true },
    ],
    alternatives: [{ rung: 'zero-shot', candidate: 'c_zero-shot', why: 'it misses accuracy', needs: '30 points more' }],
    assumptions: ['100,000 requests a month.'],
    rowsSaved: { rows: 140, of: 480 },
    criteria: {
      hash: 'a'.repeat(64),
      goals: { accuracy: '>= 0.9' },
      confidence: 0.95,
      split: { train: 300, validation: 100, test: 240 },
      splitHash: 'b'.repeat(64),
      testLooks: 1,
      changed: false,
    },
    spent: { dollars: 0.1, calls: 340, cached: 0, retries: 0, failures: 0, seconds: 3 },
    versions: { rung: '0', node: '24' },
    warnings: [],
    ...changes,
  };
}

const task = madeTask({ accuracy: '>= 0.9' });
const linesOf = (changes: Partial<Reasoned> = {}, of = task, lookedEarly?: boolean) =>
  Object.fromEntries(reasoningOf(verdictOf(changes), of, lookedEarly).map(({ title, lines }) => [title, lines.join('\n')]));

describe('reasoningOf', () => {
  it('gives the eight steps in order', () => {
    expect(reasoningOf(verdictOf(), task).map(({ step, title }) => `${step} ${title}`)).toEqual(
      '1 Split,2 Climb,3 Stop early,4 Plateau,5 Look up,6 Choose,7 Confirm,8 Record'.split(','),
    );
  });

  it('shows every figure with interval, n and method', () => {
    const { Climb, Choose } = linesOf();
    expect(Climb).toContain('zero-shot (nano): accuracy 60 % (95 % interval 55–65 %, n 240, wilson).');
    expect(Climb).toContain(
      'few-shot over zero-shot, row by row: +36 points (95 % interval +25 to +45 points, p < 0.001, n 100, paired exact test).',
    );
    expect(Climb).toContain('cascade was skipped: needs a second model.');
    expect(Choose).toContain('zero-shot: accuracy of at least 90 % missed (judged at 54 % to 66 %, n 240, wilson).');
    expect(Choose).toContain('The chance that it really is the cheapest: 97 % (n 240, 4000 draws).');
    expect(Choose).toContain('few-shot against zero-shot: pays back its set-up after 1,700 requests (95 % interval 1,500 to never).');
  });

  it('names the error rates that goals were judged at, those of looks apart', () => {
    // 5 % over 2 rungs is 2.5 % each way, a fifth of it for the looks
    expect(linesOf()['Stop early']).toContain("at its last row a rung's goal is called met at 2 % and missed at 2 %, each on one side");
    expect(linesOf()['Stop early']).toContain('At looks before the last row a goal is called met at 0.5 % and missed at 0.5 %');
    expect(linesOf({}, task, false)['Stop early']).toContain('called met at 2.5 % and missed at 2.5 %');
    expect(linesOf({}, madeTask())['Stop early']).toContain('No goals are set: rungs are compared with the best in pairs');
  });

  it('says which rung was stopped after how many rows and why, and the rows saved', () => {
    const text = linesOf()['Stop early'];
    expect(text).toContain('zero-shot was stopped after 100 of 240 rows: surely misses accuracy of at least 90 %; 140 saved.');
    expect(text).toContain('few-shot was measured on 240 of 240 rows.');
    expect(text).toContain('Stopping early saved 140 of 480 rows (29.2 %).');
  });

  it('gives costs over the horizon of the rungs that will do only, with the interval of a request where it is known', () => {
    const service = { costPer1k: { value: 0.01, low: 0.008, high: 0.012, n: 240, method: 't' } };
    const { Choose } = linesOf({ rungs: [stopped, Object.assign({ service }, chosen)] });
    // ± $0.002 per thousand of 1.2 million requests
    expect(Choose).toContain('few-shot costs $12.00 (95 % interval $9.60 to $14.40 by the cost of a request, n 240, t) over 12 months');
    expect(Choose).not.toContain('zero-shot costs');
  });

  it('gives no interval where every request costs the same, and no number where the price is not known', () => {
    const service = { costPer1k: { value: 0, low: 0, high: 0, n: 240, method: 't' } };
    const free = Object.assign({ service }, chosen, { horizonCost: 0 });
    expect(linesOf({ rungs: [free] })['Choose']).toContain('few-shot costs $0 (every request costs the same, n 240, t) over 12 months');
    const { horizonCost: _, ...unpriced } = chosen;
    expect(linesOf({ rungs: [unpriced] })['Choose']).toContain('few-shot costs an amount that is not known');
  });

  it('says what is open, how often the test split was looked at, and what disagrees', () => {
    const why = 'About 312 more test rows would decide whether few-shot meets the goal, for about $0.02 of requests, if its values stay.';
    expect(
      linesOf({ status: 'undecided', chosen: null, undecided: { rung: 'few-shot', rows: 312, dollars: 0.02, why, meanwhile: null } })[
        'Choose'
      ],
    ).toContain(why);
    expect(linesOf()['Confirm']).toBe('The test split was looked at once.');
    const worn = linesOf({ criteria: { ...verdictOf().criteria, testLooks: 8 } })['Confirm'];
    expect(worn).toContain('looked at 8 times with different candidates: the best of them may be flattered by up to 2.0 standard errors');
    expect(linesOf()['Record']).toContain('Disagrees with the measurement, which stands: Flow chart says tune.');
    expect(linesOf()['Record']).not.toContain('Data needed');
    expect(linesOf()['Record']).toContain('Reopened when accuracy < 0.9 (now 96 %): tune again.');
    expect(linesOf()['Record']).toContain('zero-shot was not chosen: it misses accuracy. It would need 30 points more.');
  });

  it('shows what the floor found', () => {
    const floor = {
      floor: 0.5,
      best: 'few-shot',
      confusions: [{ expected: 'billing', answered: 'shipping', rows: 31 }],
      suspects: [{ example: 'e7', expected: 'billing', answered: 'shipping', rungs: 2 }],
      failedByAll: { rows: 40, of: 100, examples: ['e1', 'e2'] },
    };
    const { Climb } = linesOf({ floor });
    expect(Climb).toContain('Even the best rung, few-shot, is surely under the floor of 50 %');
    expect(Climb).toContain('billing answered as shipping (31 rows)');
    expect(Climb).toContain('e7 is labelled billing, and 2 rungs answered shipping');
    expect(Climb).toContain('Every rung fails 40 of the 100 rows that two or more rungs answered: e1, e2 and more.');
  });

  it('has no figure that is none, whatever the document holds', () => {
    const number = fc.oneof(
      fc.double({ min: -2, max: 1e12 }),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0),
    );
    const estimate = fc.record({ value: number, low: number, high: number, n: number, method: fc.constant('wilson') });
    const end = fc.option(number);
    const bounds: fc.Arbitrary<GoalBounds> = fc.record({ low: end, high: end, n: number, method: fc.constant('t') });
    const status: fc.Arbitrary<GoalStatus> = fc.constantFrom('met', 'not-met', 'undecided');
    const oddRung: fc.Arbitrary<VerdictRung> = fc
      .record({
        metrics: fc.dictionary(fc.constantFrom('accuracy', 'format'), estimate),
        goals: fc.dictionary(fc.constantFrom('accuracy', 'costPer1k'), status),
        goalBounds: fc.dictionary(fc.constantFrom('accuracy', 'costPer1k', 'latencyP95Ms'), bounds),
        rows: fc.record({ measured: number, of: number }),
        gain: fc.option(
          fc.record({ over: fc.constant('c_x'), value: number, low: number, high: number, p: number, n: number, method: fc.constant('t') }),
        ),
        repeats: fc.record({
          rows: number,
          agreement: estimate,
          passHat: fc.array(fc.record({ k: number, value: number, low: number, high: number, n: number, method: fc.constant('t') }), {
            maxLength: 2,
          }),
        }),
        horizonCost: number,
        failures: number,
      })
      .map((odd) => rung('odd', 0.5, odd));
    const odd: fc.Arbitrary<Partial<Reasoned>> = fc.record({
      rungs: fc.array(oddRung, { maxLength: 3 }),
      rowsSaved: fc.record({ rows: number, of: number }),
      chosen: fc.option(
        fc.record({
          rung: fc.constant('odd'),
          candidate: fc.constant('c_odd'),
          cheapest: fc.record({ chance: number, n: number, method: fc.constant('draws') }),
        }),
      ),
      breakEven: fc.array(fc.record({ from: fc.constant('c_odd'), to: fc.constant('c_x'), requests: end, low: end, high: end }), {
        maxLength: 2,
      }),
      criteria: number.map((testLooks) => ({ ...verdictOf().criteria, testLooks })),
    });
    const goals = fc.constantFrom<Readonly<Record<string, string>>>(
      {},
      { accuracy: '>= 0.9' },
      { accuracy: '>= 0.9', costPer1k: '<= 0.5', latencyP95Ms: '<= 800' },
    );
    fc.assert(
      fc.property(odd, goals, fc.boolean(), (changes, wanted, lookedEarly) => {
        const text = JSON.stringify(reasoningOf(verdictOf(changes), madeTask(wanted), lookedEarly));
        expect(text).not.toMatch(/NaN|undefined|Infinity|∞|null/);
      }),
      { numRuns: 200 },
    );
  });
});
