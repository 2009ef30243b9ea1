import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CandidateEvidence } from '#core/evidence.ts';
import type { Task } from '#core/task.ts';
import { seededRandom } from '#statistics/random.ts';
import { earlyStop } from './early-stop.ts';
import { type MadeCandidate, madeEvidence, madeTask, rightMetric } from './verdict.fixture.ts';

const of = 1000;

/** Right with that chance, in the order drawn. */
function drawn(share: number, seed: number, rows = of): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: rows }, () => (random() < share ? 1 : 0));
}

/** What measuring row after row ends with: the first stop of the rule's looks. */
function climbed(task: Task, made: MadeCandidate, earlier: readonly CandidateEvidence[] = [], rungs = 3) {
  const rule = earlyStop(task, [rightMetric], rungs);
  const scores = made.scores['accuracy']!;
  for (const rows of rule.looks(of)) {
    const seen = scores.map((score, row) => (row < rows ? score : Number.NaN));
    const evidence = madeEvidence([{ ...made, scores: { accuracy: seen } }]);
    const stop = rule.judge({ candidate: evidence.candidates[0]!, earlier, examples: evidence.examples, trainingRows: 300, rows, of });
    if (stop !== undefined) return stop;
  }
  return undefined;
}

describe('a rung that has told enough', () => {
  const task = madeTask({ accuracy: '>= 0.8' });

  it('stops at the first look where it is surely under a goal', () => {
    const stop = climbed(task, { rung: 'zero-shot', scores: { accuracy: drawn(0.5, 1) } });
    expect(stop).toMatchObject({ reason: 'misses-goal', rows: 100, of, why: 'surely misses accuracy of at least 80 %' });
  });

  it('stops where every goal is surely met', () => {
    const stop = climbed(task, { rung: 'few-shot', scores: { accuracy: drawn(0.95, 2) } });
    expect(stop).toMatchObject({ reason: 'meets-goals', why: 'surely meets every goal' });
    expect(stop!.rows).toBeLessThan(500);
  });

  it('gives up where it stands so near the goal that the rows left would hardly decide', () => {
    const stop = climbed(task, { rung: 'few-shot', scores: { accuracy: drawn(0.8, 3) } });
    expect(stop).toMatchObject({
      reason: 'cannot-tell',
      why: expect.stringMatching(/^stands so near a goal that the \d+ rows left would hardly decide$/),
    });
    expect(stop!.rows).toBeGreaterThan(100);
  });

  it('goes on while the rows left may still decide', () => {
    // three points and a half over the goal: 1,000 rows decide that two times in three
    const reasons = Array.from(
      { length: 30 },
      (_, seed) => climbed(task, { rung: 'few-shot', scores: { accuracy: drawn(0.835, seed) } })?.reason,
    );
    expect(reasons.filter((reason) => reason === 'cannot-tell').length).toBeLessThan(10);
  });

  it('waits for every goal: the latency here is never sure', () => {
    const both = madeTask({ accuracy: '>= 0.8', latencyP50Ms: '<= 44' });
    expect(climbed(both, { rung: 'few-shot', scores: { accuracy: drawn(0.97, 4) } })).toBeUndefined();
  });

  it('stops where a rung that meets every goal surely costs less', () => {
    const sufficient = madeEvidence([{ rung: 'small', scores: { accuracy: drawn(0.95, 5) }, cost: 20_000 }]).candidates;
    const middling = { rung: 'strong', scores: { accuracy: drawn(0.82, 6) }, cost: 900_000 };
    expect(climbed(task, middling, sufficient)).toMatchObject({
      reason: 'dominated',
      rows: 100,
      why: 'small meets every goal and surely costs less',
    });
    const cheaper = { ...middling, cost: 10_000 };
    expect(climbed(task, cheaper, sufficient)?.reason).not.toBe('dominated');
  });

  it('without goals stops only where an earlier rung is surely better', () => {
    const earlier = madeEvidence([{ rung: 'few-shot', scores: { accuracy: drawn(0.9, 7) } }]).candidates;
    expect(climbed(madeTask(), { rung: 'other', scores: { accuracy: drawn(0.6, 8) } }, earlier)).toMatchObject({ reason: 'dominated' });
    expect(climbed(madeTask(), { rung: 'other', scores: { accuracy: drawn(0.9, 9) } }, earlier)).toBeUndefined();
  });

  it('never stops for a wrong reason more often than the error rate allows', () => {
    // just under the bar: calling it met is the error that a user pays for
    const worlds = 400;
    let wrong = 0;
    for (let seed = 0; seed < worlds; seed++) {
      const stop = climbed(task, { rung: 'few-shot', scores: { accuracy: drawn(0.795, 100 + seed) } }, [], 1);
      if (stop?.reason === 'meets-goals') wrong++;
    }
    // a fifth of 2.5 per cent, of 400: 2 expected at most
    expect(wrong).toBeLessThanOrEqual(6);
  });
});

describe('the looks', () => {
  it('are at rising numbers of rows, none before 100 and none at the last', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200_000 }), (rows) => {
        const looks = earlyStop(madeTask(), [rightMetric], 2).looks(rows);
        expect(looks.every((look, index) => look >= 100 && look < rows && look > (looks[index - 1] ?? 0))).toBe(true);
        expect(looks.length).toBeLessThan(40);
      }),
    );
  });
});
