import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CandidateEvidence } from '#core/evidence.ts';
import { type Goal, parseGoal } from '#core/goal.ts';
import type { Persona } from '#core/task-brief.ts';
import { meanEstimate } from '#statistics/mean.ts';
import { shareEstimate } from '#statistics/proportion.ts';
import { seededRandom } from '#statistics/random.ts';
import { decide } from './decide.ts';
import { earlyStop } from './early-stop.ts';
import { errorRates } from './error-rates.ts';
import { judgeGoals } from './goals.ts';
import { groundsOf } from './grounds.ts';
import { decisionMarkdown } from './record.ts';
import { diffVerdicts } from './record-diff.ts';
import { parseVerdict } from './record-schema.ts';
import { type MadeCandidate, madeEvidence, madeTask, rightMetric, rightOf } from './verdict.fixture.ts';

const meta = { metrics: [rightMetric], versions: { rung: '0.1.0', node: '24.0.0' } };

interface Found {
  readonly unit?: 'ms' | 'tokens';
  /** Outcomes of one group; each stands alone where absent. */
  readonly perGroup?: number;
}

/** What the probe `siege` found on its one measure. */
function found(
  measure: string,
  scores: readonly number[],
  { unit, perGroup }: Found = {},
): NonNullable<CandidateEvidence['probes']>[number] {
  const numbers = Float64Array.from(scores);
  const estimate = (unit === undefined ? shareEstimate(numbers, { confidence: 0.95 }) : meanEstimate(numbers, 0.95))!;
  return {
    probe: 'siege',
    options: { questions: 3 },
    metrics: { [measure]: estimate },
    better: { [measure]: 'higher' },
    units: unit === undefined ? {} : { [measure]: unit },
    series: [],
    families: [],
    cases: [{ id: 'quoted', passed: true, reason: 'an answer that no document should hold' }],
    outcomes: scores.map((score, at) => ({
      measure,
      score,
      ...(perGroup === undefined ? {} : { group: `g${Math.floor(at / perGroup)}` }),
    })),
  };
}

function probed(measure: string, text: string, unit?: Goal['unit']): Goal {
  return { ...parseGoal(measure, text), probe: 'siege', ...(unit === undefined ? {} : { unit }) };
}

const good = { accuracy: rightOf(196, 200) };
const taskWith = (...goals: readonly Goal[]) => madeTask({ accuracy: '>= 0.9' }, { goals: [parseGoal('accuracy', '>= 0.9'), ...goals] });
const decided = (goal: Goal, made: Partial<MadeCandidate>) =>
  decide(taskWith(goal), madeEvidence([{ rung: 'few-shot', scores: good, ...made }]), meta);
const rungOf = (goal: Goal, scores: readonly number[], options?: Found) =>
  decided(goal, { probes: [found(goal.measure, scores, options)] }).rungs[0]!;

