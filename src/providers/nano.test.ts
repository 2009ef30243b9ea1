import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RungError } from '#core/errors.ts';
import type { GenerateRequest, Nano } from '#nano/index.ts';
import type { NanoSource } from '#nano/nano-source.ts';
import { createNanoProvider } from './nano.ts';

const signal = new AbortController().signal;
let folder: string;
let opened: (string | undefined)[] = [];
let received: GenerateRequest[] = [];

/** As much of the embedded model as the provider asks for; its own room tests the real one, and so does the contract suite. */
const nano = {
  fingerprint: 'base',
  contextLength: 64,
  async generate(request: GenerateRequest) {
    received.push(request);
    if (request.messages.length > 1) throw new RungError({ code: 'context-exceeded', message: 'Too long.', hint: 'Shorten it.' });
    return { text: 'ok', finishReason: 'stop', inputTokens: 5, cachedInputTokens: 4, outputTokens: 2, firstTokenMs: 3 };
  },
  countTokens: () => 5,
  async score({ completion, adapter }: { completion: string; adapter?: string }) {
    if (completion === 'long') throw new RungError({ code: 'context-exceeded', message: 'Too long.', hint: 'Shorten it.' });
    return { tokens: ['a', 'b'], logProbabilities: adapter === undefined ? [-1, -0.5] : [-0.25, -0.25] };
  },
} as unknown as Nano;

const source: NanoSource = {
  async open(path) {
    opened.push(path);
    return nano;
  },
  async close() {},
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-nano-'));
  for (const [name, weights] of [
    ['adapter', 'a'],
    ['same', 'a'],
    ['other', 'b'],
  ] as const) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'adapter_config.json'), '{}');
    await writeFile(join(folder, name, 'adapter_model.safetensors'), weights);
  }
});

afterAll(() => rm(folder, { recursive: true }));

function open(options: { model?: string; settings?: { folder: string }; adapter?: string } = {}) {
  opened = [];
  received = [];
  return createNanoProvider(source).open({
    model: options.model ?? '',
    settings: options.settings ?? {},
    adapterFolder: options.adapter === undefined ? undefined : join(folder, options.adapter),
    taskFolder: folder,
    environment: {},
  });
}

test('asks the shared model, and bills no cache', async () => {
  const model = await open();
  expect(opened).toEqual([undefined]);
  expect(model).toMatchObject({
    name: 'nano',
    fingerprint: 'base',
    contextLength: 64,
    remote: false,
    price: {},
    can: { trainers: ['nano'] },
  });
  const answer = await model.generate({ messages: [{ role: 'user', content: 'hi' }], stop: ['\n'] }, { signal });
  expect(answer).toMatchObject({ text: 'ok', firstTokenMs: 3, usage: { inputTokens: 5, cachedInputTokens: 0, outputTokens: 2 } });
  expect(received[0]).toMatchObject({ maxOutputTokens: 64, stop: ['\n'], seed: 0 });
});

test('repeats of a request have seeds of their own', async () => {
  const model = await open();
  for (const sample of [undefined, 1, 2]) await model.generate({ messages: [], temperature: 1, seed: 7, sample }, { signal });
  expect(received.map((request) => request.seed)).toEqual([7, 8, 9]);
});

test('the fingerprint follows the content of the adapter, which goes along with each request', async () => {
  const prints = await Promise.all([undefined, 'adapter', 'same', 'other'].map(async (adapter) => (await open({ adapter })).fingerprint));
  expect(prints[1]).toBe(prints[2]);
  expect(new Set(prints).size).toBe(3);
  const model = await open({ adapter: 'adapter' });
  await model.generate({ messages: [] }, { signal });
  expect(received[0]?.adapter).toBe(join(folder, 'adapter'));
  await expect(open({ adapter: 'nowhere' })).rejects.toMatchObject({ code: 'adapter-missing' });
});

test('opens a folder of the task, and no other', async () => {
  const model = await open({ model: 'mine', settings: { folder: 'adapter' } });
  expect(model.name).toBe('nano/mine');
  expect(opened).toEqual([join(folder, 'adapter')]);
  await expect(open({ settings: { folder: '..' } })).rejects.toMatchObject({ exitCode: 2 });
  await expect(open({ settings: { folder: 'nowhere' } })).rejects.toMatchObject({ exitCode: 2 });
});

test('a conversation that is too long is an error of its kind', async () => {
  const model = await open();
  const messages = [
    { role: 'system' as const, content: 'x' },
    { role: 'user' as const, content: 'y' },
  ];
  await expect(model.generate({ messages }, { signal })).rejects.toMatchObject({
    kind: 'context-exceeded',
    hint: 'Shorten it.',
    retryable: false,
  });
});

test('tells how likely given answers are, of the adapter too, and bills what is read', async () => {
  const model = await open();
  const messages = [{ role: 'user' as const, content: 'q' }];
  expect(await model.score!({ messages, answers: ['x', 'y'] }, { signal })).toEqual({
    scores: [
      { logProbability: -1.5, tokens: 2 },
      { logProbability: -1.5, tokens: 2 },
    ],
    usage: { inputTokens: 14, cachedInputTokens: 0, outputTokens: 0 },
  });
  await expect(model.score!({ messages, answers: ['long'] }, { signal })).rejects.toMatchObject({ kind: 'context-exceeded' });
});
