import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { defineTrainer, type Trainer, type TrainerContext, type TrainingJob } from '#core/trainer.ts';
import { openJobs } from '#jobs/jobs.ts';
import { openArtefacts } from '#stores/artefacts.ts';
import { Budget } from './budget.ts';
import { type TrainOptions, train } from './training.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-training-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Evaluates two checkpoints the first time it sees a job, and nothing once that job has ended. */
function rememberingTrainer() {
  const ended = new Set<string>();
  return defineTrainer({
    id: 'remembering',
    summary: 'Trains a job once.',
    methods: ['supervised'],
    canTune: () => true,
    async start(_job, { scratchFolder, evaluate }: TrainerContext) {
      if (!ended.has(scratchFolder)) for (let step = 0; step < 2; step++) await evaluate?.({ model: 'm', adapter: `a_${step}` });
      ended.add(scratchFolder);
      return { trainer: 'remembering', job: scratchFolder };
    },
    poll: async () => ({
      state: 'succeeded',
      outcome: { model: { model: 'm', adapter: 'a_1' }, hyperparameters: {}, events: [], bestStep: 1, seconds: 90 },
    }),
    cancel: async () => {},
  });
}

function optionsFor(trainers: readonly Trainer[], limits: ConstructorParameters<typeof Budget>[0] = {}) {
  const meter = { spent: 1_000 };
  const budget = new Budget(limits);
  const options: TrainOptions = {
    trainers,
    base: { name: 'm', kind: 'm', model: '', settings: {} },
    settings: {},
    environment: {},
    taskFolder: folder,
    artefacts: { ...openArtefacts(folder), path: async (id) => id },
    jobs: openJobs(join(folder, 'jobs')),
    budget,
    signal: new AbortController().signal,
    onEvent: () => {},
    evaluate: async () => {
      meter.spent += 250;
      return { metric: 0.5 };
    },
    spent: () => meter.spent,
  };
  return { options, meter, budget };
}

const job: TrainingJob = { method: 'supervised', base: { model: 'm' }, train: [], validation: [], hyperparameters: {}, seed: 1 };

it('tells a rung that shares a training what the first one took', async () => {
  const { options, meter } = optionsFor([rememberingTrainer()]);
  expect((await train(job, options)).shared).toEqual({ cost: 0, seconds: 90 });
  expect(meter.spent).toBe(1_500);
  expect((await train(job, options)).shared).toEqual({ cost: 500, seconds: 90 });
  expect((await train({ ...job, seed: 2 }, options)).shared).toEqual({ cost: 0, seconds: 90 });
});

/** A service that charges; `charges` is what it says at the end. */
function hostedTrainer(cost: number | null, charges?: number) {
  const started: string[] = [];
  const trainer = defineTrainer({
    id: 'hosted',
    summary: 'Charges.',
    methods: ['supervised'],
    canTune: () => true,
    estimate: async () => ({ tokens: 9, cost, method: '9 tokens at a price' }),
    async start(_job, { scratchFolder }) {
      started.push(scratchFolder);
      return { trainer: 'hosted', job: 'j' };
    },
    poll: async () => ({
      state: 'succeeded',
      outcome: { model: { model: 'hosted/ft:m' }, hyperparameters: {}, events: [], bestStep: 1, seconds: 90, cost: charges },
    }),
    cancel: async () => {},
  });
  return { trainer, started };
}

it('holds an estimate against the budget before anything is sent, and bills what was charged', async () => {
  const { trainer, started } = hostedTrainer(2_000_000_000, 1_500_000_000);
  const poor = optionsFor([trainer], { maxCost: 1_000_000_000 });
  await expect(train(job, poor.options)).rejects.toMatchObject({
    exitCode: 6,
    message: 'This training is estimated at $2 (9 tokens at a price), and $1 of the budget is left.',
  });
  expect(started).toEqual([]);
  const rich = optionsFor([trainer], { maxCost: 3_000_000_000 });
  expect((await train(job, rich.options)).shared.cost).toBe(1_500_000_000);
  expect(rich.budget.spent).toBe(1_500_000_000);
  // once more it is not charged again, and still a part of what the rung took
  expect((await train(job, rich.options)).shared.cost).toBe(1_500_000_000);
  expect(rich.budget.spent).toBe(1_500_000_000);
});

it('keeps no budget in dollars where the price is not known', async () => {
  const { trainer, started } = hostedTrainer(null);
  await expect(train(job, optionsFor([trainer], { maxCost: 1 }).options)).rejects.toMatchObject({ code: 'price-unknown', exitCode: 2 });
  expect(started).toEqual([]);
  expect((await train(job, optionsFor([trainer]).options)).shared.cost).toBe(0);
});

it('names the trainers where none can tune the model so', async () => {
  const { options } = optionsFor([rememberingTrainer()]);
  await expect(train({ ...job, trainer: 'other' }, options)).rejects.toMatchObject({
    code: 'unknown-trainer',
    hint: 'Known are: remembering.',
  });
  const preference: TrainingJob = { ...job, method: 'preference', train: [], validation: [], trainer: 'remembering' };
  await expect(train(preference, options)).rejects.toMatchObject({
    code: 'no-trainer',
    message: 'The trainer remembering cannot tune m by the method preference.',
  });
});
