import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Nano, openNano, type TrainEvent, type TrainJob } from './index.ts';
import { makeTinyModel } from './tiny-model.fixture.ts';

let folder: string;
let scratch: string;
let nano: Nano;
let jobs = 0;

beforeAll(async () => {
  folder = (await makeTinyModel()).folder;
  scratch = await mkdtemp(join(tmpdir(), 'tiny-methods-'));
  nano = await openNano({ folder, workers: 2 });
});
afterAll(async () => {
  await nano.close();
  await Promise.all([folder, scratch].map((path) => rm(path, { recursive: true, force: true })));
});

const prompt = (index: number) => [{ role: 'user' as const, content: `number ${index}` }];
const preferences: TrainJob = {
  method: 'preference',
  train: Array.from({ length: 12 }, (_, index) => ({ messages: prompt(index), chosen: 'yes', rejected: 'never' })),
  validation: Array.from({ length: 4 }, (_, index) => ({ messages: prompt(50 + index), chosen: 'yes', rejected: 'never' })),
  seed: 1,
  folder: '',
  epochs: 4,
  batchSize: 4,
  rank: 4,
  learningRate: 0.005,
};
const conversations: TrainJob = {
  method: 'supervised',
  train: Array.from({ length: 12 }, (_, index) => ({ messages: [...prompt(index), { role: 'assistant' as const, content: 'yes' }] })),
  validation: [],
  seed: 1,
  folder: '',
  epochs: 4,
  batchSize: 4,
  rank: 4,
};

async function train(job: TrainJob, stopAfter?: number) {
  const events: TrainEvent[] = [];
  const given = { ...job, folder: job.folder || join(scratch, `job-${++jobs}`) };
  const stop = new AbortController();
  const onEvent = (event: TrainEvent) => {
    events.push(event);
    if (event.type === 'step' && event.step === stopAfter) stop.abort(new Error('stopped'));
  };
  const result = await nano.train(given, { signal: stop.signal, onEvent }).catch((error: unknown) => {
    if (stopAfter === undefined) throw error;
    return undefined;
  });
  return { result, events, folder: given.folder };
}

const weights = (adapter: string) => readFile(join(adapter, 'adapter_model.safetensors'));
const margin = async (adapter?: string) => {
  const logProbability = async (completion: string) =>
    (await nano.trainedLogProbability({ messages: prompt(50), completion, adapter })).logProbability;
  return (await logProbability('yes')) - (await logProbability('never'));
};

test('a preference starts at ln 2 and pulls the chosen answer away from the rejected one', async () => {
  const { result, events } = await train(preferences);
  const steps = events.filter((event) => event.type === 'step');
  expect(steps[0]!.trainLoss).toBeCloseTo(Math.LN2, 5);
  expect(steps.at(-1)!.trainLoss).toBeLessThan(0.5);
  expect(events.findLast((event) => event.type === 'evaluation')).toMatchObject({ best: true });
  const before = await margin();
  const after = await margin(result!.adapterFolder);
  expect(after).toBeGreaterThan(before + 3);
  // the last validation loss said again with the log-probabilities of the finished adapter
  const losses = preferences.validation.map(async (row) => {
    if (!('chosen' in row)) throw new TypeError('not a preference');
    const of = async (completion: string, adapter?: string) =>
      (await nano.trainedLogProbability({ messages: row.messages, completion, adapter })).logProbability;
    const [chosen, rejected] = await Promise.all([row.chosen, row.rejected].map((text) => of(text, result!.adapterFolder)));
    const [chosenBefore, rejectedBefore] = await Promise.all([row.chosen, row.rejected].map((text) => of(text)));
    return Math.log(1 + Math.exp(-0.1 * (chosen! - chosenBefore! - rejected! + rejectedBefore!)));
  });
  const mean = (await Promise.all(losses)).reduce((sum, loss) => sum + loss, 0) / losses.length;
  expect(result!.validationLoss).toBeCloseTo(mean, 4);
});

