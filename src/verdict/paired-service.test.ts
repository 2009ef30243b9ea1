import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { groundsOf } from './grounds.ts';
import { pairedService } from './paired-service.ts';
import { type MadeCandidate, madeEvidence, madeTask, rightMetric, rightOf } from './verdict.fixture.ts';

const rows = 40;
const meta = { metrics: [rightMetric], versions: { rung: '0', node: '24' } };
const below: MadeCandidate = { rung: 'zero-shot', scores: { accuracy: rightOf(20, rows) }, cost: 100_000 };
// 5 to 14 ms slower, by turns
const above: MadeCandidate = {
  rung: 'few-shot',
  scores: { accuracy: rightOf(30, rows) },
  cost: 350_000,
  latencyMs: Array.from({ length: rows }, (_, row) => 40 + (row % 10) + 5 + (row % 10)),
};

function between(first: Partial<MadeCandidate> = {}, second: Partial<MadeCandidate> = {}) {
  const task = madeTask();
  const evidence = madeEvidence([
    { ...below, ...second },
    { ...above, ...first },
  ]);
  const [zeroShot, fewShot] = evidence.candidates;
  return pairedService(fewShot!, zeroShot!, groundsOf(task, [rightMetric], evidence.examples));
}

describe('what a technique costs and takes over the rung below', () => {
  it('is told row by row: dollars per 1,000 requests, milliseconds at the median', () => {
    const { costPer1k, latencyMs } = between();
    // every row costs 250,000 nano-dollars more, whatever the rows cost by themselves
    expect(costPer1k).toEqual({ value: 0.25, low: 0.25, high: 0.25, n: rows, method: 't' });
    expect(latencyMs).toMatchObject({ value: 9.5, n: rows, method: 'order statistics' });
    // ranks 14 and 27: of 40 rows at most 13 lie under the median with probability 0.019, at most 14 with 0.040 (binomial)
    expect([latencyMs?.low, latencyMs?.high]).toEqual([8, 11]);
  });

  it('is the other way round for the other rung', () => {
    const task = madeTask();
    const evidence = madeEvidence([below, above]);
    const [zeroShot, fewShot] = evidence.candidates;
    const turned = pairedService(zeroShot!, fewShot!, groundsOf(task, [rightMetric], evidence.examples));
    expect(turned).toMatchObject({ costPer1k: { value: -0.25 }, latencyMs: { value: -9.5, low: -11, high: -8 } });
  });

  it('leaves out rows that one of the two failed, and what is not known', () => {
    const failed = Array.from({ length: rows }, (_, row) => (row < 3 ? 1 : 0));
    expect(between({ failed })).toMatchObject({ costPer1k: { n: rows - 3 }, latencyMs: { n: rows - 3 } });
    expect(between({ priced: false })).toEqual({ latencyMs: expect.anything() });
    expect(between({}, { latencyMs: new Array<number>(rows).fill(Number.NaN) })).toEqual({ costPer1k: expect.anything() });
    expect(between({ failed: new Array<number>(rows).fill(1) })).toEqual({});
  });

  it('widens to a sequence where a rung was stopped early', () => {
    const stopped = { reason: 'misses-goal' as const, rows: 30, of: rows, why: 'surely misses' };
    expect(between({ stopped })).toMatchObject({ costPer1k: { method: 'asymptotic confidence sequence' } });
  });

  it('stands in the verdict and in its reasoning, beside the gain and the steps that failed', () => {
    const evidence = madeEvidence([below, above]);
    const candidates = evidence.candidates.map((candidate) =>
      candidate.rung === 'few-shot' ? { ...candidate, stepFaults: [{ step: 'attempt 1', rows: 4, of: 40, why: 'No label.' }] } : candidate,
    );
    const verdict = decide(madeTask(), { ...evidence, candidates }, meta);
    const [first, second] = verdict.rungs;
    expect(first?.gain).toBeNull();
    expect(second?.gain).toMatchObject({ value: 0.25, costPer1k: { value: 0.25 }, latencyMs: { value: 9.5 } });
    expect(second?.stepFaults).toEqual([{ step: 'attempt 1', rows: 4, of: 40, why: 'No label.' }]);
    const told = verdict.reasoning.flatMap(({ lines }) => lines);
    expect(told).toContain(
      'few-shot over zero-shot, row by row: costs $0.25 more (95 % interval $0.25 to $0.25, n 40, t) per 1,000 requests; ' +
        'takes 9.5 ms more (95 % interval 8 ms to 11 ms, n 40, order statistics) at the median.',
    );
    expect(told).toContain('few-shot, the step "attempt 1": not usable in 4 of 40 answers. The first: No label.');
  });
});
