import { describe, expect, it } from 'vitest';
import type { CandidateEvidence, EvidenceSet } from '#core/evidence.ts';
import type { Metric } from '#core/metric.ts';
import type { RoutingPlan } from '#core/routing.ts';
import { decide } from './decide.ts';
import { decisionMarkdown } from './record.ts';
import { parseVerdict } from './record-schema.ts';
import { madeEvidence, madeTask, rightMetric } from './verdict.fixture.ts';

const versions = { rung: '0.1.0', node: '24.0.0' };
const plan: RoutingPlan = {
  cheap: { part: 'p_cheap', rung: 'zero-shot', model: 'small' },
  strong: { part: 'p_strong', rung: 'zero-shot', model: 'large|<b>' },
  signal: 'predictor',
  threshold: 0.8,
  loss: 0.02,
  lossConfidence: 0.95,
  why: 'On 300 validation rows accepting 60 % of the cheap answers lost 0.3 points.',
  rows: 300,
  signals: [
    {
      signal: 'predictor',
      area: 0.8,
      accepted: 0.6,
      calibration: { error: 0.03, expected: 0.04, expectedHigh: 0.06, n: 300, bins: 10, method: 'expected calibration error' },
    },
  ],
};

const rows = 240;
const column = (value: (row: number) => number) => Array.from({ length: rows }, (_, row) => value(row));
/** The cheap part is wrong on every other row, the strong one on every tenth. */
const cheap = column((row) => row % 2);
const strong = column((row) => (row % 10 === 3 ? 0 : 1));

/** A cascade whose confidence passes on the rows that `passes` says. */
function cascadeEvidence(
  passes: (row: number) => boolean,
  confidence: (row: number) => number,
  changes: Partial<RoutingPlan> = {},
): EvidenceSet {
  const scores = column((row) => (passes(row) ? strong[row]! : cheap[row]!));
  const made = madeEvidence([
    { rung: 'small', scores: { accuracy: cheap }, cost: 1e5 },
    { rung: 'large', scores: { accuracy: strong }, cost: 4e6 },
    { rung: 'cascade', scores: { accuracy: scores }, cost: 0 },
  ]);
  const [small, large, routed] = made.candidates as [CandidateEvidence, CandidateEvidence, CandidateEvidence];
  const cost = routed.cost.map((_, row) => small.cost[row]! + (passes(row) ? large.cost[row]! : 0));
  const routing = {
    plan: { ...plan, ...changes },
    accepted: Float64Array.from({ length: rows }, (_, row) => (passes(row) ? 0 : 1)),
    confidence: Float64Array.from({ length: rows }, (_, row) => confidence(row)),
  };
  return {
    ...made,
    candidates: [
      { ...small, part: 'p_cheap' },
      { ...large, part: 'p_strong' },
      { ...routed, cost, routing },
    ],
  };
}

const decided = (evidence: EvidenceSet, metric: Metric = rightMetric) => decide(madeTask(), evidence, { metrics: [metric], versions });
const informed = () =>
  cascadeEvidence(
    (row) => row % 2 === 0,
    (row) => (row % 2 === 0 ? 0.3 : 0.9) + (row % 7) / 100,
  );
const chance = () =>
  cascadeEvidence(
    (row) => row % 4 < 2,
    (row) => ((row * 7919) % 1000) / 1000,
  );

