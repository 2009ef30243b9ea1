import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RungError } from '#core/errors.ts';
import type { Output } from '#core/output.ts';
import { readExamples, readExamplesFile } from './read-examples.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-examples-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const labels: Output = { kind: 'labels', labels: ['billing', 'shipping', 'returns'] };
const text: Output = { kind: 'text' };
const form: Output = {
  kind: 'json',
  schema: { type: 'object', properties: { mood: { enum: ['positive', 'negative'] } }, required: ['mood'], additionalProperties: false },
};
const good = ['{"input":"a bill","expected":"billing"}', '{"input":"a van","expected":"shipping"}'];

async function read(content: string | Buffer, output: Output = labels, name = 'examples.jsonl') {
  const file = join(folder, name);
  await writeFile(file, content);
  return readExamples({ examplesFile: file, output });
}

async function refusal(content: string | Buffer, output?: Output, name?: string): Promise<RungError> {
  const error: unknown = await read(content, output, name).then(
    () => undefined,
    (thrown) => thrown,
  );
  if (!RungError.is(error)) throw new Error(`Not refused as it should be: ${String(error)}`);
  expect(error).toMatchObject({ exitCode: 2, hint: expect.stringMatching(/\w/), place: { file: join(folder, name ?? 'examples.jsonl') } });
  return error;
}

describe('examples are read', () => {
  test('with every field', async () => {
    const row = { id: 'x', input: { a: 1 }, expected: 'billing', group: 'g', tags: ['t'], source: 'log', split: 'test' };
    const { examples, warnings } = await read(`${JSON.stringify(row)}\n${good[1]}`);
    expect(examples[0]).toEqual(row);
    expect(examples[1]).toMatchObject({ id: expect.stringMatching(/^e_[0-9a-f]{16}$/), tags: [], source: 'human' });
    expect(warnings).toEqual(['No example has the label "returns".']);
  });

  test('the same with a byte order mark, carriage returns, blank lines and without a last line end', async () => {
    const plain = await read(`${good.join('\n')}\n`);
    const marked = await read(`\uFEFF${good.join('\r\n\r\n  \r\n')}`);
    expect(marked.examples).toEqual(plain.examples);
    expect([...plain.lines.values(), ...marked.lines.values()]).toEqual([1, 2, 1, 4]);
  });

  test('across the borders of chunks, with characters of several bytes', async () => {
    const inputs = Array.from({ length: 3000 }, (_, index) => `${'ä€😀'.repeat(index % 50)} ${index}`);
    const rows = inputs.map((input, index) => JSON.stringify({ input, expected: labels.labels[index % 3] }));
    const { examples } = await read(rows.join('\n'));
    expect(examples.map(({ input }) => input)).toEqual(inputs);
  });

  test('from OpenAI chat rows', async () => {
    const turns = [
      { role: 'developer', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'a bill' }] },
    ];
    const row = JSON.stringify({ messages: [...turns, { role: 'assistant', content: '{"mood": "positive"}' }] });
    const { examples } = await read(`${row}\n${row}`, form);
    expect(examples[0]).toMatchObject({
      input: {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'a bill' },
        ],
      },
      expected: { mood: 'positive' },
    });
  });

  test('from tables, whose cells may hold commas, quotes and lines', async () => {
    const comma = await read('\uFEFFinput,expected,tags,id\r\n"a ""bill"",\nhere",billing,x|y,1\r\na van,shipping,,2\r\n', labels, 'a.csv');
    const tab = await read('input\texpected\na, bill\tbilling\nvan\tshipping\n', labels, 'a.tsv');
    const json = await read('input,expected\nfine,"{""mood"": ""positive""}"\nno answer,\n', form, 'b.csv');
    expect(comma.examples[0]).toMatchObject({ id: '1', input: 'a "bill",\nhere', expected: 'billing', tags: ['x', 'y'] });
    expect(tab.examples[0]).toMatchObject({ input: 'a, bill', expected: 'billing' });
    expect(json.examples.map(({ expected }) => expected)).toEqual([{ mood: 'positive' }, undefined]);
    expect(json.warnings).toEqual(['1 row in b.csv has no expected answer.']);
  });

  test('with copies kept apart and odd fields named in warnings', async () => {
    const { examples, warnings } = await read([...good, good[0], good[0], '{"input":"q","expected":"returns","lable":1}'].join('\n'));
    expect(new Set(examples.map(({ id }) => id)).size).toBe(5);
    expect(warnings).toEqual([
      'The field "lable" of 1 row in examples.jsonl is not read.',
      '2 rows in examples.jsonl repeat an earlier row; copies stay on one side of the split.',
    ]);
  });

  test('with ids that depend on the content alone', async () => {
    const forth = await read(good.join('\n'));
    const back = await read(good.toReversed().join('\n'));
    expect(back.examples.toReversed()).toEqual(forth.examples);
  });

  test('of any number where a file is not what is measured', async () => {
    const file = join(folder, 'general.jsonl');
    await writeFile(file, '');
    expect(await readExamplesFile(file)).toEqual({ examples: [], warnings: [], lines: new Map() });
  });
});

