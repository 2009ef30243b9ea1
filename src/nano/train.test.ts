import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Nano, openNano, type TrainEvent, type TrainJob, type TrainOptions } from './index.ts';
import { parseSafetensors } from './safetensors.ts';
import { makeTinyModel, type TinyModel } from './tiny-model.fixture.ts';

type SupervisedTrainJob = Extract<TrainJob, { method: 'supervised' }>;

let model: TinyModel;
let scratch: string;
let one: Nano;
let two: Nano;
let folders = 0;

beforeAll(async () => {
  model = await makeTinyModel();
  scratch = await mkdtemp(join(tmpdir(), 'tiny-training-'));
  one = await openNano({ folder: model.folder, workers: 1 });
  two = await openNano({ folder: model.folder, workers: 2 });
});
afterAll(async () => {
  await Promise.all([one.close(), two.close()]);
  await Promise.all([model.folder, scratch].map((folder) => rm(folder, { recursive: true, force: true })));
});

const conversation = (index: number) => ({
  messages: [
    { role: 'system' as const, content: 'Answer yes to even numbers.' },
    { role: 'user' as const, content: `number ${index} ${'.'.repeat(index % 7)}` },
    { role: 'assistant' as const, content: index % 2 ? 'no' : 'yes' },
  ],
});

function jobOf(changes: Partial<SupervisedTrainJob> = {}): TrainJob {
  folders += 1;
  return {
    method: 'supervised',
    train: Array.from({ length: 22 }, (_, index) => conversation(index)),
    validation: Array.from({ length: 6 }, (_, index) => conversation(100 + index)),
    seed: 1,
    folder: join(scratch, `job-${folders}`),
    epochs: 3,
    batchSize: 5,
    rank: 4,
    ...changes,
  };
}

async function bytesOf(folder: string): Promise<Buffer> {
  const parts = await Promise.all(['adapter_config.json', 'adapter_model.safetensors'].map((name) => readFile(join(folder, name))));
  return Buffer.concat(parts);
}

async function train(nano: Nano, changes: Partial<SupervisedTrainJob> = {}, options: TrainOptions = {}) {
  const events: TrainEvent[] = [];
  const result = await nano.train(jobOf(changes), { ...options, onEvent: (event) => events.push(event) });
  return { result, events, bytes: await bytesOf(result.adapterFolder) };
}

test('the same seed gives the same bytes, on one worker and on two; another seed gives others', async () => {
  const first = await train(one);
  expect((await train(one)).bytes.equals(first.bytes)).toBe(true);
  expect((await train(two)).bytes.equals(first.bytes)).toBe(true);
  expect((await train(two, { seed: 2 })).bytes.equals(first.bytes)).toBe(false);
});

test('the same bytes with dropout too', async () => {
  const first = await train(one, { dropout: 0.1, epochs: 1 });
  expect((await train(two, { dropout: 0.1, epochs: 1 })).bytes.equals(first.bytes)).toBe(true);
  expect((await train(two, { epochs: 1 })).bytes.equals(first.bytes)).toBe(false);
});

test('training learns, and says how it goes', async () => {
  const { result, events } = await train(two, { learningRate: 0.01, epochs: 6, patience: 10 });
  const steps = events.filter((event) => event.type === 'step');
  const evaluations = events.filter((event) => event.type === 'evaluation');
  expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  expect(steps.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 30 }, (_, index) => 1 + Math.floor(index / 5)));
  expect(steps.at(-1)!.trainLoss).toBeLessThan(steps[0]!.trainLoss / 2);
  expect(evaluations.map(({ step }) => step)).toEqual([5, 10, 15, 20, 25, 30]);
  expect(evaluations.at(-1)!.validationLoss).toBeLessThan(evaluations[0]!.validationLoss!);
  expect(result).toMatchObject({ steps: 30, stoppedEarly: false, bestStep: evaluations.findLast(({ best }) => best)!.step });
  expect(steps.every(({ tokensPerSecond = 0, secondsLeft = -1 }) => tokensPerSecond > 0 && secondsLeft >= 0)).toBe(true);
});

test('the adapter answers as it was trained', async () => {
  const { result } = await train(two, { learningRate: 0.02, epochs: 12, patience: 20 });
  const answer = (adapter?: string) => one.generate({ messages: conversation(2).messages.slice(0, 2), maxOutputTokens: 8, adapter });
  expect((await answer(result.adapterFolder)).text).toMatch(/^(yes|no)$/);
  expect((await answer()).text).not.toMatch(/^(yes|no)$/);
});

test('a run that was interrupted anywhere goes on to the same bytes', async () => {
  const whole = await train(two);
  for (const stopAfter of [1, 7, 14]) {
    const job = jobOf();
    const stop = new AbortController();
    const interrupted = two.train(job, {
      signal: stop.signal,
      onEvent: (event) => event.step === stopAfter && stop.abort(new Error('interrupted')),
    });
    await expect(interrupted).rejects.toThrow('interrupted');
    const steps: number[] = [];
    const resumed = await one.train(job, { onEvent: (event) => event.type === 'step' && steps.push(event.step) });
    expect(steps[0]).toBe(stopAfter + 1);
    expect((await bytesOf(resumed.adapterFolder)).equals(whole.bytes)).toBe(true);
  }
});

