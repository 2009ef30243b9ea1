import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { Json } from '#core/json.ts';
import type { Model, ModelRequest } from '#core/model.ts';
import { type ChatAnswer, type ChatRequestBody, type FaultServer, type FaultServerOptions, startFaultServer } from '#testing.ts';
import { ToolCallPieces } from './answer-tool.ts';
import { openaiCompatible } from './openai-compatible.ts';

const never = new AbortController().signal;
const schema = { type: 'object', required: ['team'], properties: { team: { type: 'string' } } };
const request: ModelRequest = { messages: [{ role: 'user', content: 'Where is my parcel?' }], jsonSchema: schema };

let server: FaultServer | undefined;
let model: Model | undefined;
afterEach(async () => {
  await model?.close?.();
  await server?.close();
});

async function open(options: FaultServerOptions, settings: Record<string, Json> = { jsonSchema: 'tool' }): Promise<Model> {
  server = await startFaultServer({ jsonSchema: false, ...options });
  model = await openaiCompatible.open({ model: 'm', settings: { baseUrl: server.baseUrl, ...settings }, taskFolder: '.', environment: {} });
  return model;
}

describe.each([false, true])('an answer by a tool call, stream: %s', (stream) => {
  const settings = { jsonSchema: 'tool', stream } as const;
  const said = (answer: ChatAnswer) =>
    open({ answer: () => answer }, settings).then((opened) => opened.generate(request, { signal: never }));
  const call = (name: string, json: string) => ({ name, arguments: json });

  test('is the arguments of the one function that the request forces', async () => {
    let asked: ChatRequestBody | undefined;
    const answer = '{"team": "shipping", "why": "a très late  parcel 📦"}';
    const answering = (body: ChatRequestBody) => {
      asked = body;
      return answer;
    };
    const opened = await open({ answer: answering }, settings);
    expect(opened.can).toEqual({ jsonSchema: true, logProbabilities: false, tools: true });
    expect(await opened.generate(request, { signal: never })).toMatchObject({ text: answer, finishReason: 'stop' });
    expect(asked).toMatchObject({
      tools: [{ type: 'function', function: { name: 'answer', parameters: schema } }],
      tool_choice: { type: 'function', function: { name: 'answer' } },
    });
    expect(asked).not.toHaveProperty('response_format');
  });

  test('is unwrapped where the schema is not an object, and left as it is where it is no JSON', async () => {
    const labels: ModelRequest = { ...request, jsonSchema: { enum: ['a', 'b'], $defs: { unused: {} } } };
    let parameters: unknown;
    let answer = '{"answer": "b"}';
    const answering = ({ tools }: ChatRequestBody) => {
      parameters = tools?.[0]?.function.parameters;
      return answer;
    };
    const opened = await open({ answer: answering }, settings);
    expect((await opened.generate(labels, { signal: never })).text).toBe('"b"');
    expect(parameters).toMatchObject({ type: 'object', properties: { answer: { enum: ['a', 'b'] } }, $defs: { unused: {} } });
    answer = 'b, I think';
    expect((await opened.generate(labels, { signal: never })).text).toBe('b, I think');
  });

  test.each([
    ['another tool', [call('search', '{"query": "parcel"}')], /another tool .*"search"/],
    ['the right one and another', [call('answer', '{}'), call('search', '{}')], /another tool/],
    ['its tool twice, differently', [call('answer', '{"team":"a"}'), call('answer', '{"team":"b"}')], /2 times, with different answers/],
  ])('says when the model calls %s', async (_what, toolCalls, message) => {
    await expect(said({ toolCalls })).rejects.toMatchObject({ kind: 'bad-response', message: expect.stringMatching(message) });
  });

  test('takes the same call twice as one, and a text where the model calls nothing', async () => {
    const twice = [call('answer', '{"team":"a"}'), call('answer', '{"team":"a"}')];
    expect(await said({ toolCalls: twice })).toMatchObject({ text: '{"team":"a"}', finishReason: 'stop' });
    await model?.close?.();
    await server?.close();
    expect(await said({ content: 'The team is shipping.' })).toMatchObject({ text: 'The team is shipping.', finishReason: 'stop' });
  });

  test('says when the model calls a tool that nobody gave it', async () => {
    const opened = await open({ answer: () => ({ toolCalls: [call('search', '{}')] }) }, { stream });
    const plain = { messages: request.messages };
    await expect(opened.generate(plain, { signal: never })).rejects.toMatchObject({
      message: expect.stringContaining('it was given none'),
    });
  });
});

test('a server without JSON schemas refuses one, and is asked by a tool where the setting says so', async () => {
  const refused = await open({ answer: () => '{}' }, { jsonSchema: true });
  await expect(refused.generate(request, { signal: never })).rejects.toMatchObject({ kind: 'rejected', status: 400 });
  await refused.close?.();
  await server?.close();
  const without = await open({ answer: () => '{}', tools: false });
  await expect(without.generate(request, { signal: never })).rejects.toMatchObject({ kind: 'rejected', status: 400 });
});

test('only the tool makes another fingerprint', async () => {
  const of = async (settings: Record<string, Json>) => {
    const opened = await openaiCompatible.open({
      model: 'm',
      settings: { baseUrl: 'http://127.0.0.1:1/v1', ...settings },
      taskFolder: '.',
      environment: {},
    });
    await opened.close?.();
    return opened.fingerprint;
  };
  const plain = await of({});
  expect(await of({ jsonSchema: true })).toBe(plain);
  expect(await of({ jsonSchema: 'tool' })).not.toBe(plain);
});

test('puts calls together however a server cuts them, with an index or without', () => {
  const text = fc.string({ maxLength: 12 });
  const cuts = fc.array(fc.record({ name: text, pieces: fc.array(text, { maxLength: 5 }) }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(cuts, fc.boolean(), (calls, indexed) => {
      const pieces = new ToolCallPieces();
      for (const [at, { name, pieces: parts }] of calls.entries()) {
        const index = indexed ? { index: at } : {};
        pieces.take([{ ...index, id: `call_${at}`, type: 'function', function: { name, arguments: '' } }]);
        for (const part of parts) pieces.take([{ ...index, function: { arguments: part } }]);
      }
      expect(pieces.calls.map((call) => [call.name, call.arguments])).toEqual(calls.map((call) => [call.name, call.pieces.join('')]));
    }),
    { numRuns: 50 },
  );
});