describe('examples are refused with file, line and way out:', () => {
  const valid = (index: number) => `{"input":"message ${index}","expected":"${labels.labels[index % 3]}"}`;
  const many = Array.from({ length: 5000 }, (_, index) => valid(index));

  test.each([
    ['an empty file', '', undefined, 'examples-empty', /no examples/],
    ['blank lines only', '\uFEFF\r\n\n  \n', undefined, 'examples-empty', /no examples/],
    ['one example', good[0]!, undefined, 'examples-too-few', /single example/],
    ['one label', `${good[0]}\n{"input":"b","expected":"billing"}`, undefined, 'examples-one-label', /"billing"/],
    ['a label not in the list', `${good[0]}\n\n{"input":"b","expected":"shiping"}`, 3, 'label-unknown', /"shiping" is not one/],
    ['a label that is a number', `${good[0]}\n{"input":"b","expected":3}`, 2, 'label-unknown', /3 is not one/],
    ['malformed JSON', many.with(4710, '{"input": "x", "expected": }').join('\n'), 4711, 'row-unreadable', /Line 4711 is not JSON/],
    ['a row that is no object', `${good[0]}\n["a"]`, 2, 'row-unreadable', /no JSON object/],
    ['10 MB in one row', `${good[0]}\n{"input":"${'x'.repeat(10_000_000)}"}\n${good[1]}`, 2, 'row-too-long', /1,000,000 bytes/],
    ['a repeated id', `{"id":"a","input":"b"}\n${good[0]}\n{"id":"a","input":"c"}`, 3, 'id-repeated', /line 3 was given on line 1/],
    ['no input', `${good[0]}\n{"prompt":"b"}`, 2, 'input-missing', /no input/],
    ['an input of the wrong kind', `${good[0]}\n{"input":["b"]}`, 2, 'input-unfit', /input is \["b"\]/],
    ['an unknown split', `${good[0]}\n{"input":"b","split":"tset"}`, 2, 'row-unfit', /split is "tset"/],
    ['a turn without a text', '{"messages":[{"role":"user"}]}', 1, 'messages-unfit', /Message 1/],
    [
      'a question that ends in an answer',
      '{"input":{"messages":[{"role":"assistant","content":"a"}]}}',
      1,
      'messages-unfit',
      /turn of the user/,
    ],
    ['a conversation without a question', '{"messages":[{"role":"assistant","content":"a"}]}', 1, 'messages-unfit', /no user turn/],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 1, 'not-utf8', /Line 1 is not UTF-8/],
  ])('%s', async (_, content, line, code, message) => {
    const error = await refusal(content);
    expect(error.message).toMatch(message);
    expect(error.message.length).toBeLessThan(300);
    expect([error.code, error.place?.line]).toEqual([code, line]);
  });

  test('with the nearest label', async () => {
    const error = await refusal(`${good[0]}\n{"input":"b","expected":"Shiping"}`);
    expect(error.hint).toBe('Did you mean "shipping"? Known are: billing, shipping, returns.');
  });

  test.each([
    ['a value not in the list', '{"mood":"postive"}', /"mood" is "postive"/, /"positive"/],
    ['a key that the schema lacks', '{"mood":"positive","why":1}', /unknown key "why"/, /schema/],
    ['a missing key', '{}', /required property 'mood'/, /schema/],
    ['another type', '"positive"', /must be object/, /schema/],
  ])('an answer that the schema refuses: %s', async (_, expected, message, hint) => {
    const error = await refusal(`{"input":"a","expected":${expected}}`, form);
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
    expect(error.place?.line).toBe(1);
  });

  test('an answer that is no text where a text is wanted', async () => {
    const error = await refusal('{"input":"a","expected":{"a":1}}', text);
    expect(error.code).toBe('expected-unfit');
  });

  test.each([
    ['a cell too many', 'input,expected\na,billing\nb,shipping,3\n', 3],
    ['an open quote', 'input,expected\na,billing\n"b,shipping\n', 3],
    ['a huge cell', `input,expected\na,billing\n${'x'.repeat(1_100_000)},shipping\n`, 3],
    ['a label not in the list', 'input,expected\n"a\nb",billing\nc,sipping\n', 4],
  ])('a table with %s', async (_, content, line) => {
    const error = await refusal(content, labels, 'a.csv');
    expect(error.place?.line).toBe(line);
  });

  test.each(['none.jsonl', 'none.csv', '.'])('a file that is not there: %s', async (name) => {
    const reading = readExamples({ examplesFile: join(folder, name), output: labels });
    await expect(reading).rejects.toMatchObject({ exitCode: 2, code: 'file-missing' });
  });
});
