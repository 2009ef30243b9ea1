import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RungError } from '#core/errors.ts';
import { checkShape } from './check-shape.ts';
import { checkPersona, personaFindings } from './persona-contradictions.ts';
import { keptRules, parseRule } from './persona-rules.ts';
import { readYaml } from './source-document.ts';
import { personaSchema } from './task-schema.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-persona-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(yaml: string) {
  const file = join(folder, 'persona.yaml');
  await writeFile(file, `name: Coach\n${yaml}`);
  const source = await readYaml(file);
  return { persona: checkShape(personaSchema, source), source };
}

async function findings(yaml: string) {
  const { persona, source } = await read(yaml);
  return personaFindings(persona, source).map(({ severity, message, place, other }) => ({
    severity,
    message,
    lines: [place.line, other.line],
  }));
}

describe('what no answer can keep', () => {
  test.each([
    {
      name: 'a word used and avoided',
      yaml: 'vocabulary:\n  use: [focus, hustle]\n  avoid:\n    - hustle\n',
      lines: [3, 5],
      says: 'use says "hustle"',
    },
    {
      name: 'an opening of forbidden words',
      yaml: 'vocabulary: { avoid: [hustle, grind] }\nrules:\n  - no lists\n  - "open with one of: Nice hustle | Good grind"\n',
      lines: [5, 2],
      says: 'nothing that it asks for may be said',
    },
    {
      name: 'one forbidden word of all that must be used',
      yaml: 'vocabulary: { avoid: [grind] }\nrules:\n  - "use all of: plan | grind"\n',
      lines: [4, 2],
      says: 'nothing that it asks for may be said',
    },
    {
      name: 'too many words for the bound',
      yaml: 'rules:\n  - at most 10 words\n  - at least 20 words\n',
      lines: [3, 4],
      says: 'at least 20 words do not fit into at most 10 words',
    },
    {
      name: 'more sentences than words',
      yaml: 'rules: [at most 2 words, at least 3 sentences]\n',
      lines: [2, 2],
      says: 'at least 3 sentences do not fit into at most 2 words',
    },
    {
      name: 'an ending that asks, and no questions',
      yaml: 'rules:\n  - no questions\n  - "end with one of: Ready? | Shall we?"\n',
      lines: [4, 3],
      says: 'nothing that it asks for may be said',
    },
    {
      name: 'a response pattern that asks, and no questions',
      yaml: 'responsePattern:\n  - thank them\n  - end with a question about the plan\nrules:\n  - no questions\n',
      lines: [4, 6],
      says: 'it asks for a question',
    },
    {
      name: 'two openings',
      yaml: 'rules:\n  - "open with one of: Hello"\n  - "when the user says one of: done => open with one of: Nice work"\n',
      lines: [3, 4],
      says: 'the opening cannot be both',
    },
    {
      name: 'two openings for a message that says neither',
      yaml: 'rules:\n  - "unless the user says one of: done => open with one of: Hello"\n  - "unless the user says one of: sent => open with one of: Thanks"\n',
      lines: [3, 4],
      says: 'the opening cannot be both',
    },
    {
      name: 'two openings for a message that says the word of both',
      yaml: 'rules:\n  - "when the user says one of: done | ready => open with one of: Hello"\n  - "when the user says one of: sent | done => open with one of: Thanks"\n',
      lines: [3, 4],
      says: 'the opening cannot be both',
    },
    {
      name: 'a longer phrase than the answer may be',
      yaml: 'rules:\n  - "use one of: one step after the other"\n  - at most 3 words\n',
      lines: [3, 4],
      says: 'has 5 words',
    },
  ])('$name', async ({ yaml, lines, says }) => {
    const found = await findings(yaml);
    expect(found[0]).toMatchObject({ severity: 'error', lines });
    expect(found[0]?.message).toContain(says);
    const { persona, source } = await read(yaml);
    try {
      checkPersona(persona, source);
      expect.unreachable();
    } catch (error) {
      if (!RungError.is(error)) throw error;
      expect(error).toMatchObject({ code: 'persona-contradicts-itself', exitCode: 2, place: { line: lines[0] } });
      expect(error.message).toContain(`persona.yaml:${lines[1]}`);
    }
  });

  test('a rule that cannot be read, with its line', async () => {
    const { persona, source } = await read('rules:\n  - no lists\n  - be nice\n');
    expect(() => checkPersona(persona, source)).toThrowError(expect.objectContaining({ code: 'persona-rule-unknown' }));
    try {
      checkPersona(persona, source);
    } catch (error) {
      expect(error).toMatchObject({ place: { line: 4 } });
    }
  });
});

