import { createOpenAI } from '@ai-sdk/openai';
import { APICallError, LoadAPIKeyError, NoContentGeneratedError, NoSuchModelError } from '@ai-sdk/provider';
import { afterEach, describe, expect, test } from 'vitest';
import type { ModelRequest } from '#core/model.ts';
import { type Fault, type FaultServer, faultsInOrder, startFaultServer } from '#testing.ts';
import { aiSdk } from './ai-sdk.ts';
import { type AiSdkLanguageModel, fromAiSdk, isAiSdkModel } from './ai-sdk-model.ts';

const signal = new AbortController().signal;
const request: ModelRequest = {
  messages: [
    { role: 'system', content: 'Say which team.' },
    { role: 'user', content: 'My parcel is lost.' },
    { role: 'assistant', content: 'shipping' },
    { role: 'user', content: 'And the bill?' },
  ],
};

let server: FaultServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe("the AI SDK's own OpenAI package against a local server", () => {
  async function open(...faults: (Fault | undefined)[]) {
    server = await startFaultServer({ faults: faultsInOrder(faults), answer: () => 'billing' });
    const openai = createOpenAI({ baseURL: server.baseUrl, apiKey: 'sk-secret-0123456789' });
    return fromAiSdk(openai.chat('gpt-test'), { timeoutMs: 300 });
  }

  test('answers', async () => {
    const model = await open();
    expect(await model.generate(request, { signal })).toEqual({
      text: 'billing',
      finishReason: 'stop',
      usage: { inputTokens: 11, cachedInputTokens: 0, outputTokens: 1 },
    });
    expect(model).toMatchObject({ name: 'openai.chat/gpt-test', remote: true });
  });

  const faults: [Fault, string, object?][] = [
    [{ kind: 'rate-limited', retryAfterSeconds: 3 }, 'rate-limited', { retryAfterMs: 3000, status: 429 }],
    [{ kind: 'server-error', status: 503 }, 'overloaded'],
    [{ kind: 'unauthorised' }, 'unauthorised'],
    [{ kind: 'no-answer' }, 'timeout'],
    [{ kind: 'invalid-json' }, 'bad-response'],
    [{ kind: 'empty-choices' }, 'bad-response'],
    [{ kind: 'missing-content' }, 'bad-response'],
    [{ kind: 'wrong-content-type' }, 'bad-response'],
  ];
  test.each(faults)('%j is %s', async (fault, kind, more = {}) => {
    const model = await open(fault);
    await expect(model.generate(request, { signal })).rejects.toMatchObject({ kind, ...more });
    expect((await model.generate(request, { signal })).text).toBe('billing');
  });

  test.each(['connection-reset', 'truncated'] as const)('%s can be tried again', async (kind) => {
    const model = await open({ kind });
    await expect(model.generate(request, { signal })).rejects.toMatchObject({ retryable: true });
  });
});

describe("the AI SDK's own OpenAI package, streaming", () => {
  async function open(...faults: (Fault | undefined)[]) {
    server = await startFaultServer({ faults: faultsInOrder(faults), answer: () => 'billing, of course' });
    const openai = createOpenAI({ baseURL: server.baseUrl, apiKey: 'sk-secret-0123456789' });
    return fromAiSdk(openai.chat('gpt-test'), { timeoutMs: 300, stream: true });
  }

  test('answers as without a stream, and knows when the first token came', async () => {
    const model = await open();
    expect(await model.generate(request, { signal })).toEqual({
      text: 'billing, of course',
      finishReason: 'stop',
      usage: { inputTokens: 11, cachedInputTokens: 0, outputTokens: 3 },
      firstTokenMs: expect.any(Number),
    });
    expect(JSON.parse([...server!.tallies.keys()][0]!)).toMatchObject({ stream: true });
  });

  test('brings its pieces as they come, unasked where they are wanted', async () => {
    server = await startFaultServer({ answer: () => 'billing, of course' });
    const openai = createOpenAI({ baseURL: server.baseUrl, apiKey: 'sk-secret-0123456789' });
    const pieces: string[] = [];
    const model = fromAiSdk(openai.chat('gpt-test'), { timeoutMs: 300 });
    const { text } = await model.generate(request, { signal, onPiece: (piece) => pieces.push(piece.text) });
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join('')).toBe(text);
    await model.generate(request, { signal });
    const asked = [...server.tallies.keys()].map((body) => JSON.parse(body) as { stream?: boolean });
    expect(asked.map(({ stream }) => stream ?? false)).toEqual([true, false]);
  });

  test.each([
    ['rate-limited', { kind: 'rate-limited' as const }],
    ['timeout', { kind: 'no-answer' as const }],
    ['bad-response', { kind: 'missing-content' as const }],
    ['bad-response', { kind: 'stream-error' as const }],
    ['bad-response', { kind: 'truncated' as const }],
  ])('fails as %s on %j', async (kind, fault) => {
    const model = await open(fault);
    await expect(model.generate(request, { signal })).rejects.toMatchObject({ kind });
    expect((await model.generate(request, { signal })).text).toBe('billing, of course');
  });
});

