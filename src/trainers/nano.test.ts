import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TrainerContext, TrainingEvent, TrainingHandle, TrainingJob } from '#core/trainer.ts';
import { type Nano, openNano } from '#nano/index.ts';
import { createNanoSource, type NanoSource } from '#nano/nano-source.ts';
import { makeTinyModel } from '#nano/tiny-model.fixture.ts';
import { nanoTrainer } from './nano.ts';

let model: string;
let scratch: string;
let nano: Nano;
let folders = 0;
const named = createNanoSource();
const source: NanoSource = {
  open: async (folder) => (folder === undefined ? nano : named.open(folder)),
  close: () => nano.close(),
};

beforeAll(async () => {
  model = (await makeTinyModel()).folder;
  scratch = await mkdtemp(join(tmpdir(), 'rung-nano-trainer-'));
  nano = await openNano({ folder: model, workers: 1 });
});
afterAll(async () => {
  await Promise.all([nano.close(), named.close()]);
  await Promise.all([model, scratch].map((folder) => rm(folder, { recursive: true, force: true })));
});

const conversation = (index: number) => ({
  messages: [
    { role: 'user' as const, content: `number ${index}` },
    { role: 'assistant' as const, content: index % 2 ? 'no' : 'yes' },
  ],
});
const rows = (count: number, from = 0) => Array.from({ length: count }, (_, index) => conversation(from + index));
const job: TrainingJob = {
  method: 'supervised',
  train: rows(20),
  validation: rows(4, 50),
  base: { model: 'nano' },
  hyperparameters: { epochs: 10, batchSize: 5, rank: 4, learningRate: 0.02, patience: 20 },
  seed: 1,
};

function contextOf(changes: Partial<TrainerContext> = {}): TrainerContext {
  const scratchFolder = join(scratch, `job-${++folders}`);
  return {
    base: { name: 'nano', kind: 'nano', model: '', settings: {} },
    settings: {},
    environment: {},
    taskFolder: scratch,
    scratchFolder,
    adapterFolder: async (artefact) => join(scratch, artefact),
    async keep(folder) {
      const id = `kept-${folders}-${Math.random()}`;
      await cp(folder, join(scratch, id), { recursive: true });
      return id;
    },
    onEvent: () => {},
    signal: new AbortController().signal,
    ...changes,
  };
}

async function ended(given: TrainingJob, context: TrainerContext, trainer = nanoTrainer(source)) {
  const handle = await trainer.start(given, context);
  const status = await trainer.poll(handle, { waitMs: 60_000 });
  return { handle, status };
}

const refused = (changes: object, context = contextOf()) =>
  expect(nanoTrainer(source).check!({ ...job, ...changes } as TrainingJob, context)).rejects;

test('tunes the shipped model and any folder of a task, and no name that it does not know', () => {
  const { canTune } = nanoTrainer(source);
  const base = { name: 'nano', kind: 'nano', model: '', settings: {} };
  expect(canTune(base)).toBe(true);
  expect(canTune({ ...base, name: 'mine/x', model: 'x', settings: { folder: 'model' } })).toBe(true);
  expect(canTune({ ...base, name: 'nano/x', model: 'x' })).toBe(false);
  expect(canTune({ ...base, kind: 'openai' })).toBe(false);
});

test('a folder of the task is tuned as the shipped model is', async () => {
  await symlink(model, join(scratch, 'mine'));
  const base = { name: 'mine/x', kind: 'nano', model: 'x', settings: { folder: 'mine' } };
  const inside = contextOf({ base, taskFolder: scratch });
  // a link out of the task folder is not followed
  await refused({}, inside).toMatchObject({ exitCode: 2 });
  await cp(model, join(scratch, 'copied'), { recursive: true });
  const opened: Nano[] = [];
  const own: NanoSource = {
    ...source,
    open: async (folder) => opened[opened.push(await openNano({ folder: folder ?? '', workers: 1 })) - 1]!,
  };
  try {
    const { status } = await ended(job, { ...inside, base: { ...base, settings: { folder: 'copied' } } }, nanoTrainer(own));
    expect(status.state, status.error).toBe('succeeded');
  } finally {
    await Promise.all(opened.map((each) => each.close()));
  }
});

