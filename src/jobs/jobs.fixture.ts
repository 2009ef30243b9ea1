import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Trainer, TrainerContext, TrainerSite, TrainingEvent, TrainingJob, TrainingStatus } from '#core/trainer.ts';
import { type Jobs, openJobs } from './jobs.ts';

export const job: TrainingJob = {
  method: 'supervised',
  base: { model: 'small' },
  train: [
    {
      messages: [
        { role: 'user', content: 'one?' },
        { role: 'assistant', content: 'yes' },
      ],
    },
  ],
  validation: [],
  hyperparameters: { epochs: 2 },
  seed: 1,
};

/** An empty folder of jobs whose clock moves a second at each look; removed when the test is over. */
export async function emptyJobs(): Promise<Jobs & { now(): number }> {
  const folder = await mkdtemp(join(tmpdir(), 'rung-jobs-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  let time = 1_700_000_000_000;
  const now = () => (time += 1000);
  return { ...openJobs(folder, now), now };
}

export function siteOf(changes: Partial<TrainerSite> = {}): TrainerSite {
  return {
    base: { name: 'small', kind: 'small', model: '', settings: {} },
    settings: {},
    environment: {},
    taskFolder: '/',
    adapterFolder: async (artefact) => artefact,
    signal: new AbortController().signal,
    ...changes,
  };
}

export const step = (n: number): TrainingEvent => ({
  type: 'step',
  step: n,
  totalSteps: 4,
  epoch: 1,
  trainLoss: 1 / n,
  learningRate: 1e-4,
});

/** A trainer that goes on, in a run, as `run` says: it gives the status that polls then find. */
export function scriptedTrainer(run: (context: TrainerContext, start: number) => Promise<TrainingStatus>, changes: Partial<Trainer> = {}) {
  const calls = { starts: 0, cancels: 0 };
  let status: Promise<TrainingStatus>;
  let stopped: (status: TrainingStatus) => void;
  const trainer: Trainer = {
    id: 'scripted',
    summary: 'Does what a test says.',
    methods: ['supervised'],
    canTune: () => true,
    async start(_job, context) {
      calls.starts++;
      const cancelled = new Promise<TrainingStatus>((resolve) => (stopped = resolve));
      status = Promise.race([run(context, calls.starts), cancelled]).catch((error) => ({ state: 'failed', error: String(error) }));
      return { trainer: 'scripted', job: `run ${calls.starts}` };
    },
    poll: (_handle, { waitMs }) =>
      Promise.race([status, new Promise<TrainingStatus>((resolve) => setTimeout(resolve, Math.min(waitMs, 5), { state: 'running' }))]),
    async cancel() {
      calls.cancels++;
      stopped({ state: 'cancelled' });
    },
    ...changes,
  };
  return { trainer, calls };
}

export const succeeded = (changes: object = {}): TrainingStatus => ({
  state: 'succeeded',
  outcome: { model: { model: 'small', adapter: 'a' }, hyperparameters: { epochs: 2 }, events: [], bestStep: 2, seconds: 1, ...changes },
});