function modelThat(doGenerate: AiSdkLanguageModel['doGenerate'], specificationVersion = 'v4'): AiSdkLanguageModel {
  return { specificationVersion, provider: 'test', modelId: 'one', doGenerate };
}

describe('results of each version of the specification', () => {
  const content = [
    { type: 'reasoning', text: 'hm' },
    { type: 'text', text: 'bill' },
    { type: 'text', text: 'ing' },
  ];
  test.each([
    ['v2', { content, finishReason: 'length', usage: { inputTokens: 7, outputTokens: 2, totalTokens: 9, cachedInputTokens: 3 } }],
    [
      'v3',
      {
        content,
        finishReason: { unified: 'length', raw: 'x' },
        usage: { inputTokens: { total: 7, cacheRead: 3 }, outputTokens: { total: 2 } },
      },
    ],
    [
      'v4',
      {
        content,
        finishReason: { unified: 'length', raw: 'x' },
        usage: { inputTokens: { total: 7, cacheRead: 3 }, outputTokens: { total: 2 } },
      },
    ],
  ])('%s', async (version, result) => {
    const value = modelThat(async () => result, version);
    expect(isAiSdkModel(value)).toBe(true);
    expect(await fromAiSdk(value).generate(request, { signal })).toEqual({
      text: 'billing',
      finishReason: 'length',
      usage: { inputTokens: 7, cachedInputTokens: 3, outputTokens: 2 },
    });
  });

  test('passes the request on', async () => {
    let received: unknown;
    const value = modelThat(async ({ abortSignal: _, ...options }) => {
      received = options;
      return { content: [{ type: 'text', text: '{}' }], finishReason: { unified: 'stop' }, usage: {} };
    });
    const asked = {
      ...request,
      messages: request.messages.slice(0, 2),
      maxOutputTokens: 9,
      seed: 4,
      stop: ['\n'],
      jsonSchema: { type: 'object' },
    };
    await fromAiSdk(value).generate(asked, { signal });
    expect(received).toEqual({
      prompt: [
        { role: 'system', content: 'Say which team.' },
        { role: 'user', content: [{ type: 'text', text: 'My parcel is lost.' }] },
      ],
      maxOutputTokens: 9,
      temperature: 0,
      seed: 4,
      stopSequences: ['\n'],
      responseFormat: { type: 'json', name: 'answer', schema: { type: 'object' } },
    });
  });
});

describe('what a model throws', () => {
  const call = { url: 'http://x', requestBodyValues: { secret: 'whole request' } };
  test.each([
    [
      new APICallError({ ...call, message: 'slow down', statusCode: 429, responseHeaders: { 'retry-after-ms': '250' } }),
      'rate-limited',
      250,
    ],
    [
      new APICallError({ ...call, message: 'too long', statusCode: 400, responseBody: '{"error":{"code":"context_length_exceeded"}}' }),
      'context-exceeded',
    ],
    [new APICallError({ ...call, message: 'Invalid JSON response', statusCode: 200 }), 'bad-response'],
    [new APICallError({ ...call, message: 'Cannot connect to API', isRetryable: true }), 'network'],
    [new LoadAPIKeyError({ message: 'key is missing' }), 'unauthorised'],
    [new NoContentGeneratedError(), 'bad-response'],
    [new NoSuchModelError({ modelId: 'x', modelType: 'languageModel' }), 'rejected'],
    [new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') }), 'network'],
    [new Error('something else'), 'rejected'],
  ])('%s is %s', async (error, kind, retryAfterMs?: number) => {
    const model = fromAiSdk(modelThat(() => Promise.reject(error)));
    const thrown = await model.generate(request, { signal }).catch((caught: unknown) => caught);
    expect(thrown).toMatchObject({ kind, retryAfterMs });
    // Its own errors hold the whole request.
    expect(thrown).not.toHaveProperty('cause');
  });

  test('a model that pays no heed to its signal still ends in time', async () => {
    const model = fromAiSdk(
      modelThat(() => new Promise(() => {})),
      { timeoutMs: 30 },
    );
    await expect(model.generate(request, { signal })).rejects.toMatchObject({ kind: 'timeout' });
    await expect(model.generate(request, { signal: AbortSignal.timeout(5) })).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

test('takes in model values of a task file, and nothing else', () => {
  const value = modelThat(async () => ({}));
  expect(aiSdk.adopt?.(value, { price: { perRequest: 1 } })).toMatchObject({
    name: 'test/one',
    price: { perRequest: 1 },
    priceIsAssumed: true,
  });
  for (const other of [undefined, null, 'openai/gpt', {}, { ...value, specificationVersion: 'v1' }, { ...value, doGenerate: 1 }]) {
    expect(aiSdk.adopt?.(other, {})).toBeUndefined();
  }
});