test('a process that dies between checkpoints loses only the steps since the last one', async () => {
  const whole = await train(two);
  const job = jobOf();
  // An error thrown by a listener ends the run as a kill would: nothing is written any more.
  const died = two.train(job, {
    onEvent: (event) => {
      if (event.step === 8) throw new Error('died');
    },
  });
  await expect(died).rejects.toThrow('died');
  const steps: number[] = [];
  const resumed = await two.train(job, { onEvent: (event) => event.type === 'step' && steps.push(event.step) });
  expect(steps[0]).toBe(6);
  expect((await bytesOf(resumed.adapterFolder)).equals(whole.bytes)).toBe(true);
  // Asked once more, the finished job only says its result again.
  const again = await two.train(job, { onEvent: () => expect.unreachable() });
  expect(again).toEqual(resumed);
});

test('another job in the same folder starts from the beginning', async () => {
  const job = jobOf({ epochs: 1 });
  await two.train(job);
  const steps: number[] = [];
  await two.train({ ...job, seed: 9 }, { onEvent: (event) => event.type === 'step' && steps.push(event.step) });
  expect(steps[0]).toBe(1);
});

test('the metric chooses the checkpoint, the loss breaks ties, and patience ends the run', async () => {
  const metrics = [0.2, 0.7, 0.5, 0.6];
  const seen: string[] = [];
  const { result, events } = await train(
    two,
    { epochs: 50, patience: 2 },
    {
      evaluate: async (folder) => {
        seen.push(folder);
        expect((await readdir(folder)).sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
        return { metric: metrics[seen.length - 1]! };
      },
    },
  );
  expect(result).toMatchObject({ bestStep: 10, metric: 0.7, stoppedEarly: true, steps: 20 });
  expect(events.filter((event) => event.type === 'evaluation').map(({ best }) => best)).toEqual([true, true, false, false]);
  const tied = await train(two, { learningRate: 0.01, epochs: 3 }, { evaluate: async () => ({ metric: 1 }) });
  expect(tied.result.bestStep).toBe(15);
  expect((await readdir(join(tied.result.adapterFolder, '..'))).filter((name) => name.startsWith('snapshot'))).toEqual([]);
});

test('the best checkpoint is the one that is kept', async () => {
  let kept: Buffer = Buffer.alloc(0);
  let calls = 0;
  const { bytes } = await train(
    two,
    {},
    {
      evaluate: async (folder) => {
        calls += 1;
        if (calls === 1) kept = await bytesOf(folder);
        return { metric: -calls };
      },
    },
  );
  expect(bytes.equals(kept)).toBe(true);
});

test('the adapter is a PEFT folder with the layers asked for', async () => {
  const { result } = await train(two, { epochs: 1, targetModules: ['self_attn.q_proj', 'mlp.down_proj'], rank: 3, alpha: 12 });
  const config = JSON.parse(await readFile(join(result.adapterFolder, 'adapter_config.json'), 'utf8'));
  expect(config).toMatchObject({
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    r: 3,
    lora_alpha: 12,
    target_modules: ['down_proj', 'q_proj'],
  });
  const file = join(result.adapterFolder, 'adapter_model.safetensors');
  const { tensors } = parseSafetensors(await readFile(file), file);
  const prefix = 'base_model.model.model.layers.1.';
  expect(tensors.size).toBe(8);
  expect(tensors.get(`${prefix}self_attn.q_proj.lora_A.weight`)!.shape).toEqual([3, 32]);
  expect(tensors.get(`${prefix}mlp.down_proj.lora_B.weight`)!.shape).toEqual([32, 3]);
});

test('rows and options that cannot be trained on are refused before anything is written', async () => {
  const refused = (changes: Partial<SupervisedTrainJob>) => expect(two.train(jobOf(changes))).rejects;
  await refused({ train: [] }).toMatchObject({ code: 'training-rows' });
  await refused({ train: [{ messages: [{ role: 'user', content: 'alone' }] }] }).toMatchObject({
    message: expect.stringContaining('Row 1 of the training rows'),
  });
  const long = { messages: [{ role: 'assistant' as const, content: 'x'.repeat(400) }] };
  await refused({ validation: [conversation(1), long] }).toMatchObject({
    message: expect.stringContaining('Row 2 of the validation rows'),
  });
  await refused({ rank: 0 }).toMatchObject({ code: 'training-options', message: expect.stringContaining('rank') });
  await refused({ learningRate: Number.NaN }).toMatchObject({ message: expect.stringContaining('learningRate') });
  expect(await readdir(scratch)).not.toContain(`job-${folders}`);
});
