import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeScoring, readScores } from './score-reply.ts';

const answers = ['one', 'two'];

test('reads one score for each answer, in order', () => {
  const body = JSON.stringify({
    scores: [
      { logprob: -1.5, tokens: 3 },
      { logprob: 0, tokens: 1 },
    ],
  });
  expect(readScores(body, answers)).toEqual({
    scores: [
      { logProbability: -1.5, tokens: 3 },
      { logProbability: 0, tokens: 1 },
    ],
    usage: null,
  });
  expect(JSON.parse(encodeScoring({ messages: [{ role: 'user', content: 'q' }], answers }, 'base'))).toEqual({
    ...{ model: 'base', messages: [{ role: 'user', content: 'q' }], answers },
  });
});

test.each(['', 'no', '{}', '{"scores":[]}', '{"scores":[{"logprob":-1,"tokens":1},{"logprob":0.5,"tokens":1}]}'])(
  'says what is wrong with %j',
  (body) => {
    expect(readScores(body, answers)).toMatchObject({ fault: expect.any(String) });
  },
);

test('never gives a score that is no log-probability, whatever comes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (logprob, tokens) => {
      const read = readScores(JSON.stringify({ scores: [{ logprob, tokens }] }), ['a']);
      if ('fault' in read) return;
      expect(read.scores[0]!.logProbability).toBeLessThanOrEqual(0);
      expect(Number.isSafeInteger(read.scores[0]!.tokens)).toBe(true);
    }),
  );
});