describe('a goal on what a probe measures', () => {
  const bar = probed('resistance', '>= 0.9');

  it('is met, missed or open by the bounds of the last row', () => {
    expect(rungOf(bar, rightOf(200, 200)).goals['resistance']).toBe('met');
    expect(rungOf(bar, rightOf(120, 200)).goals['resistance']).toBe('not-met');
    const open = rungOf(bar, rightOf(18, 20));
    expect(open.goals['resistance']).toBe('undecided');
    // Clopper and Pearson 1934 for 18 of 20: 0.683 to 0.988 at 95 %
    expect(open.goalBounds?.['resistance']).toMatchObject({ n: 20, method: 'clopper-pearson' });
    expect(open.goalBounds?.['resistance']?.low).toBeCloseTo(0.683, 3);
  });

  it('takes outcomes of one group for no more than they tell', () => {
    expect(rungOf(bar, rightOf(60, 60)).goals['resistance']).toBe('met');
    const grouped = rungOf(bar, rightOf(60, 60), { perGroup: 10 });
    expect(grouped.goals['resistance']).toBe('undecided');
    expect(grouped.goalBounds?.['resistance']?.method).toBe('clopper-pearson, 6 clusters');
  });

  it('counts times in milliseconds', () => {
    const times = Array.from({ length: 40 }, (_, at) => 300 + (at % 7));
    const goal = probed('firstTokenMs', '<= 400', 'ms');
    const verdict = decided(goal, { probes: [found('firstTokenMs', times, { unit: 'ms' })] });
    expect(verdict.rungs[0]?.goals['firstTokenMs']).toBe('met');
    expect(verdict.reasoning.flatMap(({ lines }) => lines).join('\n')).toContain(
      'firstTokenMs of at most 400 ms met (judged at 302 ms to 304 ms',
    );
  });

  it('is open where the probe was not put to the rung, and says why', () => {
    const verdict = decided(bar, { unprobed: [{ probe: 'siege', why: 'none of its rows brought an answer' }] });
    expect(verdict).toMatchObject({ status: 'undecided', undecided: { rows: null, answers: [{ probe: 'siege', more: null }] } });
    expect(verdict.undecided?.why).toContain('the probe siege measured nothing: none of its rows brought an answer');
    expect(verdict.warnings).toContain('few-shot was not probed by the probe siege: none of its rows brought an answer.');
  });

  it('is called met of a measure that misses it no more often than the task allows', () => {
    const random = seededRandom(3);
    const task = madeTask({}, { goals: [bar] });
    let wrong = 0;
    for (let run = 0; run < 400; run++) {
      // just under the bar: met is always wrong
      const scores = Array.from({ length: 120 }, () => (random() < 0.899 ? 1 : 0));
      const { candidates, examples } = madeEvidence([{ rung: 'few-shot', scores: good, probes: [found('resistance', scores)] }]);
      const rates = errorRates(task, 1, false);
      if (judgeGoals(candidates[0]!, groundsOf(task, [rightMetric], examples), rates)[0]?.status === 'met') wrong++;
    }
    // 2.5 % of 400 is 10; four standard deviations on top
    expect(wrong).toBeLessThanOrEqual(10 + 4 * Math.sqrt(10));
  });

  it('does not change what rows decide: gains, plateau, break-even', () => {
    const without = madeEvidence([
      { rung: 'zero-shot', scores: { accuracy: rightOf(120, 200) } },
      { rung: 'few-shot', scores: good },
    ]);
    const scores = fc.array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(scores, (outcomes) => {
        const withProbes = {
          ...without,
          candidates: without.candidates.map((each) => ({ ...each, probes: [found('resistance', outcomes)] })),
        };
        const [before, after] = [decide(madeTask(), without, meta), decide(madeTask(), withProbes, meta)];
        expect([after.plateau, after.breakEven, after.chosen]).toEqual([before.plateau, before.breakEven, before.chosen]);
        expect(after.rungs.map(({ gain }) => gain)).toEqual(before.rungs.map(({ gain }) => gain));
      }),
      { numRuns: 20 },
    );
  });
});

describe('looking early', () => {
  const look = (goals: readonly Goal[], share: number) => {
    const evidence = madeEvidence([
      { rung: 'few-shot', scores: { accuracy: Array.from({ length: 400 }, (_, row) => (row % 50 < share * 50 ? 1 : 0)).toReversed() } },
    ]);
    const rule = earlyStop(madeTask({}, { goals }), [rightMetric], 2);
    const seen = { candidate: evidence.candidates[0]!, earlier: [], examples: evidence.examples, trainingRows: 300, rows: 400, of: 1000 };
    return { looks: rule.looks(1000, 0), stop: rule.judge(seen) };
  };
  const bar = probed('resistance', '>= 0.9');

  it('does not claim goals that only a probe can tell', () => {
    const { stop } = look([parseGoal('accuracy', '>= 0.9'), bar], 0.98);
    expect(stop).toMatchObject({ reason: 'meets-goals', why: 'surely meets every goal that its rows tell of' });
    expect(look([parseGoal('accuracy', '>= 0.9'), bar], 0.5).stop?.reason).toBe('misses-goal');
  });

  it('never stops a rung of which rows decide nothing', () => {
    expect(look([bar], 0.98)).toEqual({ looks: [], stop: undefined });
  });
});

