import { describe, expect, it } from 'vitest';
import type { AskedAnswer, GuardContext } from '#core/guard.ts';
import type { TrainerSample } from '#core/trainer.ts';
import { guardContext, guardInput } from './guard.fixture.ts';
import { parity } from './parity.ts';

const sample: TrainerSample = {
  messages: [{ role: 'user', content: 'Hello' }],
  text: 'billing',
  logProbability: -0.4,
  tokens: 4,
  promptTokens: 11,
};
const trained: AskedAnswer = { text: 'billing', logProbability: -0.4, tokens: 4, promptTokens: 11 };
const untuned: AskedAnswer = { text: 'Hello to you', logProbability: -3, tokens: 5, promptTokens: 11 };

/** What the guard says of a server that answers so under the tuned model's name; the base answers as it always did. */
async function found(served: AskedAnswer, rows: readonly TrainerSample[] = [sample]) {
  const silent = { answer: () => undefined };
  const asked: string[] = [];
  const context: GuardContext = {
    ...guardContext({ before: silent, after: silent }),
    ask: async ({ id }) => {
      asked.push(id);
      return id === 'c_tuned' ? served : untuned;
    },
  };
  return { ...(await parity.run(guardInput({ samples: rows }), context)), asked };
}

describe('the cause that parity names', () => {
  it('is none where the server answers as the trainer, and the base is not asked', async () => {
    const { status, why, asked } = await found(trained);
    expect(status).toBe('passed');
    expect(why).toMatch(/n 1\)\.$/);
    expect(asked).toEqual(['c_tuned']);
  });

  it('is an adapter that is not applied where the untuned model answers', async () => {
    const { status, why } = await found(untuned);
    expect(status).toBe('failed');
    expect(why).toContain('No text is the same, so no probabilities were compared.');
    expect(why).toContain('the answers of the model before training: the adapter is not applied');
  });

  it('is another template where the prompt has another length, whatever was answered', async () => {
    const { why } = await found({ ...untuned, promptTokens: 31 });
    expect(why).toContain("reads 31 tokens where the trainer's template gives 11: another chat template.");
  });

  it('may be a second token that begins the text where every prompt is one token longer', async () => {
    expect((await found({ ...trained, logProbability: -2, promptTokens: 12 })).why).toContain('a second token that begins the text');
    // told also where it did no harm to these rows
    expect(await found({ ...trained, promptTokens: 12 })).toMatchObject({
      status: 'passed',
      why: expect.stringContaining('a second token'),
    });
    const longer = { ...sample, promptTokens: 9 };
    expect((await found({ ...untuned, promptTokens: 12 }, [sample, longer])).why).not.toContain('a second token');
  });

  it('is the weights or the scale where the prompt and the text agree', async () => {
    const { status, why } = await found({ ...trained, logProbability: -1.2 });
    expect(status).toBe('failed');
    expect(why).toContain('The largest difference of ln p per token is 0.20');
    expect(why).toContain('the texts agree: weights of another precision, or another scale of the adapter.');
  });

  it('is another adapter, its scale or the weights where neither training nor the base answers so', async () => {
    expect((await found({ ...trained, text: 'shipping' })).why).toContain(
      'another adapter, another base under it, another scale of it, or weights',
    );
  });

  it('is looked for over all but the end token where the server tells none of that', async () => {
    const ended = { ...sample, endLogProbability: -0.1 };
    expect((await found({ ...trained, logProbability: -0.3, tokens: 3 }, [ended])).why).toMatch(/per token is \S+ \(tolerance 0.05, n 1\)/);
    const { status, cases } = await found({ ...trained, logProbability: -0.9, tokens: 3 }, [ended]);
    expect(status).toBe('failed');
    expect(cases).toMatchObject([{ reason: 'the same text; ln p -0.3000 in training, -0.9000 served, 3 tokens' }]);
  });

  it('is not looked for where the server gives probabilities of a part of the tokens: texts are compared', async () => {
    const { status, why, cases } = await found({ ...trained, logProbability: -9, tokens: 3 });
    expect(status).toBe('passed');
    expect(why).toContain('no log-probabilities of whole answers, so texts alone');
    expect(cases).toMatchObject([{ reason: 'the same text; the server gives log-probabilities of 3 of 4 tokens' }]);
  });

  it('is not needed for a doubt: rows without an answer leave it open, and a row that differs fails', async () => {
    const silent = { answer: () => undefined };
    const answers = (served: AskedAnswer) => {
      const context = guardContext({ before: silent, after: silent });
      const ask: GuardContext['ask'] = async (_, input) => (JSON.stringify(input).includes('Hello') ? served : undefined);
      const lost = { ...sample, messages: [{ role: 'user' as const, content: 'Lost' }] };
      return parity.run(guardInput({ samples: [sample, lost] }), { ...context, ask });
    };
    expect(await answers(trained)).toMatchObject({ status: 'undecided', n: 1, suggestions: expect.any(Array) });
    expect((await answers(trained)).why).toContain('1 of 2 sample rows brought no answer.');
    expect(await answers({ ...trained, text: 'other' })).toMatchObject({ status: 'failed' });
  });

  it('is left open where the server counts no tokens', async () => {
    const { promptTokens: _, ...uncounted } = trained;
    expect((await found({ ...uncounted, text: 'shipping' })).why).toMatch(/served\.$/);
  });
});