describe('a cascade in the verdict', () => {
  it('stands beside a random mix of the same cost, the best single rung and its strong part', () => {
    const { rungs, warnings } = decided(informed());
    const [small, , { routing } = {}] = rungs;
    expect(small).not.toHaveProperty('routing');
    const found = routing?.compared;
    // it costs 0.1 + 0.5 × 4 of a thousandth; the mix 0.1 (1 − q) + 4 q
    expect(found?.randomShare).toBeCloseTo(2 / 3.9);
    expect(found?.randomMix.value).toBeCloseTo(0.5 + (2 / 3.9) * 0.4);
    expect(found?.gainOverRandom.value).toBeCloseTo(1 - found!.randomMix.value);
    expect(found).toMatchObject({
      metric: 'accuracy',
      by: 'cost',
      beatsRandom: true,
      bestSingle: { rung: 'large', value: expect.closeTo(0.9) },
    });
    expect(found?.lost.value).toBeCloseTo(-0.1);
    expect(found?.gapRecovered?.value).toBeCloseTo(1.25);
    // up to 1.25 of the gap at half of the calls, back to 1 at all of them
    expect(found?.apgr?.value).toBeCloseTo(0.875, 2);
    expect(found?.cpt?.['80'].value).toBeLessThan(0.5);
    expect(found?.curve).toHaveLength(21);
    expect(found?.curve[0]).toEqual({ strongShare: 0, value: 0.5, random: 0.5, costPer1k: 0.1 });
    expect(routing).toMatchObject({
      strongShare: { value: 0.5, n: rows },
      says: expect.stringMatching(/^cascade beats random routing at the same cost: \+29\.\d points/),
    });
    expect(warnings.filter((warning) => warning.includes('random'))).toEqual([]);
  });

  it('counts what is paid besides the parts, as for a judge, in the mix and in the curve', () => {
    const evidence = informed();
    const [first, second, third] = evidence.candidates as [CandidateEvidence, CandidateEvidence, CandidateEvidence];
    const judged = { ...third, cost: third.cost.map((cost) => cost + 1e6) };
    const { compared } = decided({ ...evidence, candidates: [first, second, judged] }).rungs[2]!.routing!;
    expect(compared?.randomShare).toBeCloseTo(3 / 3.9);
    expect(compared?.curve[0]).toMatchObject({ strongShare: 0, costPer1k: 1.1, value: 0.5 });
    expect(compared?.curve[0]?.random).toBeCloseTo(0.5 + (1 / 3.9) * 0.4);
  });

  it('says in words where it does not beat random routing', () => {
    const { rungs, warnings, reasoning } = decided(chance());
    expect(rungs[2]?.routing?.compared).toMatchObject({ beatsRandom: false });
    const says = expect.stringMatching(/^cascade does not surely beat random routing at the same cost: .* at random may do as well\.$/);
    expect(rungs[2]?.routing?.says).toEqual(says);
    expect(warnings).toContainEqual(says);
    expect(reasoning.flatMap(({ lines }) => lines)).toContainEqual(says);
  });

  it('compares nothing where its parts were not measured alone, and says what to put on the ladder', () => {
    const evidence = informed();
    const alone = { ...evidence, candidates: evidence.candidates.map((each) => ({ ...each, part: 'p_other' })) };
    const { routing } = decided(alone).rungs[2]!;
    expect(routing).toMatchObject({ compared: null, says: expect.stringContaining('not on the ladder by themselves') });
  });

  it('that passes everything on is its strong part, and has no curve', () => {
    const { routing } = decided(
      cascadeEvidence(
        () => true,
        () => Number.NaN,
        { threshold: null, why: 'It cannot be shown.' },
      ),
    ).rungs[2]!;
    expect(routing?.says).toMatch(/passes every question on, so it is zero-shot on .* It cannot be shown\.$/);
    expect(routing?.compared).toMatchObject({ apgr: null, cpt: null, curve: [], beatsRandom: false });
  });

  it('of a metric of which less is better is turned, and its figures stay in the units of the metric', () => {
    const evidence = informed();
    const errors = {
      ...evidence,
      candidates: evidence.candidates.map((each) => ({
        ...each,
        scores: { accuracy: each.scores['accuracy']!.map((score) => 1 - score) },
      })),
    };
    const { compared } = decided(errors, { ...rightMetric, better: 'lower' }).rungs[2]!.routing!;
    const usual = decided(evidence).rungs[2]!.routing!.compared!;
    expect(compared?.gainOverRandom.value).toBeCloseTo(usual.gainOverRandom.value);
    expect(compared?.randomMix.value).toBeCloseTo(1 - usual.randomMix.value);
    expect(compared?.bestSingle).toMatchObject({ rung: 'large', gain: { value: usual.bestSingle.gain.value } });
    expect(compared?.lost.value).toBeCloseTo(usual.lost.value);
  });

  it('holds where rungs were stopped early, over the rows that all of them answered', () => {
    const evidence = informed();
    const stopped = { reason: 'misses-goal', rows: 120, of: rows, why: 'surely misses' } as const;
    const [first, ...others] = evidence.candidates as [CandidateEvidence, ...CandidateEvidence[]];
    const cut = {
      ...first,
      stopped,
      scores: { accuracy: first.scores['accuracy']!.map((score, row) => (row < 120 ? score : Number.NaN)) },
    };
    const { compared } = decided({ ...evidence, candidates: [cut, ...others] }).rungs[2]!.routing!;
    expect(compared?.gainOverRandom).toMatchObject({ n: 120, method: expect.stringContaining('betting confidence sequence') });
  });

  it('is written into the record, and read back from it', () => {
    for (const evidence of [informed(), chance()]) {
      const verdict = decided(evidence);
      const page = decisionMarkdown(verdict, madeTask());
      expect(page).toContain('## Routing');
      expect(page).toContain('random routing at the same cost');
      expect(page).not.toMatch(/NaN|undefined|Infinity|<b>/);
      expect(parseVerdict(JSON.parse(JSON.stringify(verdict)), 'decision.json').rungs[2]?.routing).toEqual(verdict.rungs[2]?.routing);
      const broken = JSON.parse(JSON.stringify(verdict).replace('"beatsRandom":', '"beats":'));
      expect(() => parseVerdict(broken, 'decision.json')).toThrow(/beatsRandom/);
    }
  });
});