test('a preference tune that was interrupted ends where the whole one does, held to the same beginning', async () => {
  const whole = await train(preferences);
  const first = await train(preferences, 5);
  const resumed = await train({ ...preferences, folder: first.folder });
  expect(resumed.events[0]).toMatchObject({ step: 6 });
  expect((await weights(resumed.result!.adapterFolder)).equals(await weights(whole.result!.adapterFolder))).toBe(true);
});

test('raw text is learnt', async () => {
  const text = 'abc abc abc abc abc abc abc abc abc abc. '.repeat(20);
  const { result, events } = await train({
    method: 'pretraining',
    train: [{ text }],
    validation: [{ text: text.slice(0, 60) }],
    seed: 1,
    folder: '',
    epochs: 8,
    batchSize: 2,
    rank: 4,
    learningRate: 0.02,
  });
  const steps = events.filter((event) => event.type === 'step');
  expect(steps.at(-1)!.trainLoss).toBeLessThan(steps[0]!.trainLoss / 2);
  // 821 bytes are 821 tokens, in three pieces that overlap by one
  expect(result!.tokens).toBe(8 * (820 + 3));
});

test('training goes on from an adapter, with its shape', async () => {
  const first = await train({ ...conversations, alpha: 12 });
  const from = first.result!.adapterFolder;
  const next = await train({ ...conversations, from, epochs: 1, rank: undefined });
  expect(next.result!.plan).toMatchObject({ rank: 4, alpha: 12 });
  const losses = (events: readonly TrainEvent[]) => events.filter((event) => event.type === 'step').map(({ trainLoss }) => trainLoss);
  expect(losses(next.events)[0]).toBeLessThan(losses(first.events)[0]! - 1);
  // held to the adapter, not to the base: a preference tune from it begins at ln 2 again
  expect(losses((await train({ ...preferences, from, epochs: 1 })).events)[0]).toBeCloseTo(Math.LN2, 5);
});

test('an adapter of another shape or another base is refused in words', async () => {
  const from = (await train(conversations)).result!.adapterFolder;
  await expect(train({ ...conversations, from, rank: 8 })).rejects.toMatchObject({
    code: 'adapter-shape',
    exitCode: 2,
    message: 'The job asks for the rank 8, and the adapter to go on from has 4.',
  });
  await expect(train({ ...conversations, from, targetModules: ['mlp.up_proj'] })).rejects.toMatchObject({ code: 'adapter-shape' });
  const other = await makeTinyModel({}, 2);
  const another = await openNano({ folder: other.folder, workers: 1 });
  try {
    await expect(another.checkJob({ ...conversations, from })).rejects.toMatchObject({ code: 'adapter-base', exitCode: 2 });
  } finally {
    await another.close();
    await rm(other.folder, { recursive: true });
  }
});

test('a rehearsal counts the tokens of all epochs, takes some time, and changes nothing', async () => {
  const before = await train(conversations);
  const { tokens, seconds } = await nano.rehearse(conversations);
  expect(tokens).toBe(before.result!.tokens);
  expect(seconds).toBeGreaterThan(0);
  const after = await train(conversations);
  expect((await weights(after.result!.adapterFolder)).equals(await weights(before.result!.adapterFolder))).toBe(true);
});

test('what training computes of an answer is what serving computes of it', async () => {
  const adapter = (await train({ ...conversations, learningRate: 0.02, epochs: 8 })).result!.adapterFolder;
  for (const completion of ['yes', 'something else']) {
    const trained = await nano.trainedLogProbability({ messages: prompt(3), completion, adapter });
    const { logProbabilities } = await nano.score({ messages: prompt(3), completion, adapter });
    expect(trained.tokens).toBe(logProbabilities.length);
    expect(trained.logProbability).toBeCloseTo(
      logProbabilities.reduce((sum, value) => sum + value, 0),
      4,
    );
  }
});
