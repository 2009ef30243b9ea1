import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Json } from '#core/json.ts';
import type { Message } from '#core/message.ts';
import { replay } from './replay.ts';

const signal = new AbortController().signal;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-replay-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function open(file: string, content: string, settings: Record<string, Json> = {}) {
  await writeFile(join(folder, file), content);
  return replay.open({ model: 'cheap', settings: { file, ...settings }, price: { perRequest: 0.01 }, taskFolder: folder, environment: {} });
}

const ask = (content: string, before: Message[] = []) => ({ messages: [...before, { role: 'user' as const, content }] });

test('replays a CSV with a byte order mark, CRLF, quoted fields over lines, and scores in words', async () => {
  const csv =
    '\uFEFFprompt,reply,correct\r\n"How many,\r\nsay ""why""?",4,True\r\nsecond,"five\nlines",false\r\nthird,,0.25\r\nfourth,x,\r\n';
  const model = await open('recorded.csv', csv, { match: 'prompt', answer: 'reply', score: 'correct' });
  const first = await model.generate(ask('How many,\nsay "why"?', [{ role: 'system', content: 'Count.' }]), { signal });
  expect(first).toEqual({
    text: '4',
    finishReason: 'stop',
    usage: null,
    latencyMs: null,
    recordedScores: { recorded: 1 },
  });
  expect(await model.generate(ask('second'), { signal })).toMatchObject({ text: 'five\nlines', recordedScores: { recorded: 0 } });
  expect(await model.generate(ask('third'), { signal })).toMatchObject({ text: '', recordedScores: { recorded: 0.25 } });
  expect((await model.generate(ask('fourth'), { signal })).recordedScores).toBeUndefined();
  expect(model).toMatchObject({ name: 'replay/cheap', remote: false, price: { perRequest: 0.01 } });
});

test('replays JSONL with tokens, latency and inputs that are objects', async () => {
  const lines = [
    { input: 'a', answer: { label: 'x' }, score: true, in: 12, out: 3, ms: 41.5 },
    { input: { question: 'b' }, answer: 'y', score: 0, in: 1, out: 1, ms: 2 },
    { input: 'c', answer: null },
  ];
  const model = await open('recorded.jsonl', `\n${lines.map((line) => JSON.stringify(line)).join('\r\n')}\n`, {
    score: 'score',
    inputTokens: 'in',
    outputTokens: 'out',
    latencyMs: 'ms',
  });
  expect(await model.generate(ask('a'), { signal })).toEqual({
    text: '{"label":"x"}',
    finishReason: 'stop',
    usage: { inputTokens: 12, cachedInputTokens: 0, outputTokens: 3 },
    latencyMs: 41.5,
    recordedScores: { recorded: 1 },
  });
  expect((await model.generate(ask('{"question":"b"}'), { signal })).text).toBe('y');
  await expect(model.generate(ask('c'), { signal })).rejects.toMatchObject({ kind: 'not-recorded', retryable: false });
});

test('the first of several rows with the same input counts', async () => {
  const model = await open('recorded.csv', 'input,answer\na,first\na,second\n');
  expect((await model.generate(ask('a'), { signal })).text).toBe('first');
});

test('says what was not recorded, and how to find out', async () => {
  const model = await open('recorded.csv', 'input,answer\na,b\n');
  await expect(model.generate(ask('A'), { signal })).rejects.toMatchObject({
    kind: 'not-recorded',
    hint: expect.stringContaining('input'),
    place: { file: 'recorded.csv' },
  });
});

test('the fingerprint follows content and columns', async () => {
  const content = 'input,answer,other\na,b,c\n';
  const plain = (await open('recorded.csv', content)).fingerprint;
  expect((await open('copy.csv', content)).fingerprint).toBe(plain);
  expect((await open('recorded.csv', content, { answer: 'other' })).fingerprint).not.toBe(plain);
  expect((await open('recorded.csv', content.replace('b', 'B'))).fingerprint).not.toBe(plain);
});

test.each([
  ['a score that is no number', 'input,answer,score\na,b,1\nc,d,maybe\n', { score: 'score' }, 'recording-unreadable', 3],
  ['a column that is not there', 'input,answer\na,b\n', { score: 'mark' }, 'recording-column', undefined],
  ['a match column that is not there', 'input,answer\na,b\n', { match: 'prompt' }, 'recording-column', undefined],
  ['a row with too many cells', 'input,answer\na,b\nc,d,e\n', {}, 'row-unreadable', 3],
  ['no rows', 'input,answer\n', {}, 'recording-empty', undefined],
  ['an empty file', '', {}, 'recording-empty', undefined],
  ['negative tokens', 'input,answer,n\na,b,-1\n', { inputTokens: 'n' }, 'recording-unreadable', 2],
])('%s is a usage error with its place', async (_what, content, settings, code, line) => {
  const error = await open('recorded.csv', content, settings).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code, exitCode: 2, place: { file: expect.stringContaining('recorded.csv') } });
  expect((error as { place: { line?: number } }).place.line).toBe(line);
});

test.each(['../outside.csv', '/etc/hostname', 'link.csv', 'missing.csv'])('%s is refused', async (file) => {
  await writeFile(join(folder, 'recorded.csv'), 'input,answer\na,b\n');
  await symlink('/etc/hostname', join(folder, 'link.csv'));
  const opened = replay.open({ model: 'cheap', settings: { file }, taskFolder: folder, environment: {} });
  await expect(opened).rejects.toMatchObject({ exitCode: 2 });
});
