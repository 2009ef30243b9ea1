import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TrainingData } from '#core/trainer.ts';
import { ChatTokenizer } from './chat-tokenizer.ts';
import { makeTinyModel, type TinyModel } from './tiny-model.fixture.ts';
import { itemsOf } from './training-items.ts';

let model: TinyModel;
let tokenizer: ChatTokenizer;
let withoutSpans: ChatTokenizer;

beforeAll(async () => {
  model = await makeTinyModel();
  const template = await readFile(join(model.folder, 'chat_template.jinja'), 'utf8');
  const files = {
    tokenizer: await readFile(join(model.folder, 'tokenizer.json'), 'utf8'),
    settings: '{"bos_token": "<|begin|>", "eos_token": "<|end|>"}',
  };
  tokenizer = new ChatTokenizer({ ...files, template });
  withoutSpans = new ChatTokenizer({ ...files, template: template.replace(/\{%-? *(end)?generation *-?%\}/g, '') });
});
afterAll(() => rm(model.folder, { recursive: true, force: true }));

const items = (data: TrainingData, using = tokenizer) => itemsOf(data, using, model.config);
const texts = (...all: string[]): TrainingData => ({ method: 'pretraining', train: all.map((text) => ({ text })), validation: [] });
const learnt = ({ tokens, mask }: { tokens: readonly number[]; mask: readonly boolean[] }) =>
  tokenizer.decode(tokens.filter((_, index) => mask[index]));

test('raw text of any length is cut into pieces that fit, and every token after the first is learnt exactly once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ minLength: 1, maxLength: 1500 }), async (text) => {
      fc.pre(text.trim() !== '');
      const whole = tokenizer.document(text);
      const pieces = (await items(texts(text))).train.map((item) => item[0]!);
      for (const { tokens, mask } of pieces) {
        expect(tokens.length).toBeLessThanOrEqual(model.config.contextLength);
        expect(mask).toEqual(tokens.map((_, index) => index > 0));
      }
      expect(pieces.flatMap(({ tokens }) => tokens.slice(1))).toEqual(whole.slice(1));
    }),
    { numRuns: 40 },
  );
});

test('a document stands between the begin and end tokens of the tokenizer', () => {
  expect(tokenizer.document('ab')).toEqual([1, ...tokenizer.encode('ab'), 2]);
});

test('a preference is two rows in which the answer alone is learnt, whatever was said before', async () => {
  const messages = [
    { role: 'user' as const, content: 'one' },
    { role: 'assistant' as const, content: 'two' },
    { role: 'user' as const, content: 'three' },
  ];
  const [item] = (await items({ method: 'preference', train: [{ messages, chosen: 'four', rejected: 'five' }], validation: [] })).train;
  expect(item!.map(learnt)).toEqual(['four', 'five']);
});

test("an assistant's turn of weight 0 is shown and not learnt", async () => {
  const messages = [
    { role: 'user' as const, content: 'a' },
    { role: 'assistant' as const, content: 'wrong', weight: 0 as const },
    { role: 'user' as const, content: 'b' },
    { role: 'assistant' as const, content: 'right', weight: 1 as const },
  ];
  const [item] = (await items({ method: 'supervised', train: [{ messages }], validation: [] })).train;
  expect(learnt(item![0]!)).toBe('right');
  expect(tokenizer.decode([...item![0]!.tokens])).toContain('wrong');
});

test('rows that cannot be learnt are refused by their number, with a way out', async () => {
  const user = { role: 'user' as const, content: 'hello' };
  const answer = { role: 'assistant' as const, content: 'yes' };
  const refused = (data: TrainingData, using?: ChatTokenizer) =>
    items(data, using).then(
      () => undefined,
      (error: unknown) => error,
    );
  const fine = { messages: [user, answer] };
  const cases: [TrainingData, RegExp][] = [
    [{ method: 'supervised', train: [], validation: [] }, /no training rows/],
    [{ method: 'supervised', train: [fine, { messages: [user] }], validation: [] }, /Row 2 of the training rows has no assistant/],
    [{ method: 'supervised', train: [fine], validation: [{ messages: [user, { ...answer, weight: 0 }] }] }, /Row 1 of the validation/],
    [
      { method: 'supervised', train: [{ messages: [{ role: 'user', content: 'x'.repeat(400) }, answer] }], validation: [] },
      /Row 1 of the training rows has 4\d\d tokens; the model reads 320/,
    ],
    [
      { method: 'preference', train: [{ messages: [user], chosen: 'same', rejected: ' same ' }], validation: [] },
      /prefers an answer to itself/,
    ],
    [texts('fine', '  '), /Row 2 of the training rows has no text/],
  ];
  for (const [data, message] of cases) {
    expect(await refused(data)).toMatchObject({
      code: 'training-rows',
      exitCode: 2,
      message: expect.stringMatching(message),
      hint: expect.any(String),
    });
  }
  expect(await refused({ method: 'supervised', train: [fine], validation: [] }, withoutSpans)).toMatchObject({
    code: 'template-spans',
    hint: expect.stringContaining('endgeneration'),
  });
});
