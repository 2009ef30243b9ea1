import { describe, expect, it } from 'vitest';
import type { Candidate } from '#core/candidate.ts';
import { latency } from './latency.ts';
import { probeInput, runOn, scripted, testProbe } from './probe-contract.fixture.ts';

testProbe(latency, { lengths: '0,5', loads: '3', requests: 4 });

/** A candidate whose first token comes after a tenth of the time. */
function streaming(cached = false): Candidate {
  const candidate = scripted(() => 'kept');
  return {
    ...candidate,
    async answer(input, options) {
      const answer = await candidate.answer(input, options);
      const calls = answer.calls.map((call) => ({ ...call, firstTokenMs: call.latencyMs! / 10, cached }));
      return { ...answer, calls };
    },
  };
}

describe('latency', () => {
  it('follows the time over the length of the prompt, and asks no request twice', async () => {
    const candidate = scripted(() => 'kept');
    const options = { lengths: '0,400', loads: '1,2', requests: 10, limitMs: 50 };
    const { outcomes, cases } = await runOn(latency, candidate, probeInput(options));
    expect(new Set(candidate.asked).size).toBe(40);
    const within = outcomes.filter(({ measure }) => measure === 'withinLimit');
    const [short, long] = [...new Set(within.map(({ x }) => x))].sort((a, b) => a! - b!);
    expect(within.filter(({ x }) => x === short).every(({ score }) => score === 1)).toBe(true);
    expect(within.filter(({ x }) => x === long).every(({ score }) => score === 0)).toBe(true);
    expect(cases.slice(1).map(({ passed }) => passed)).toEqual([true, false, true, false]);
    expect(cases[1]?.reason).toMatch(
      /^median [\d.]+ ms \([\d.]+ to [\d.]+\); p95 [\d.]+ ms \([\d.]+ to \?\); n 10, order statistics; \d+ prompt tokens$/,
    );
  });

  it('says where first tokens are not known, and gives no number for them', async () => {
    const { outcomes, cases } = await runOn(latency, scripted(String), probeInput({ lengths: '0', loads: '1', requests: 2 }));
    expect(cases[0]).toMatchObject({ id: 'first tokens', reason: expect.stringContaining('not known: only a streamed answer') });
    expect(outcomes.some(({ measure }) => measure.startsWith('firstToken'))).toBe(false);
  });

  it('follows first tokens and whole answers over length and load, each by itself', async () => {
    const { outcomes, cases } = await runOn(latency, streaming(), probeInput({ lengths: '0,50', loads: '1,2,3', requests: 4 }));
    const of = (measure: string) => outcomes.filter((outcome) => outcome.measure === measure);
    expect(of('totalMs').map(({ x }) => x)).toHaveLength(8);
    expect(new Set(of('totalMs').map(({ x }) => x)).size).toBe(2);
    expect(of('totalMsAtLoad').map(({ x }) => x)).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]);
    for (const measure of ['Ms', 'MsAtLoad']) {
      const [first, total] = [of(`firstToken${measure}`), of(`total${measure}`)];
      expect(first.map(({ score, x }) => [10 * score, x])).toEqual(total.map(({ score, x }) => [expect.closeTo(score, 9), x]));
    }
    expect(cases.map(({ id }) => id)).not.toContain('first tokens');
    expect(cases[0]?.reason).toMatch(/first token, median [\d.]+ ms/);
  });

  it('says which times an earlier run measured', async () => {
    const { cases } = await runOn(latency, streaming(true), probeInput({ lengths: '0', loads: '1', requests: 3 }));
    expect(cases[0]?.reason).toMatch(/; 3 measured by an earlier run$/);
  });

  it('foretells how many answers it asks for', async () => {
    const candidate = scripted(() => 'kept');
    const input = probeInput({ lengths: '0,3', loads: '1,2,64', requests: 2 });
    await runOn(latency, candidate, input);
    expect(latency.forecast!(input).questions).toBe(candidate.asked.length);
  });
});