describe('what some answers cannot keep', () => {
  test('is a warning: a phrase among others, an example, a boundary answer, a message that says the words of both', async () => {
    const found = await findings(
      [
        'vocabulary: { avoid: [hustle] }',
        'rules:',
        '  - "open with one of: Nice work | Nice hustle | Thanks"',
        '  - "when the user says one of: done => end with one of: today"',
        '  - "when the user says one of: stuck => end with one of: tomorrow"',
        'examples:',
        '  - user: hello',
        '    assistant: Hi there.',
        'boundaries:',
        '  - topic: legal advice',
        '    answer: Nope.',
        '',
      ].join('\n'),
    );
    expect(found.map(({ severity, lines }) => [severity, ...lines])).toEqual([
      ['warning', 4, 2],
      ['warning', 5, 6],
      ['warning', 9, 4],
      ['warning', 12, 4],
    ]);
    expect(found[1]?.message).toContain('for a message that says the words of both');
    const { persona, source } = await read('rules: [at most 1 word]\nexamples: [{ user: a, assistant: two words }]\n');
    expect(checkPersona(persona, source)).toEqual([
      'persona.yaml:3: The answer of example 1 does not go with the rule "at most 1 word" (persona.yaml:2): it breaks the rule.',
    ]);
  });

  test('is nothing where rules are for different messages, or one answer can keep both', async () => {
    expect(
      await findings(
        [
          'responsePattern: [never end with a question]',
          'vocabulary: { use: [time block], avoid: [asap] }',
          'rules:',
          '  - "when the user says one of: done | sent => open with one of: Nice work"',
          '  - "unless the user says one of: done | sent => open with one of: Thanks"',
          '  - "open with one of: Nice work | Thanks for"',
          '  - at most 10 words',
          '  - at least 10 words',
          '  - no questions',
          '',
        ].join('\n'),
      ),
    ).toEqual([]);
  });
});

describe('an error is right', () => {
  const source = { file: 'persona.yaml', value: undefined, placeOf: () => ({ file: 'persona.yaml' }) };
  const phrase = fc.constantFrom('plan', 'focus', 'go on', 'go', 'ready?', 'now!');
  const phrases = fc.uniqueArray(phrase, { minLength: 1, maxLength: 3 }).map((list) => list.join(' | '));
  const rule = fc.oneof(
    phrases.map((list) => `open with one of: ${list}`),
    phrases.map((list) => `end with one of: ${list}`),
    phrases.map((list) => `use one of: ${list}`),
    phrases.map((list) => `use all of: ${list}`),
    phrases.map((list) => `use none of: ${list}`),
    fc.constantFrom(
      'no questions',
      'no exclamation marks',
      'at most 1 word',
      'at least 2 words',
      'at most 1 sentence',
      'at least 2 sentences',
    ),
  );
  const answer = fc
    .tuple(fc.array(phrase, { minLength: 1, maxLength: 5 }), fc.constantFrom(' ', '. '))
    .map(([list, between]) => list.join(between));

  test('no answer that keeps every rule belongs to rules that are called contradictory', () => {
    fc.assert(
      fc.property(fc.uniqueArray(rule, { minLength: 1, maxLength: 4 }), answer, (rules, text) => {
        const keeps = rules.every((line) => parseRule(line).kept({ answer: text, user: 'x', tags: [] }));
        if (!keeps) return;
        const persona = personaSchema.parse({ name: 'Coach', rules });
        expect(personaFindings(persona, source).filter(({ severity }) => severity === 'error')).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  test('rules for different messages are not called contradictory where every message has an answer', () => {
    const said = fc.uniqueArray(fc.constantFrom('done', 'sent'), { minLength: 1 }).map((list) => list.join(' | '));
    const conditional = fc
      .tuple(fc.constantFrom('when', 'unless'), said, rule)
      .map(([word, list, body]) => `${word} the user says one of: ${list} => ${body}`);
    const words = ['plan', 'go on', 'ready?', 'now!'];
    const pairs = words.flatMap((first) =>
      ['', ' ', '. '].flatMap((between) => (between === '' ? first : words.map((second) => first + between + second))),
    );
    const users = ['hello', 'done', 'sent', 'done and sent'];
    let called = 0;
    fc.assert(
      fc.property(fc.uniqueArray(fc.oneof(conditional, rule), { minLength: 2, maxLength: 3 }), (lines) => {
        const rules = lines.map((line) => parseRule(line));
        const answerable = users.every((user) =>
          pairs.some((text) => keptRules(rules, { answer: text, user, tags: [] }).broken.length === 0),
        );
        const errors = personaFindings(personaSchema.parse({ name: 'Coach', rules: lines }), source).filter(
          ({ severity }) => severity === 'error',
        );
        called += errors.length;
        if (answerable) expect(errors).toEqual([]);
      }),
      { numRuns: 600, seed: 3 },
    );
    expect(called).toBeGreaterThan(20);
  });
});