test('says what a tune is made of while it goes, and keeps every checkpoint', async () => {
  const events: TrainingEvent[] = [];
  const context = contextOf({ onEvent: (event) => events.push(event) });
  const { status } = await ended(job, context);
  const outcome = status.outcome!;
  const steps = events.filter((event) => event.type === 'step');
  const evaluations = events.filter((event) => event.type === 'evaluation');
  for (const step of steps) {
    expect(step.tokenAccuracy).toBeGreaterThanOrEqual(0);
    expect(step.tokenAccuracy).toBeLessThanOrEqual(1);
    expect(step.gradientNorm).toBeGreaterThan(0);
    expect(step.tokensPerSecond).toBeGreaterThan(0);
    expect(step.memoryBytes).toBeGreaterThan(1e6);
  }
  expect(steps.at(-1)!.tokenAccuracy).toBeGreaterThan(steps[0]!.tokenAccuracy!);
  expect(evaluations).toHaveLength(10);
  for (const { checkpoint } of evaluations) await readFile(join(scratch, checkpoint!.adapter!, 'adapter_config.json'));
  const best = evaluations.find(({ step }) => step === outcome.bestStep)!;
  const weights = async (adapter: string) => readFile(join(scratch, adapter, 'adapter_model.safetensors'));
  expect((await weights(best.checkpoint!.adapter!)).equals(await weights(outcome.model.adapter!))).toBe(true);
  const tokens = rows(20).map(({ messages }) => nano.trainedTokens(messages).tokens.length);
  expect(outcome.trainedTokens).toBe(10 * tokens.reduce((sum, count) => sum + count, 0));
  expect(outcome.hyperparameters).toMatchObject({ epochs: 10, rank: 4, alpha: 8, evaluateEvery: 4, patience: 20, dropout: 0 });
});

test('gives answers of the tuned model with the log-probabilities that training computes', async () => {
  const { status } = await ended(job, contextOf());
  const { samples = [], model: tuned } = status.outcome!;
  expect(samples.length).toBeGreaterThan(3);
  for (const { messages, text, logProbability, tokens, rendered, margin } of samples) {
    expect(rendered).toBe(nano.render(messages, { addGenerationPrompt: true }));
    const adapter = join(scratch, tuned.adapter!);
    const served = await nano.generate({ messages, adapter, maxOutputTokens: 64, logProbabilities: true });
    expect(served).toMatchObject({ text, outputTokens: tokens });
    const sum = served.logProbabilities!.reduce((total, token) => total + token.logProbability, 0);
    expect(logProbability).toBeCloseTo(sum, 3);
    const read = nano.trainedTokens([...messages, { role: 'assistant', content: text }]).tokens;
    const leads = (await nano.logits({ tokens: read, adapter })).slice(-tokens - 1, -1).map((logits) => {
      const [first = 0, second = 0] = [...logits].sort((one, other) => other - one);
      return first - second;
    });
    expect(margin).toBeCloseTo(Math.min(...leads), 4);
  }
});

test('a job has the same id in every process, and its end is known to the next one', async () => {
  const context = contextOf();
  const { handle, status } = await ended(job, context);
  expect(handle.job).toMatch(/^ft_[0-9a-f]{12}$/);
  const stored = JSON.parse(JSON.stringify(handle)) as TrainingHandle;
  const next = nanoTrainer(source);
  expect(await next.poll(stored, { waitMs: 0 })).toEqual(JSON.parse(JSON.stringify(status)));
  const events: TrainingEvent[] = [];
  const again = await ended(job, { ...context, onEvent: (event) => events.push(event) }, next);
  expect(again.handle).toEqual(handle);
  expect(events).toEqual([]);
  expect(again.status.outcome!.events).toEqual(status.outcome!.events);
  expect((await nanoTrainer(source).start({ ...job, seed: 2 }, contextOf())).job).not.toBe(handle.job);
});

