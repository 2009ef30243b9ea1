import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { TrainingJob } from '#core/trainer.ts';
import { openTaskJobs } from '#jobs/jobs.ts';
import { type TuneOutcome, tuneRunOf } from './tune-runs.ts';
import { watchTune } from './tune-watch.ts';

const job: TrainingJob = { method: 'supervised', base: { model: 'small' }, train: [], validation: [], hyperparameters: {}, seed: 1 };
const message = (text: string) => ({ type: 'message' as const, level: 'info' as const, message: text });
const outcome: TuneOutcome = { exitCode: 1, error: { code: 'training-failed', message: 'It failed.' } };

async function runOf() {
  const folder = await mkdtemp(join(tmpdir(), 'rung-watch-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const run = await tuneRunOf(folder, { task: folder, options: { epochs: 3 } });
  return { folder, run, jobs: openTaskJobs(folder) };
}

it('an equal request is the same run', async () => {
  const { folder, run } = await runOf();
  expect((await tuneRunOf(folder, { task: folder, options: { epochs: 3 }, rung: undefined })).id).toBe(run.id);
  expect((await tuneRunOf(folder, { task: folder, options: { epochs: 4 } })).id).not.toBe(run.id);
  expect(run.worker()).toBeUndefined();
  const lock = await run.lock();
  expect(run.worker()).toMatchObject({ pid: process.pid });
  lock?.release();
});

it('shows each event once, also of a job that had failed and is begun anew, up to the end of the run', async () => {
  const { run, jobs } = await runOf();
  const { id } = await jobs.create(job, { trainer: 'nano' });
  await jobs.change(id, { state: 'failed', metadata: { run: run.id } });
  const log = jobs.openLog(id);
  log.append(message('before'));
  const told: string[] = [];
  const doing: string[] = [];
  const watching = watchTune(
    { jobs, run, isOver: () => false, signal: new AbortController().signal },
    {
      event: (_record, { event }) => {
        told.push(event.type === 'message' ? event.message : event.type);
        if (told.length === 1) {
          setTimeout(async () => {
            await jobs.change(id, { state: 'running' });
            log.append(message('now'));
            await run.setDoing({ message: 'guard safety' });
          });
        }
        if (told.length === 2) {
          setTimeout(async () => {
            await jobs.change(id, { state: 'failed' });
            await run.end(outcome);
          }, 250);
        }
      },
      doing: (now) => doing.push(now.message),
    },
  );
  expect(await watching).toEqual(outcome);
  expect([told, doing]).toEqual([['before', 'now'], ['guard safety']]);
});

it('ends where nobody works on it any more, and with its signal', async () => {
  const { run, jobs } = await runOf();
  const view = { event: () => {}, doing: () => {} };
  expect(await watchTune({ jobs, run, isOver: () => true, signal: new AbortController().signal }, view)).toBeUndefined();
  expect(await watchTune({ jobs, run, isOver: () => false, signal: AbortSignal.abort() }, view)).toBeUndefined();
});
