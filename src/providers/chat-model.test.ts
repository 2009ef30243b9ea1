import { afterEach, describe, expect, test } from 'vitest';
import type { Json } from '#core/json.ts';
import type { Model, ModelPiece, ModelRequest } from '#core/model.ts';
import { ModelError } from '#core/model-error.ts';
import { type Fault, type FaultServer, type FaultServerOptions, faultsInOrder, startFaultServer } from '#testing.ts';
import { openaiCompatible } from './openai-compatible.ts';

const never = new AbortController().signal;
const request: ModelRequest = {
  messages: [
    { role: 'system', content: 'Say which team.' },
    { role: 'user', content: 'My parcel is lost – où est-il? 📦' },
  ],
};

let server: FaultServer | undefined;
let model: Model | undefined;

afterEach(async () => {
  await model?.close?.();
  await server?.close();
  model = undefined;
  server = undefined;
});

async function open(options: FaultServerOptions, settings: Record<string, Json> = {}, environment: Record<string, string> = {}) {
  server = await startFaultServer(options);
  model = await openaiCompatible.open({
    model: 'test',
    settings: { baseUrl: server.baseUrl, timeoutMs: 400, ...settings },
    taskFolder: '.',
    environment,
  });
  return model;
}

function failure(call: Promise<unknown>): Promise<ModelError> {
  return call.then(
    () => expect.fail('The call was answered.'),
    (error: unknown) => {
      if (!ModelError.is(error)) throw error;
      return error;
    },
  );
}

describe.each([false, true])('stream: %s', (stream) => {
  test('gives text, finish reason and usage', async () => {
    const opened = await open({ answer: () => 'shipping, très  vite 📦' }, { stream });
    const { firstTokenMs, ...response } = await opened.generate(request, { signal: never });
    expect(response).toEqual({
      text: 'shipping, très  vite 📦',
      finishReason: 'stop',
      usage: { inputTokens: 11, cachedInputTokens: 0, outputTokens: 4 },
    });
    if (stream) expect(firstTokenMs).toBeGreaterThan(0);
    else expect(firstTokenMs).toBeUndefined();
    expect(server?.totals()).toEqual({ received: 1, delivered: 1 });
  });

  const faults: [Fault, string, object?][] = [
    [{ kind: 'rate-limited' }, 'rate-limited', { retryAfterMs: undefined }],
    [{ kind: 'rate-limited', retryAfterSeconds: 7 }, 'rate-limited', { retryAfterMs: 7000, status: 429 }],
    [{ kind: 'server-error' }, 'overloaded', { status: 500 }],
    [{ kind: 'server-error', status: 503 }, 'overloaded', { status: 503 }],
    [{ kind: 'unauthorised' }, 'unauthorised', { retryable: false }],
    [{ kind: 'no-answer' }, 'timeout'],
    [{ kind: 'connection-reset' }, 'network'],
    [{ kind: 'truncated' }, 'bad-response'],
    [{ kind: 'invalid-json' }, 'bad-response'],
    [{ kind: 'empty-choices' }, 'bad-response'],
    [{ kind: 'missing-content' }, 'bad-response'],
    [{ kind: 'stream-error' }, stream ? 'bad-response' : 'overloaded'],
    [{ kind: 'wrong-content-type' }, 'bad-response'],
    [{ kind: 'slow-drip', millisecondsPerByte: 20 }, 'timeout'],
  ];
  test.each(faults)('%j is %s, and the next request is answered', async (fault, kind, more = {}) => {
    const opened = await open({ faults: faultsInOrder([fault]), answer: () => 'shipping' }, { stream });
    expect(await failure(opened.generate(request, { signal: never }))).toMatchObject({ kind, ...more });
    expect((await opened.generate(request, { signal: never })).text).toBe('shipping');
    expect(server?.totals()).toEqual({ received: 2, delivered: 1 });
  });

  test('an abort ends the call at once, with its own reason, and frees the connection', async () => {
    const opened = await open({ faults: faultsInOrder([{ kind: 'no-answer' }]) }, { stream, concurrency: 1, timeoutMs: 30_000 });
    const controller = new AbortController();
    const reason = new Error('stopped by the user');
    const call = opened.generate(request, { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 30);
    await expect(call).rejects.toBe(reason);
    expect((await opened.generate(request, { signal: never })).text).toContain('parcel');
  });
});

test.each([
  ['a stream where pieces are wanted', {}, {}, true],
  ['none where the task says so', { stream: false }, {}, false],
  ['none where the answer is the call of a function', { jsonSchema: 'tool' }, { jsonSchema: { type: 'object' } }, false],
])('asks for %s', async (_what, settings, more, isStream) => {
  const opened = await open({ answer: () => '{"team": "shipping, très vite 📦"}' }, settings);
  const pieces: ModelPiece[] = [];
  const { text } = await opened.generate({ ...request, ...more }, { signal: never, onPiece: (piece) => pieces.push(piece) });
  expect(JSON.parse([...server!.tallies.keys()][0]!)['stream']).toBe(isStream ? true : undefined);
  expect(pieces.map((piece) => piece.text).join('')).toBe(isStream ? text : '');
  expect(pieces.length > 1).toBe(isStream);
});

test('keeps to its number of connections', async () => {
  const opened = await open({ thinkMs: 5 }, { concurrency: 3 });
  const calls = Array.from({ length: 12 }, (_, index) =>
    opened.generate({ messages: [{ role: 'user', content: String(index) }] }, { signal: never }),
  );
  expect((await Promise.all(calls)).map((response) => response.text)).toEqual(calls.map((_, index) => String(index)));
  expect(server?.peakConcurrency).toBe(3);
  expect(opened.concurrency).toEqual({ initial: 3, maximum: 3 });
});

test('says all that a request asks for', async () => {
  let body: unknown;
  const opened = await open(
    {
      answer: (received) => {
        body = received;
        return '{}';
      },
    },
    { maxTokensField: 'max_completion_tokens' },
  );
  await opened.generate(
    { ...request, maxOutputTokens: 9, topP: 0.5, seed: 3, stop: ['\n'], logProbabilities: true, jsonSchema: { type: 'object' }, sample: 4 },
    { signal: never },
  );
  expect(body).toEqual({
    model: 'test',
    messages: request.messages,
    max_completion_tokens: 9,
    temperature: 0,
    top_p: 0.5,
    seed: 3,
    stop: ['\n'],
    logprobs: true,
    response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema: { type: 'object' } } },
  });
});

