import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AskedAnswer } from '#core/guard.ts';
import type { TrainerSample } from '#core/trainer.ts';
import { guardContext, guardInput } from './guard.fixture.ts';
import { parity } from './parity.ts';

const sample = (more: Partial<TrainerSample>): TrainerSample => ({
  ...{ messages: [{ role: 'user', content: 'Hello' }], text: 'billing', logProbability: -0.4, tokens: 4, promptTokens: 11 },
  ...more,
});
const other: AskedAnswer = { text: 'shipping', logProbability: -0.9, tokens: 4, promptTokens: 11 };
const same: AskedAnswer = { text: 'billing', logProbability: -0.4, tokens: 4, promptTokens: 11 };

/** What the guard says where the server answers the samples so, one by one; the base never as the tuned model. */
async function found(rows: readonly (readonly [TrainerSample, AskedAnswer])[], options: { tolerance?: number } = {}) {
  const silent = { answer: () => undefined };
  const asked: string[] = [];
  let at = 0;
  const context = {
    ...guardContext({ before: silent, after: silent }),
    ask: async ({ id }: { id: string }) => {
      asked.push(id);
      return id === 'c_tuned' ? rows[at++]![1] : undefined;
    },
  };
  return { ...(await parity.run(guardInput({ samples: rows.map(([row]) => row), options }), context)), asked };
}

describe('a sample that differs where two tokens were nearly as likely', () => {
  it('counts neither way, in words and cases, and the base is not asked for it', async () => {
    const { status, value, n, why, cases, asked } = await found([
      [sample({ margin: 2 }), same],
      [sample({ margin: 0.03 }), other],
    ]);
    expect({ status, value, n }).toEqual({ status: 'passed', value: 0, n: 1 });
    expect(why).toContain('All 1 sample rows (100 %) are answered as in training.');
    expect(why).toContain('1 sample row differs and holds a near tie: two tokens 0.030 apart in ln p in training, within the 0.1 that');
    expect(cases).toMatchObject([
      { passed: true },
      { passed: true, reason: expect.stringMatching(/^a near tie.*margin 0\.0300.*"shipping"/) },
    ]);
    expect(asked).toEqual(['c_tuned', 'c_tuned']);
  });

  it('excuses no other sample', async () => {
    const { status, value, n } = await found([
      [sample({ margin: 0.03 }), other],
      [sample({ margin: 0.11 }), other],
      [sample({}), other],
    ]);
    expect({ status, value, n }).toEqual({ status: 'failed', value: 1, n: 2 });
  });

  it('leaves the guard undecided where all do', async () => {
    const { status, value, why, cases, suggestions } = await found([
      [sample({ margin: 0 }), other],
      [sample({ margin: 0.02 }), other],
    ]);
    expect({ status, value }).toEqual({ status: 'undecided', value: undefined });
    expect(why).toMatch(/^No sample row tells\. 2 sample rows differ and hold a near tie: two tokens up to 0\.020 apart/);
    expect(cases).toHaveLength(2);
    expect(suggestions?.length).toBeGreaterThan(0);
  });

  it('is none where the prompt has another length, nor where the text is the same and its probability is not', async () => {
    expect(await found([[sample({ margin: 0.01 }), { ...other, promptTokens: 12 }]])).toMatchObject({ status: 'failed' });
    expect(await found([[sample({ margin: 0.01 }), { ...same, logProbability: -2 }]])).toMatchObject({ status: 'failed' });
  });

  it('is whatever errors within the tolerance can bring about, and nothing more', async () => {
    const unit = 1024;
    const error = fc.double({ min: -1, max: 1, noNaN: true });
    await fc.assert(
      fc.asyncProperty(fc.nat(300), fc.integer({ min: 1, max: 100 }), error, error, async (margin, allowed, first, second) => {
        const [onFirst, onSecond] = [Math.round(first * allowed), Math.round(second * allowed)];
        const swapped = margin + onFirst < onSecond;
        const { status } = await found([[sample({ margin: margin / unit }), other]], { tolerance: allowed / unit });
        if (swapped) expect(status).toBe('undecided');
        if (margin > 2 * allowed) expect(status).toBe('failed');
      }),
    );
  });
});
