import { expect, test } from 'vitest';
import type { ModelPiece, ModelRequest } from '#core/model.ts';
import { readCompletion } from './chat-completion.ts';
import { ChatStream } from './chat-stream.ts';

const request: ModelRequest = { messages: [{ role: 'user', content: 'Eight chars and more.' }] };

function read(reply: unknown) {
  return readCompletion(JSON.stringify(reply), request);
}

test('reads what services add to an answer', () => {
  expect(
    read({
      choices: [
        {
          message: { role: 'assistant', content: 'billing' },
          finish_reason: 'length',
          logprobs: { content: [{ token: 'bill', logprob: -0.1, bytes: [], top_logprobs: [] }, { token: 'ing', logprob: 0 }, 'odd'] },
        },
      ],
      usage: { prompt_tokens: 10, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 4 } },
    }),
  ).toEqual({
    text: 'billing',
    finishReason: 'length',
    usage: { inputTokens: 10, cachedInputTokens: 4, outputTokens: 2 },
    logProbabilities: [
      { token: 'bill', logProbability: -0.1 },
      { token: 'ing', logProbability: 0 },
    ],
  });
});

test.each([
  undefined,
  null,
  {},
  { prompt_tokens: -1, completion_tokens: 2 },
  { prompt_tokens: 1.5, completion_tokens: 2 },
  { prompt_tokens: 5 },
])('estimates the usage where it is %j', (usage) => {
  const reply = { choices: [{ message: { content: 'billing' }, finish_reason: 'stop' }], usage };
  expect(read(reply)).toMatchObject({ usage: { inputTokens: 6, cachedInputTokens: 0, outputTokens: 2 } });
});

test('takes a refusal as the answer that it is', () => {
  const reply = { choices: [{ message: { content: null, refusal: 'I cannot.' }, finish_reason: 'stop' }] };
  expect(read(reply)).toMatchObject({ text: 'I cannot.', finishReason: 'content-filter' });
});

test.each([
  [null],
  [[]],
  [{}],
  [{ choices: 'none' }],
  [{ choices: [] }],
  [{ choices: [null] }],
  [{ choices: [{}] }],
  [{ choices: [{ message: {} }] }],
  [{ choices: [{ message: { content: null }, finish_reason: 'tool_calls' }] }],
  [{ choices: [{ message: { content: 7 } }] }],
  [{ error: { message: 'upstream failed' } }],
])('%j is no answer', (reply) => {
  expect(read(reply)).toHaveProperty('fault');
});

function stream(...events: unknown[]) {
  const chunks = new ChatStream();
  const text = events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('');
  chunks.feed(new TextEncoder().encode(text));
  return chunks.response(request);
}

const delta = (content: string, finish_reason: string | null = null) => ({ choices: [{ index: 0, delta: { content }, finish_reason }] });

test('puts a stream together', () => {
  const usage = { choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } };
  expect(stream(delta('bill'), delta('ing'), delta('', 'stop'), usage, '[DONE]')).toEqual({
    text: 'billing',
    finishReason: 'stop',
    usage: { inputTokens: 3, cachedInputTokens: 0, outputTokens: 2 },
    firstTokenMs: expect.any(Number),
  });
  expect(stream(delta('billing', 'length'))).toMatchObject({ text: 'billing', finishReason: 'length', usage: { outputTokens: 2 } });
});

test('tells the text as it comes, tokens without text with the next that has some', () => {
  const told: ModelPiece[] = [];
  const chunks = new ChatStream((piece) => told.push(piece));
  const tokens = (...names: string[]) => ({ logprobs: { content: names.map((token) => ({ token, logprob: -0.5 })) } });
  const chunk = (content: string | undefined, ...names: string[]) => {
    const choice = { delta: content === undefined ? {} : { content }, ...tokens(...names) };
    chunks.feed(Buffer.from(`data: ${JSON.stringify({ choices: [choice] })}\n\n`));
    return told.length;
  };
  expect([chunk(''), chunk('a', 'a'), chunk('', 'half'), chunk('😀', 'other'), chunk('b c'), chunk(undefined, 'end')]).toEqual([
    0, 1, 1, 2, 3, 3,
  ]);
  const named = (...names: string[]) => ({ logProbabilities: names.map((token) => ({ token, logProbability: -0.5 })) });
  expect(told).toEqual([{ text: 'a', ...named('a') }, { text: '😀', ...named('half', 'other') }, { text: 'b c' }]);
  chunks.feed(Buffer.from('data: {"error": {}}\n\ndata: {"choices": [{"delta": {"content": "late"}}]}\n\n'));
  expect(told).toHaveLength(3);
});

test('knows when the first token came, and no time where none did', () => {
  const call = { choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { name: 'answer', arguments: '{}' } }] } }] };
  const chunks = new ChatStream();
  chunks.feed(Buffer.from(`data: ${JSON.stringify(call)}\n\ndata: [DONE]\n\n`));
  expect(chunks.response({ ...request, jsonSchema: { type: 'object' } })).toMatchObject({ text: '{}', firstTokenMs: expect.any(Number) });
  expect(stream(delta(''), delta('', 'stop'), '[DONE]')).not.toHaveProperty('firstTokenMs');
});

test.each([
  [[delta('bill')]],
  [['[DONE]']],
  [[{ choices: [{ delta: {}, finish_reason: 'stop' }] }, '[DONE]']],
  [[delta('bill'), '{"choices": [', '[DONE]']],
  [[delta('bill'), 'null', '[DONE]']],
  [[delta('bill'), { error: { message: 'overloaded' } }, '[DONE]']],
])('a stream of %j is no answer', (events) => {
  expect(stream(...events)).toHaveProperty('fault');
});