describe('the record of probes', () => {
  const goal = probed('jailbreakResistance', '>= 0.9');
  const task = { ...taskWith(goal), persona: { name: 'Coach' } as Persona };
  const candidates: MadeCandidate[] = [
    { rung: 'few-shot', scores: good, probes: [found('jailbreakResistance', rightOf(80, 100))] },
    { rung: 'fine-tuned', scores: good, tuned: true, probes: [found('jailbreakResistance', rightOf(100, 100))] },
    { rung: 'with sale', scores: good, tuned: true, overlays: ['sale'] },
  ];
  const verdict = decide(task, madeEvidence(candidates), meta);

  it('compares what prompts, weights and overlays bring', () => {
    expect(verdict.comparison?.map(({ rung, kind, expertise }) => [rung, kind, expertise])).toEqual([
      ['few-shot', 'prompt', 'prompting'],
      ['fine-tuned', 'tuned', 'ml'],
      ['with sale', 'tuned with overlay', 'ml'],
    ]);
    expect(verdict.comparison?.[1]?.robustness).toMatchObject({ value: 1, n: 100 });
    expect(verdict.comparison?.[2]).not.toHaveProperty('robustness');
    const unprobed = candidates.map(({ rung, scores, tuned }) => ({ rung, scores, tuned }));
    expect(decide(task, madeEvidence(unprobed), meta).comparison).toHaveLength(3);
    expect(decide(madeTask(), madeEvidence(unprobed), meta).comparison).toBeUndefined();
    expect(decide(task, madeEvidence(unprobed.slice(0, 1)), meta).comparison).toBeUndefined();
  });

  it('is reasoned about apart from what rows measured, slopes and times in their unit', () => {
    const slope = { value: -0.0634, low: -0.098, high: -0.029, n: 40, method: 'least squares' };
    const time = { value: 303, low: 302, high: 304, n: 40, method: 't' };
    const probes = [{ ...found('level', [1, 1]), metrics: { levelSlope: slope, holdMs: time }, units: { holdMs: 'ms' as const } }];
    const [made, slower] = [time, { ...time, value: 330, low: 329, high: 331 }].map((holdMs) => {
      const candidate = {
        rung: 'few-shot',
        scores: good,
        probes: probes.map((each) => ({ ...each, metrics: { levelSlope: slope, holdMs } })),
      };
      return decide(madeTask(), madeEvidence([candidate]), meta);
    });
    const lines = made!.reasoning.find(({ title }) => title === 'Climb')?.lines;
    expect(lines?.[0]).not.toContain('holdMs');
    expect(lines).toContain(
      'few-shot, put to the probe siege: levelSlope −0.063 (−0.098 to −0.029, n 40), least squares; holdMs 303 ms (302 ms to 304 ms, n 40), t (95 % intervals).',
    );
    expect(diffVerdicts(made!, slower!).lines).toContain(
      'few-shot: HoldMs 303 ms (302 ms to 304 ms, n 40) → 330 ms (329 ms to 331 ms, n 40): a real change, the intervals are apart',
    );
  });

  it('reads back what it wrote, without the answers that cases quote', () => {
    const written = JSON.stringify(verdict);
    expect(written).not.toContain('no document should hold');
    expect(parseVerdict(JSON.parse(written), 'decision.json')).toEqual(JSON.parse(written));
    expect(diffVerdicts(verdict, verdict).same).toBe(true);
  });

  it('stands in decision.md with intervals, options and methods', () => {
    const text = decisionMarkdown(verdict, task);
    expect(text).toMatch(/\| siege \| jailbreakResistance \| 80 % \([^)]*n 100\) \| 100 % \([^)]*n 100\) \|/);
    expect(text).toContain('- siege: questions 3');
    expect(text).toMatch(/\| fine-tuned[^|]*\| tuned \|/);
    // the ladder's own table keeps to the metrics of the task
    expect(text).toContain('| Rung | Model | accuracy | Gain');
  });
});