test('picks up a job that this process is running already', async () => {
  const context = contextOf();
  const trainer = nanoTrainer(source);
  let steps = 0;
  const first = await trainer.start(job, { ...context, onEvent: ({ type }) => type === 'step' && steps++ });
  const second = await trainer.start(job, context);
  expect(second).toEqual(first);
  const status = await trainer.poll(second, { waitMs: 60_000 });
  expect(status.state, status.error).toBe('succeeded');
  expect(steps).toBe(40);
});

test('goes on from an adapter of an earlier job', async () => {
  const context = contextOf();
  const first = (await ended(job, context)).status.outcome!;
  const next: TrainingJob = { ...job, base: first.model, hyperparameters: { epochs: 1, batchSize: 5 } };
  const { status } = await ended(next, contextOf());
  expect(status.outcome!.hyperparameters).toMatchObject({ rank: 4, alpha: 8 });
  const lossOf = (events: readonly TrainingEvent[]) => events.flatMap((event) => (event.type === 'step' ? [event.trainLoss] : []))[0]!;
  expect(lossOf(status.outcome!.events)).toBeLessThan(lossOf(first.events) / 2);
  await refused({ base: first.model, hyperparameters: { rank: 8 } }).toMatchObject({ code: 'adapter-shape', exitCode: 2 });
});

test('refuses what cannot be learnt before anything is done, with a way out', async () => {
  const long = { messages: [{ role: 'user', content: 'x'.repeat(400) }, conversation(0).messages[1]] };
  await refused({ train: rows(9) }).toMatchObject({
    code: 'training-rows',
    exitCode: 2,
    message: expect.stringContaining('9 training rows'),
  });
  await refused({ train: [...rows(12), long] }).toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(/^Row 13 of the training rows has 4\d\d tokens; the model reads 320\. It asks ".+"\.$/),
    hint: expect.stringContaining('Shorten'),
  });
  await refused({ validation: [long] }).toMatchObject({ message: expect.stringContaining('Row 1 of the validation rows') });
  await refused({ hyperparameters: { quantization: 'nf4' } }).toMatchObject({ code: 'training-options', exitCode: 2 });
  await refused({ hyperparameters: { dropout: 1 } }).toMatchObject({ code: 'training-options', exitCode: 2 });
  await expect(nanoTrainer(source).check!(job, contextOf())).resolves.toBeUndefined();
});

test('a base without a chat template is a usage error that names the file', async () => {
  await cp(model, join(scratch, 'bare'), { recursive: true });
  await rm(join(scratch, 'bare', 'chat_template.jinja'));
  const base = { name: 'bare/x', kind: 'nano', model: 'x', settings: { folder: 'bare' } };
  await refused({}, contextOf({ base })).toMatchObject({ exitCode: 2, message: expect.stringContaining('chat_template.jinja') });
});

test('an estimate counts the tokens of all epochs, and nothing is charged', async () => {
  const { status } = await ended(job, contextOf());
  const estimate = await nanoTrainer(source).estimate!(job, contextOf());
  expect(estimate).toMatchObject({ tokens: status.outcome!.trainedTokens, cost: 0 });
  expect(estimate.seconds).toBeGreaterThan(0);
});

test('a folder that cannot be written to is a failed job with a sentence', async () => {
  const file = join(scratch, 'a-file');
  await writeFile(file, '');
  const { status } = await ended(job, contextOf({ scratchFolder: join(file, 'job') }));
  expect(status).toMatchObject({ state: 'failed', error: expect.stringMatching(/\w+ \w+/), hint: expect.any(String) });
});

test('a line of the log that a kill cut off takes no other with it', async () => {
  const context = contextOf();
  await mkdir(context.scratchFolder);
  await writeFile(join(context.scratchFolder, 'events.jsonl'), '{"type":"message","level":"info","message":"x"}\n{"type":"st');
  const { status } = await ended(job, context);
  expect(status.outcome!.events.filter(({ type }) => type === 'step')).toHaveLength(40);
});
