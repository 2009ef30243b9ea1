import { describe, expect, it } from 'vitest';
import type { Example } from '#core/example.ts';
import { abilityQuestions, abilityScorer } from './general-abilities.ts';

const example = (id: string, expected?: Example['expected'], tags: string[] = []): Example => ({
  ...{ id, input: `question ${id}`, tags, source: 'human' },
  ...(expected === undefined ? {} : { expected }),
});

describe('questions of general ability', () => {
  it('are the examples with an answer, with room for it and the ability that it shows', () => {
    const questions = abilityQuestions([example('a', '42', ['add']), example('b'), example('c', { ok: true })]);
    expect(questions).toEqual([
      { id: 'a', ability: 'add', messages: [{ role: 'user', content: 'question a' }], expected: '42', maxOutputTokens: 10 },
      { id: 'c', ability: 'general', messages: [{ role: 'user', content: 'question c' }], expected: '{"ok": true}', maxOutputTokens: 20 },
    ]);
  });

  it('are scored to the letter where answers are short, by shared words where one is long', () => {
    const short = abilityQuestions([example('a', 'ALPHA beta')]);
    const exact = abilityScorer(short);
    expect(exact(short[0]!, '  ALPHA   beta\n')).toBe(1);
    expect(exact(short[0]!, 'alpha beta')).toBe(0);

    const long = abilityQuestions([example('a', 'one two three four'), example('b', 'a b c d e f g h i j k')]);
    const shared = abilityScorer(long);
    expect(shared(long[0]!, 'One, two; three. Four!')).toBe(1);
    // three of four words in an answer of five: 2 × 3 / (4 + 5)
    expect(shared(long[0]!, 'one two three six six')).toBeCloseTo(6 / 9, 12);
    expect(shared(long[0]!, '')).toBe(0);
  });
});
