import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { defineTrainer, type TrainerContext, type TrainingJob } from '#core/trainer.ts';
import { openArtefacts } from '#stores/artefacts.ts';
import { train } from './training.ts';

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

it('tells a rung that shares a training what the first one took', async () => {
  const trainers = [rememberingTrainer()];
  let spent = 1_000;
  const options = {
    trainers,
    base: { name: 'm', kind: 'm', model: '', settings: {} },
    settings: {},
    environment: {},
    taskFolder: folder,
    artefacts: openArtefacts(folder),
    signal: new AbortController().signal,
    onEvent: () => {},
    evaluate: async () => {
      spent += 250;
      return 0.5;
    },
    spent: () => spent,
  };
  const job: TrainingJob = { method: 'supervised', base: { model: 'm' }, train: [], validation: [], hyperparameters: {}, seed: 1 };
  expect((await train(job, options)).shared).toEqual({ cost: 0, seconds: 0 });
  expect(spent).toBe(1_500);
  expect((await train(job, options)).shared).toEqual({ cost: 500, seconds: 90 });
  expect((await train({ ...job, seed: 2 }, options)).shared).toEqual({ cost: 0, seconds: 0 });
});
