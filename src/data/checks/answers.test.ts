import { describe, expect, test } from 'vitest';
import type { DataCheck } from '#core/data-check.ts';
import { answers } from './answers.ts';
import { answersOpenings } from './answers-openings.ts';
import { cutOff } from './answers-truncated.ts';

function findings(check: DataCheck, texts: readonly string[]) {
  const pass = check.begin({ file: 'rows.jsonl', options: {}, seed: 1 });
  texts.forEach((text, index) => {
    pass.row({
      line: index + 1,
      turns: [
        { role: 'user', content: `Question ${index}?` },
        { role: 'assistant', content: text },
      ],
    });
  });
  return pass.end() as Exclude<ReturnType<typeof pass.end>, Promise<unknown>>;
}

const rules = (text: string) => findings(answers, [text]).map(({ rule }) => rule);

describe('answers', () => {
  test.each([
    ['refusal', 'I’m sorry, but I can’t assist with that request.'],
    ['refusal', 'I cannot help with this.'],
    ['refusal', 'I apologize, but I am unable to fulfill this request.'],
    ['refusal', 'Es tut mir leid, aber ich kann Ihnen dabei nicht helfen.'],
    ['boilerplate', 'My knowledge cutoff is in 2023, so look it up.'],
    ['boilerplate', 'Dear [Your Name], thank you for the parcel.'],
    ['placeholder-answer', 'N/A'],
    ['placeholder-answer', 'TODO'],
  ])('%s: %s', (rule, text) => {
    expect(rules(text)).toContain(rule);
  });

  test.each([
    'I’m sorry that you had to wait. Your parcel comes today.',
    'I cannot find an order under this name; is it spelt right?',
    'Unfortunately the depot is closed today. We will help you tomorrow.',
    'You can ask an AI assistant or a person.',
    'The model was trained on a bicycle.',
    'No',
  ])('leaves alone: %s', (text) => {
    expect(rules(text)).toEqual([]);
  });

  test('a few words where the others have many', () => {
    const long = (index: number) => `The parcel number ${index} is at the depot and ${'will be brought to you soon '.repeat(4)}by van.`;
    const texts = [...Array.from({ length: 30 }, (_, index) => long(index)), 'Fine.'];
    const [finding, ...others] = findings(answers, texts);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ rule: 'short-answer', severity: 'info', rows: [31] });
  });

  test('labels are not judged as texts', () => {
    const texts = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? 'none' : 'test'));
    expect(findings(answers, texts)).toEqual([]);
  });

  test('an end without a mark tells something only where the others have one', () => {
    const text = (index: number) => `The parcel with the number ${index} was seen at the depot in the north of the town yesterday`;
    const without = Array.from({ length: 30 }, (_, index) => text(index));
    expect(findings(answers, without)).toEqual([]);
    const one = without.map((line, index) => (index === 4 ? line : `${line}.`));
    expect(findings(answers, one)).toMatchObject([{ rule: 'unended-answer', rows: [5] }]);
  });
});

describe('how an answer ends', () => {
  test.each([
    ['{"a": "b', 'cut'],
    ['[{"a": 1}, {"b": ', 'cut'],
    ['{"a": "}"}', 'none'],
    ['Here is the code:\n```js\nfind(', 'cut'],
    ['Here is the code:\n```js\nfind();\n```', 'none'],
    ['You need a receipt, a pen and the', 'cut'],
    ['You need the receipt, the ticket,', 'cut'],
    ['All is well with your order now.\n\nKind regards,', 'ended'],
    ['Call us in the morning, we are there from eight to five each day. 👍🏽', 'ended'],
    ['Call us in the morning (we are there from eight to five each day).', 'ended'],
    ['That is what the whole long discussion of last year was for', 'none'],
    ['The page on which all of this is told at some length is https://shop.test/a', 'none'],
    ['これはとても長い文章です。', 'none'],
    ['Yes', 'none'],
    ['', 'none'],
  ])('%j: %s', (text, kind) => {
    expect(cutOff(text).kind).toBe(kind);
  });
});

test('openings that many answers share are told with their share', () => {
  const texts = Array.from({ length: 100 }, (_, index) =>
    index % 5 === 0 ? `Certainly! Here is a way to do it, number ${index}.` : `${index} is the number of the way that you are to go.`,
  );
  const [finding, ...others] = findings(answersOpenings, texts);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ rule: 'repeated-opening', count: 20 });
  expect(finding?.message).toContain('20 % (13 % to 29 %) of 100 answers begin with “certainly! here is a”');
  expect(findings(answersOpenings, texts.slice(0, 40))).toEqual([]);
});
