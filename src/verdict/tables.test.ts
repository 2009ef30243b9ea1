import { describe, expect, it } from 'vitest';
import type { VerdictRung } from '#core/verdict.ts';
import { frontier } from './frontier.ts';
import { confusion, disagreements, labelTable } from './tables.ts';
import { madeEvidence, rightOf } from './verdict.fixture.ts';

const examples = ['a', 'a', 'a', 'b', 'b', 'c'].map((expected, row) => ({ id: `e${row}`, expected, tags: [] }));
const answered = ['a', 'a', 'b', 'b', undefined, 'd'];
const evidence = madeEvidence([{ rung: 'zero-shot', scores: { accuracy: [1, 1, 0, 1, 0, 0] }, answered }], { examples });

describe('confusion', () => {
  it('counts what was expected against what was answered, rows without a label apart', () => {
    expect(confusion(evidence, 0)).toEqual({
      labels: ['a', 'b', 'c', 'd'],
      counts: [
        [2, 1, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 0, 1],
        [0, 0, 0, 0],
      ],
      unread: [0, 1, 0, 0],
    });
  });

  it('is absent without labels or without rows', () => {
    expect(confusion(madeEvidence([{ rung: 'zero-shot', scores: { accuracy: [1, 0] } }]), 0)).toBeUndefined();
    expect(confusion(evidence, 5)).toBeUndefined();
  });
});

describe('labelTable', () => {
  it('has recall, precision and F1 of every label', () => {
    const rows = labelTable(evidence, 0, 0.95)!;
    expect(rows.map(({ label, n, f1 }) => [label, n, f1])).toEqual([
      ['a', 3, 0.8],
      ['b', 2, 0.5],
      ['c', 1, 0],
      ['d', 0, 0],
    ]);
    expect(rows[0]!.recall).toMatchObject({ value: 2 / 3, n: 3, method: 'wilson' });
    expect(rows[0]!.precision).toMatchObject({ value: 1, n: 2 });
    expect(rows[3]).not.toHaveProperty('recall');
    expect(rows[2]).not.toHaveProperty('precision');
  });
});

describe('disagreements', () => {
  it('are the rows on which scores differ, the widest apart first', () => {
    const found = disagreements(
      madeEvidence([
        { rung: 'zero-shot', scores: { persona: [1, 0.5, 0, Number.NaN] } },
        { rung: 'few-shot', scores: { persona: [1, 0.75, 1, 1] }, answered: ['x', 'x', 'y', 'y'] },
        { rung: 'hybrid', scores: {}, skipped: 'no' },
      ]),
    );
    expect(found.map(({ row, spread }) => [row, spread])).toEqual([
      [2, 1],
      [1, 0.25],
    ]);
    expect(found[0]).toMatchObject({ example: 'e2', expected: 'billing' });
    expect(found[0]!.answers).toEqual([
      { rung: 'zero-shot', candidate: 'c_zero-shot', score: 0 },
      { rung: 'few-shot', candidate: 'c_few-shot', score: 1, answered: 'y' },
    ]);
  });

  it('are none for one candidate', () => {
    expect(disagreements(madeEvidence([{ rung: 'zero-shot', scores: { accuracy: rightOf(1, 3) } }]))).toEqual([]);
    expect(disagreements(madeEvidence([]))).toEqual([]);
  });
});

describe('frontier', () => {
  const rung = (candidate: string, costPer1k: number | undefined, value: number): VerdictRung => ({
    rung: candidate,
    candidate,
    model: null,
    metrics: { accuracy: { value, low: 0, high: 1, n: 1, method: 'wilson' } },
    goals: {},
    gain: null,
    setup: { dollars: 0, seconds: 0 },
    ...(costPer1k === undefined ? {} : { costPer1k }),
  });

  it('keeps what nothing beats on both cost and quality', () => {
    const rungs = [rung('dear', 3, 0.9), rung('cheap', 1, 0.6), rung('beaten', 2, 0.5), rung('same', 1, 0.5), rung('free', undefined, 1)];
    expect(frontier(rungs)).toEqual(['cheap', 'dear']);
    expect(frontier(rungs, 'accuracy', 'lower')).toEqual(['same']);
    expect(frontier([])).toEqual([]);
  });
});
