import { describe, expect, it } from 'vitest';
import { RungError } from '#core/errors.ts';
import type { Example } from '#core/example.ts';
import type { Persona } from '#core/task-brief.ts';
import { checkPersona } from '#data/persona-contradictions.ts';
import { parseRule } from '#data/persona-rules.ts';
import { valueDocument } from '#data/source-document.ts';
import { persona } from './persona.ts';

const coach: Persona = {
  name: 'Taskmaster',
  role: 'productivity coach',
  traits: ['direct'],
  responsePattern: ['celebrate progress, then name a next step'],
  vocabulary: { use: [], avoid: ['hustle', 'grind'] },
  rules: [
    'when the user says one of: finished | done => open with one of: Nice work | Well done',
    'unless the user says one of: finished | done => open with one of: Got it | Thanks for the update',
    'last sentence starts with one of: Next step',
    "mention the user's item",
    'at most 20 words',
    'no questions',
  ],
  examples: [],
};

function scoreOf(user: string, text: string, tags: readonly string[] = []) {
  const example: Example = { id: 'e', input: user, tags, source: 'human' };
  const task = { name: 't', instructions: 'i', prompt: {}, output: { kind: 'text' } as const, persona: coach };
  return persona.score!(example, { text, value: text, strict: true, calls: [] }, { task });
}

describe('persona', () => {
  it('gives 1 to an answer that keeps every rule that applies', () => {
    expect(scoreOf('I finished the quarterly report.', 'Nice work on the quarterly report! Next step: send it to finance.')).toEqual({
      value: 1,
    });
    expect(scoreOf('The report is late.', 'Got it, the report needs a push. Next step: draft one page today.').value).toBe(1);
  });

  it('names the rules that were broken', () => {
    const score = scoreOf('I finished the quarterly report.', 'Cool, keep up the hustle with the quarterly report. What comes next?');
    // six rules apply with the forbidden words: only the item and the length are kept
    expect(score.value).toBeCloseTo(2 / 6, 12);
    expect(score.reason).toContain('Nice work | Well done');
    expect(score.reason).toContain('hustle');
    expect(score.reason).not.toContain('at most');
  });

  it('wants the tagged item word for word', () => {
    const answer = 'Nice work on the report! Next step: send it.';
    expect(scoreOf('I finished the quarterly report.', answer).value).toBe(1);
    expect(scoreOf('I finished the quarterly report.', answer, ['item:quarterly report']).value).toBeLessThan(1);
  });

  it('does not apply without a persona', () => {
    const task = { name: 't', instructions: 'i', prompt: {}, output: { kind: 'text' } as const };
    const example: Example = { id: 'e', input: 'x', tags: [], source: 'human' };
    expect(persona.score!(example, { text: 'x', value: 'x', strict: true, calls: [] }, { task }).value).toBeNull();
  });
});

describe('parseRule', () => {
  const kept = (rule: string, answer: string) => parseRule(rule).kept({ answer, user: 'x', tags: [] });

  it.each([
    { rule: 'open with one of: Nice work | Well done', yes: '“Well done,” she said.', no: 'That was well done.' },
    { rule: 'open with one of: Got it', yes: 'got it. Go.', no: 'Got items.' },
    { rule: 'end with one of: today | this week', yes: 'Do it today!', no: 'Today you do it.' },
    { rule: 'end with one of: ?', yes: 'Ready?', no: 'Ready.' },
    { rule: 'first sentence uses one of: progress', yes: 'Good progress. More follows.', no: 'Good. More progress follows.' },
    { rule: 'last sentence uses one of: step', yes: 'Good. A step more.', no: 'A step more. Good.' },
    { rule: 'last sentence starts with one of: Next step | Next,', yes: 'Good! Next, call them.', no: 'Next, call them. Good!' },
    { rule: 'use one of: plan | focus', yes: 'Focus now.', no: 'Planning now.' },
    { rule: 'use all of: plan | focus', yes: 'Plan and focus.', no: 'Plan.' },
    { rule: 'use none of: undone', yes: 'It is done.', no: 'It is undone.' },
    { rule: 'at most 3 words', yes: "It's 3.5 metres", no: 'It is four words' },
    { rule: 'at least 2 sentences', yes: 'One. Two.', no: 'One, two.' },
    { rule: 'exactly 1 sentence', yes: 'It costs 3.5 dollars.', no: 'One. Two.' },
    { rule: 'no questions', yes: 'Go.', no: 'Go?' },
    { rule: 'no exclamation marks', yes: 'Go.', no: 'Go!' },
    { rule: 'no emoji', yes: 'Go 1.', no: 'Go 🎉' },
    { rule: 'no lists', yes: 'First - then.', no: 'So:\n- first' },
    { rule: 'Use one of: don’t', yes: "I don't.", no: 'I do.' },
  ])('$rule: keeps "$yes", breaks "$no"', ({ rule, yes, no }) => {
    expect(kept(rule, yes)).toBe(true);
    expect(kept(rule, no)).toBe(false);
  });

  it('refuses what it cannot check, naming the rule and the file', () => {
    const wrong = { ...coach, rules: ['be nice'] };
    try {
      checkPersona(wrong, valueDocument('persona.yaml', wrong));
      expect.unreachable();
    } catch (error) {
      if (!RungError.is(error)) throw error;
      expect(error.message).toContain('"be nice"');
      expect(error.hint).toContain('open with one of: A | B');
      expect(error.place).toEqual({ file: 'persona.yaml' });
      expect(error.exitCode).toBe(2);
    }
    expect(() => parseRule('use one of: | ')).toThrowError(RungError);
    expect(checkPersona(coach, valueDocument('persona.yaml', coach))).toEqual([]);
  });
});
