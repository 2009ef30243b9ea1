import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { drift } from './drift.ts';
import { probeInput, runOn, scripted } from './probe-contract.fixture.ts';
import { readExpression } from './python-expression.ts';
import { readSystemPrompts } from './system-prompt-file.ts';
import { textChecks } from './text-checks.ts';

/** The form of the published file, with invented prompts. */
const published = `import nltk

def is_loud(text):
    return text.isupper()

pattern_system_prompts = [
    ("Always begin with the letter \\"B\\".", "How are you?", lambda x: fraction_starts_with(x, "b")),
    ('Never say "no".', 'May I?', lambda x: does_not_contain(x, ["no", "nope (never)"])),
    ("Be glad.\\nAlways.", "How are you?", lambda x: (1 - get_sentiment(x, "compound")) / 2),
]

persona_system_prompts = [
    ("You are a gardener.", "What do you do?", lambda x: any(plant in x.lower() for plant in ["rose", "fern"]) and "lawn" not in x),
]
`;

const checkOf = (expression: string) => {
  const evaluate = readExpression(expression, textChecks);
  return (text: string) => Number(evaluate(text));
};

describe('the published file of prompts', () => {
  it('gives prompt, question, line and what scores an answer', () => {
    const pairs = readSystemPrompts(published);
    expect(pairs.map(({ prompt, question, line }) => [prompt, question, line])).toEqual([
      ['Always begin with the letter "B".', 'How are you?', 7],
      ['Never say "no".', 'May I?', 8],
      ['Be glad.\nAlways.', 'How are you?', 9],
      ['You are a gardener.', 'What do you do?', 13],
    ]);
    const scores = (answer: string) => pairs.map(({ judge }) => ('score' in judge ? judge.score(answer) : judge.unjudged));
    const lacking = 'it needs get_sentiment(), which is not at hand';
    expect(scores('Better, thanks; I water the Ferns.')).toEqual([1, 1, lacking, 1]);
    expect(scores('No roses, only lawn.')).toEqual([0, 0, lacking, 0]);
  });

  it('is taken by the drift probe, which tells what it did not ask', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rung-pairs-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'hundred_system_prompts.py'), published);
    await writeFile(join(folder, 'other.py'), 'print("hello")\n');
    const run = (pairs: string) =>
      runOn(
        drift,
        scripted(() => 'Better. A rose.'),
        probeInput({ turns: 1, pairs }, { folder, score: undefined }),
      );
    const { outcomes, cases } = await run('hundred_system_prompts.py');
    expect(outcomes.map(({ score }) => score)).toEqual([1, 1, 1]);
    expect(cases.filter(({ reason }) => reason.startsWith('not asked')).map(({ id }) => id)).toEqual([
      'pair 3/(1 - get_sentiment(x, "compound")) / 2',
    ]);
    await expect(run('other.py')).rejects.toMatchObject({ code: 'pairs-unreadable', exitCode: 2 });
  });
});

describe('checks of texts', () => {
  it.each([
    ['fraction_of_case_letters(x, is_upper=True)', 'ABcd 12', 0.5],
    ['fraction_of_case_letters(x, is_upper=False)', 'abc', 1],
    ['fraction_sentences_that_are_questions(x)', 'Why? Because. So?', 2 / 3],
    ['fraction_non_letter(x)', 'a1!b', 0.5],
    ['fraction_digit(x)', '12ab', 0.5],
    ['are_first_and_last_words_same(x)', 'Yes, I say yes!', 1],
    ['count_num_words(x)', 'one two three four five', 0.5],
    ['count_num_words_one(x)', 'one two', 0.5],
    ['close_to_num(x, 9)', 'Some 6 words', 2 / 3],
    ['is_alliteration(x)', 'big brown bears sleep', 0.75],
    ['is_valid_sentence_word_count(split_into_sentences(x), [2, 2])', 'Hello there. This is it.', 0.75],
    ['is_increasing_sentence_word_count(split_into_sentences(x))', 'Go. Go on. Do go on.', 1],
    ['sentences_start_with(split_into_sentences(x), "Yes")', 'Yes, it is. Yes! No.', 2 / 3],
    ['fraction_unique_words(x)', 'a b a c', 0.5],
    ['fraction_repeated_words(x)', 'a b a c', 0.5],
    ['is_valid_repeat(x)', 'so so good good day', 0.8],
    ['fraction_alter_upper_lower(x)', 'ONE two THREE Four', 0.75],
    ['fraction_alter_short_long(x)', 'long vocabulary and miniscule ones', 1],
    ['fraction_alter_banana(x)', 'banana is banana good good', 0.8],
    ['fraction_of_text_that_is_a_target(x, ["meow"])', 'Meow, purr.', 0.5],
    ['1 - fraction_of_target_words_hit(x, ["the", "tower"])', 'The market', 0.5],
    ['is_valid_json_format(x)', '{"thought": "t", "response": "r"}', 1],
    ['is_valid_list_format(x)', '[one, two words]', 0.5],
    ['is_valid_dash_format(x)', 'a-b-cd', 2 / 3],
    ['1 / (1 + x.count("e"))', 'eee', 0.25],
    ['1 - 1/( 1 + len(x.split()) ** (1/3) )', 'a b c d e f g h', 2 / 3],
    ['"Londres" in x and len(x.split()) < 3', 'A Londres', 1],
    ['x.split()[0] == "Yes"', 'Yes I do', 1],
    ['x.split()[0] == "Yes"', '', 0],
  ])('%s of %j is %d', (expression, text, value) => expect(checkOf(expression)(text)).toBeCloseTo(value, 12));

  it.each([
    '__import__("os")',
    'x.__class__',
    'open(x)',
    'constructor(x)',
    'x.constructor()',
    'lambda y: y',
    'x if x else y',
    'len(x',
    '"a" in',
    'x; x',
  ])('%s cannot be read', (expression) => {
    expect(() => readExpression(expression, textChecks)).toThrow();
  });

  it('give a number from 0 to 1 for any text', () => {
    const pairs = readSystemPrompts(
      Object.keys(textChecks)
        .filter((name) => !['len', 'split_into_sentences'].includes(name))
        .map(
          (name) =>
            `    ("p", "q", lambda x: ${name}(${/sentence/.test(name) && !/that/.test(name) ? 'split_into_sentences(x)' : 'x'}, ["a"])),`,
        )
        .join('\n'),
    );
    expect(pairs.length).toBeGreaterThan(20);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
        for (const { judge } of pairs) {
          const score = 'score' in judge ? judge.score(text) : Number.NaN;
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 40 },
    );
  });
});
