import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { Json } from '#core/json.ts';
import type { Model } from '#core/model.ts';
import { type FaultServer, type FaultServerOptions, faultsInOrder, startFaultServer } from '#testing.ts';
import { readEmbeddings } from './embedding-reply.ts';
import { openai } from './openai.ts';
import { openaiCompatible } from './openai-compatible.ts';

const never = new AbortController().signal;
const embed = (text: string) => [text.length, text.charCodeAt(0), -0.125];
const vector = (text: string) => Float32Array.from(embed(text));

let server: FaultServer | undefined;
let model: Model | undefined;
afterEach(async () => {
  await model?.close?.();
  await server?.close();
});

async function open(
  provider: typeof openai,
  options: FaultServerOptions = {},
  settings: Record<string, Json> = {},
  name = 'text-embedding-x',
) {
  server = await startFaultServer({ embed, ...options });
  const from = { model: name, settings: { baseUrl: server.baseUrl, ...settings }, taskFolder: '.', environment: {} };
  model = await provider.open(from);
  return model;
}

describe.each([
  ['base64', openai],
  ['float', openaiCompatible],
])('vectors as %s', (encoding, provider) => {
  test('come in the order of the texts, and are billed by their tokens', async () => {
    const opened = await open(provider);
    const { vectors, usage } = await opened.embed!(['one two', 'three', ''], { signal: never });
    expect(vectors).toEqual([vector('one two'), vector('three'), vector(' ')]);
    expect(usage).toEqual({ inputTokens: 3, cachedInputTokens: 0, outputTokens: 0 });
    expect([...server!.tallies.keys()].map((body) => JSON.parse(body))).toEqual([
      { model: 'text-embedding-x', input: ['one two', 'three', ' '], encoding_format: encoding },
    ]);
  });

  test.each([
    ['rate-limited', { kind: 'rate-limited' as const }],
    ['overloaded', { kind: 'server-error' as const }],
    ['bad-response', { kind: 'truncated' as const }],
    ['bad-response', { kind: 'invalid-json' as const }],
    ['bad-response', { kind: 'empty-choices' as const }],
    ['bad-response', { kind: 'missing-content' as const }],
    ['bad-response', { kind: 'wrong-content-type' as const }],
  ])('fail as %s on %j', async (kind, fault) => {
    const opened = await open(provider, { faults: faultsInOrder([fault]) });
    await expect(opened.embed!(['a'], { signal: never })).rejects.toMatchObject({ kind, retryable: true });
    expect((await opened.embed!(['a'], { signal: never })).vectors).toEqual([vector('a')]);
  });
});

test('are made by what the model is called, unless a setting says otherwise', async () => {
  const has = async (name: string, settings: Record<string, Json>) => {
    const opened = await open(openaiCompatible, {}, settings, name);
    await opened.close?.();
    await server?.close();
    return opened.embed !== undefined;
  };
  expect(await has('llama3.2', {})).toBe(false);
  expect(await has('nomic-embed-text', {})).toBe(true);
  expect(await has('bge-m3', { embeddings: true })).toBe(true);
  expect(await has('nomic-embed-text', { embeddings: false })).toBe(false);
});

test('a server without them says so', async () => {
  const opened = await open(openaiCompatible, { embed: undefined });
  await expect(opened.embed!(['a'], { signal: never })).rejects.toMatchObject({ kind: 'rejected', status: 404 });
});

describe('a reply', () => {
  const reply = (data: unknown, more: object = {}) => JSON.stringify({ object: 'list', data, model: 'm', ...more });
  const entry = (index: number, embedding: unknown) => ({ object: 'embedding', index, embedding });

  test('is put in order by index, and its tokens are estimated where it counts none', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), (order) => {
        const read = readEmbeddings(reply(order.map((index) => entry(index, [index, 1]))), ['abcd', 'abcd', 'abcd', 'abcde']);
        expect(read).toEqual({
          vectors: [0, 1, 2, 3].map((index) => Float32Array.of(index, 1)),
          usage: { inputTokens: 5, cachedInputTokens: 0, outputTokens: 0 },
        });
      }),
    );
  });

  test.each([
    ['', /empty/],
    ['{', /not JSON/],
    ['[]', /no list/],
    [reply('none'), /no list/],
    [reply([]), /0 embeddings for 2 texts/],
    [reply([entry(0, [1]), entry(1, [1]), entry(2, [1])]), /3 embeddings for 2/],
    [reply([entry(0, [1]), entry(0, [1])]), /misnumbered/],
    [reply([entry(0, [1]), entry(7, [1])]), /misnumbered/],
    [reply([entry(0, [1]), entry(1, [1, 2])]), /differ in length/],
    [reply([entry(0, [1]), entry(1, [])]), /finite numbers/],
    [reply([entry(0, [1]), entry(1, [null])]), /finite numbers/],
    [reply([entry(0, [1]), entry(1, ['1'])]), /finite numbers/],
    [reply([entry(0, [1]), entry(1, [1e300])]), /finite numbers/],
    [reply([entry(0, [1]), entry(1, Buffer.from(Float32Array.of(Number.NaN).buffer).toString('base64'))]), /finite numbers/],
    [reply([entry(0, [1]), entry(1, 'AAA=')]), /finite numbers/],
    [reply([entry(0, [1]), null]), /finite numbers/],
  ])('%s is none', (body, fault) => {
    expect(readEmbeddings(body, ['a', 'b'])).toEqual({ fault: expect.stringMatching(fault) });
  });
});