test('sends the key, and never shows it', async () => {
  const key = 'sk-secret-0123456789';
  const withKey = await open({ key, answer: () => 'shipping' }, { apiKeyEnv: 'TEST_API_KEY' }, { TEST_API_KEY: ` ${key}\n` });
  expect((await withKey.generate(request, { signal: never })).text).toBe('shipping');
  await withKey.close?.();
  await server?.close();

  const wrong = await open({ key: 'another' }, { apiKeyEnv: 'TEST_API_KEY' }, { TEST_API_KEY: key });
  const error = await failure(wrong.generate(request, { signal: never }));
  expect(error).toMatchObject({ kind: 'unauthorised', status: 401 });
  expect(error.hint).toContain('TEST_API_KEY');
  expect(`${error.message}${error.hint}${error.stack}${JSON.stringify(wrong)}`).not.toContain('secret');
});

describe('settings', () => {
  const options = { model: 'test', taskFolder: '.', environment: {} };
  test.each([
    [{}, 'base-url'],
    [{ baseUrl: 'ftp://127.0.0.1/v1' }, 'base-url'],
    [{ baseUrl: 'http://user:secret@127.0.0.1/v1' }, 'base-url'],
    [{ baseUrl: 'http://127.0.0.1:1/v1', timeoutMs: -1 }, 'provider-settings'],
    [{ baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'sk-secret' }, 'provider-settings'],
    [{ baseUrl: 'https://models.example/v1' }, 'key-missing'],
    [{ baseUrl: 'http://127.0.0.1:1/v1', apiKeyEnv: 'ABSENT' }, 'key-missing'],
  ])('%j is a usage error %s', async (settings, code) => {
    const error = await openaiCompatible.open({ ...options, settings }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, exitCode: 2 });
    expect(`${(error as Error).message}${(error as { hint?: string }).hint}`).not.toContain('secret');
  });

  test('a server elsewhere needs no key where the task says so', async () => {
    const opened = await openaiCompatible.open({ ...options, settings: { baseUrl: 'https://models.example/v1', apiKeyEnv: null } });
    expect(opened.name).toBe('openai-compatible/test');
    await opened.close?.();
  });

  test('the fingerprint follows what decides the answers, and not the key', async () => {
    const fingerprint = async (settings: Record<string, Json>, environment: Record<string, string> = {}, name = 'test') => {
      const opened = await openaiCompatible.open({
        ...options,
        model: name,
        settings: { baseUrl: 'http://127.0.0.1:1/v1', ...settings },
        environment,
      });
      await opened.close?.();
      return opened.fingerprint;
    };
    const plain = await fingerprint({});
    expect(await fingerprint({ timeoutMs: 5, stream: true }, { OPENAI_COMPATIBLE_API_KEY: 'sk-x' })).toBe(plain);
    expect(await fingerprint({ baseUrl: 'http://127.0.0.1:2/v1' })).not.toBe(plain);
    expect(await fingerprint({}, {}, 'other')).not.toBe(plain);
  });
});
