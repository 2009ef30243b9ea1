import { describe, expect, it } from 'vitest';
import type { CandidateEvidence, EvidenceSet } from '#core/evidence.ts';
import type { Metric } from '#core/metric.ts';
import { decide } from './decide.ts';
import { madeEvidence, madeTask, rightMetric, rightOf } from './verdict.fixture.ts';

const parts = {
  rules: Float64Array.from(rightOf(30, 40)),
  classifier: Float64Array.from(rightOf(24, 40), (score) => 0.2 + 0.6 * score),
  judge: Float64Array.from(rightOf(20, 40), (score, row) => (row < 36 ? score : Number.NaN)),
  tokens: new Float64Array(40).fill(17),
};

function decided(more: Partial<CandidateEvidence>, changes: Parameters<typeof madeTask>[1] = {}, cuts: Metric['cuts'] = undefined) {
  const made = madeEvidence([{ rung: 'zero-shot', scores: { accuracy: rightOf(30, 40) } }]);
  const evidence: EvidenceSet = { ...made, candidates: made.candidates.map((candidate) => ({ ...candidate, ...more })) };
  return decide(madeTask({}, changes), evidence, { metrics: [{ ...rightMetric, cuts }], versions: { rung: '0', node: '24' } });
}

describe('agreement in the verdict', () => {
  it('is of every two parts that are shares, plain and beyond chance, over the rows that have both', () => {
    const { agreement = [] } = decided({ parts: { accuracy: parts } }).rungs[0]!;
    expect(agreement.map(({ one, other, n }) => [one, other, n])).toEqual([
      ['rules', 'classifier', 40],
      ['rules', 'classifier', 40],
      ['rules', 'judge', 36],
      ['rules', 'judge', 36],
      ['classifier', 'judge', 36],
      ['classifier', 'judge', 36],
    ]);
    // 24 yes and 10 no of 40; chance 0.75 · 0.6 + 0.25 · 0.4
    expect(agreement[0]).toMatchObject({ metric: 'accuracy', value: 34 / 40, method: 'share of rows that agree, wilson' });
    expect(agreement[1]?.value).toBeCloseTo((0.85 - 0.55) / 0.45, 12);
    expect(agreement[1]?.method).toBe('cohen kappa');
  });

  it('takes as a yes of each part what its metric calls one', () => {
    const raw = decided({ parts: { accuracy: parts } }, {}, { classifier: 0.9 }).rungs[0]?.agreement?.[0];
    expect(raw).toMatchObject({ one: 'rules', other: 'classifier', value: 10 / 40 });
  });

  it('is of a judge with people where the task has marks of both', () => {
    const marks = [
      ...Array<{ judge: 1; human: 1 }>(8).fill({ judge: 1, human: 1 }),
      { judge: 1, human: 0 } as const,
      { judge: 0, human: 0 } as const,
    ];
    const verdict = decided({}, { calibration: { accuracy: marks } });
    expect(verdict.rungs[0]?.agreement).toMatchObject([
      { metric: 'accuracy', one: 'judge', other: 'people', value: 0.9, n: 10 },
      { one: 'judge', other: 'people', n: 10, method: expect.stringContaining('cohen kappa') },
    ]);
  });

  it('is told in the reasoning, with its interval, n and method', () => {
    const lines = decided({ parts: { accuracy: parts } }).reasoning.flatMap((step) => step.lines);
    expect(lines.find((line) => line.includes('rules and classifier'))).toMatch(
      /^zero-shot, accuracy: rules and classifier agree 85 % \(95 % interval .+, n 40, share of rows that agree, wilson\), beyond chance at kappa 0\.67 \(95 % interval 0\.\d\d to 0\.\d\d, n 40, cohen kappa\)\.$/,
    );
  });

  it('is absent where there is nothing to compare', () => {
    expect(decided({}).rungs[0]).not.toHaveProperty('agreement');
    expect(decided({ parts: { accuracy: { rules: parts.rules } } }).rungs[0]).not.toHaveProperty('agreement');
  });
});
