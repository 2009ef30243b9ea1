import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chatRows, jsonLines } from './gateway.fixture.ts';
import { readTrainingFiles, TrainingFileFault } from './training-file.ts';

/** The lines of a text, as they are read from a file. */
async function* linesOf(text: string) {
  for (const [index, line] of text.split('\n').entries()) if (line.trim() !== '') yield { number: index + 1, text: line };
}
const training = (text: string) => ({ param: 'training_file' as const, filename: 'train.jsonl', lines: linesOf(text) });
const validation = (text: string) => ({ param: 'validation_file' as const, filename: 'validation.jsonl', lines: linesOf(text) });

async function faultOf(text: string, method: 'supervised' | 'preference' = 'supervised'): Promise<TrainingFileFault> {
  try {
    await readTrainingFiles(method, training(text), undefined);
  } catch (error) {
    if (error instanceof TrainingFileFault) return error;
    throw error;
  }
  throw new Error('The file was taken.');
}

/** Ten good rows, then this one. */
const after = (row: unknown) => `${chatRows(10)}${typeof row === 'string' ? row : JSON.stringify(row)}\n`;
const answered = (...messages: object[]) => ({ messages: [...messages, { role: 'assistant', content: 'yes' }] });

describe('conversations', () => {
  it('keeps turns, weights and order; a developer speaks as the system', async () => {
    const messages = [
      { role: 'developer', content: 'Be short.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'One ' },
          { type: 'text', text: 'two' },
        ],
      },
      { role: 'assistant', content: 'no', weight: 0 },
      { role: 'user', content: 'Again' },
      { role: 'assistant', content: 'yes', weight: 1 },
    ];
    const text = `${chatRows(9)}\n${JSON.stringify({ messages })}\n`;
    const { data, lines } = await readTrainingFiles('supervised', training(text), undefined);
    const { train } = data;
    expect(lines.train).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 11]);
    expect(train.at(-1)).toEqual({
      messages: [
        { role: 'system', content: 'Be short.' },
        { role: 'user', content: 'One two' },
        { role: 'assistant', content: 'no', weight: 0 },
        { role: 'user', content: 'Again' },
        { role: 'assistant', content: 'yes', weight: 1 },
      ],
    });
  });

  it('gives back whatever texts went in', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((one) => one.trim() !== '');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(text, text), { minLength: 10, maxLength: 20 }), async (pairs) => {
        const rows = pairs.map(([user, assistant]) => ({
          messages: [
            { role: 'user', content: user },
            { role: 'assistant', content: assistant },
          ],
        }));
        const file = training(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
        expect((await readTrainingFiles('supervised', file, undefined)).data).toEqual({
          method: 'supervised',
          train: rows,
          validation: [],
        });
      }),
    );
  });

  it.each([
    ['not JSON', 'line 11 is not JSON'],
    ['[]', 'line 11 is no JSON object'],
    [{ prompt: 'a', completion: 'b' }, 'prompt-completion format'],
    [{ input: { messages: [] } }, 'method {"type": "dpo"}'],
    [{ messages: [] }, 'empty list'],
    [answered({ role: 'robot', content: 'x' }), 'role "robot"'],
    [{ messages: [{ role: 'user', content: 'x' }] }, 'No assistant turn'],
    [
      {
        messages: [
          { role: 'user', content: 'x' },
          { role: 'assistant', content: 'y', weight: 0 },
        ],
      },
      'No assistant turn',
    ],
    [
      {
        messages: [
          { role: 'assistant', content: 'y' },
          { role: 'user', content: 'x' },
        ],
      },
      'last message is not from the assistant',
    ],
    [
      {
        messages: [
          { role: 'user', content: 'x' },
          { role: 'assistant', content: 'y', weight: 0.5 },
        ],
      },
      'weight 0.5',
    ],
    [answered({ role: 'user', content: '  ' }), 'messages[0] has no text'],
    [answered({ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }), 'parts that are no text'],
    [answered({ role: 'tool', content: 'x', tool_call_id: 'y' }), 'tool'],
    [{ ...answered({ role: 'user', content: 'x' }), tools: [{ type: 'function' }] }, 'tools'],
  ])('refuses %j with its line', async (row, why) => {
    const fault = await faultOf(after(row));
    expect(fault).toMatchObject({ code: 'invalid_training_file', param: 'training_file' });
    expect(fault.message).toContain('train.jsonl, line 11');
    expect(fault.message).toContain(why);
  });

  it('wants ten rows to learn from, and one to validate with', async () => {
    expect(await faultOf(chatRows(9))).toMatchObject({
      code: 'invalid_n_examples',
      message: expect.stringContaining('9 example(s), but must have at least 10'),
    });
    const { data } = await readTrainingFiles('supervised', training(chatRows(10)), validation(chatRows(1)));
    expect(data.validation).toHaveLength(1);
    const none = readTrainingFiles('supervised', training(chatRows(10)), validation('\n'));
    await expect(none).rejects.toThrow('validation.jsonl has no examples');
  });
});

describe('preferences', () => {
  const pair = (changes: object = {}) => ({
    input: { messages: [{ role: 'user', content: 'x' }] },
    preferred_output: [{ role: 'assistant', content: 'good' }],
    non_preferred_output: [{ role: 'assistant', content: 'bad' }],
    ...changes,
  });

  it('reads both answers', async () => {
    const { data } = await readTrainingFiles('preference', training(jsonLines(10, () => pair())), undefined);
    expect(data.train[0]).toEqual({ messages: [{ role: 'user', content: 'x' }], chosen: 'good', rejected: 'bad' });
  });

  it.each([
    [answered({ role: 'user', content: 'x' }), 'method is dpo'],
    [pair({ preferred_output: [{ role: 'user', content: 'x' }] }), 'preferred_output is not one assistant message'],
    [pair({ non_preferred_output: undefined }), 'non_preferred_output'],
    [pair({ non_preferred_output: [{ role: 'assistant', content: 'good' }] }), 'Both answers are the same'],
  ])('refuses %j', async (row, why) => {
    const fault = await faultOf(`${jsonLines(10, () => pair())}${JSON.stringify(row)}`, 'preference');
    expect(fault.message).toContain('line 11');
    expect(fault.message).toContain(why);
  });
});
