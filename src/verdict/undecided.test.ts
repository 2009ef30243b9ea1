import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { madeEvidence, madeTask, rightMetric, rightOf } from './verdict.fixture.ts';

const versions = { rung: '0.1.0', node: '24.0.0' };
const open = (candidates: Parameters<typeof madeEvidence>[0], goals: Readonly<Record<string, string>> = { accuracy: '>= 0.9' }) =>
  decide(madeTask(goals), madeEvidence(candidates), { metrics: [rightMetric], versions }).undecided;

describe('an open verdict', () => {
  it('says how many more rows would decide the cheapest open rung, what they cost, and what would do until then', () => {
    const undecided = open([
      { rung: 'zero-shot', scores: { accuracy: rightOf(178, 200) }, cost: 10_000 },
      { rung: 'few-shot', scores: { accuracy: rightOf(184, 200) }, cost: 40_000 },
    ]);
    expect(undecided).toMatchObject({ rung: 'zero-shot', meanwhile: { rung: 'few-shot', candidate: 'c_few-shot' } });
    // rows × $0.00001
    expect(undecided!.dollars).toBeCloseTo(undecided!.rows! * 1e-5, 9);
    expect(undecided!.why).toContain('Until then few-shot is the cheapest that clears every goal as its values stand.');
  });

  it('names nothing for the meantime where no rung clears its goals, and no rows where none would do', () => {
    const undecided = open([{ rung: 'zero-shot', scores: { accuracy: rightOf(180, 200) } }], { accuracy: '>= 0.9', costPer1k: '<= 0.1' });
    expect(undecided).toMatchObject({ rows: null, dollars: null });
    expect(undecided!.why).toContain('no reasonable number of rows');
    expect(open([{ rung: 'zero-shot', scores: { accuracy: rightOf(175, 200) } }])).toMatchObject({ meanwhile: null });
  });
});
