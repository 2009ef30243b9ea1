import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inputError } from '#core/errors.ts';
import type { RunJobOptions } from './job-run.ts';
import { emptyJobs, job, scriptedTrainer, siteOf, step, succeeded } from './jobs.fixture.ts';
import { jobId } from './jobs.ts';
import { outcomeOf, runJob } from './run-job.ts';

const id = await jobId('scripted', job);

async function given(
  trainer: RunJobOptions['trainer'],
  changes: Partial<RunJobOptions> = {},
): Promise<RunJobOptions & { jobs: Awaited<ReturnType<typeof emptyJobs>> }> {
  const jobs = await emptyJobs();
  return { trainer, site: siteOf(), keep: async (folder) => folder, pollMs: 1, now: jobs.now, ...changes, jobs };
}

it('a job that succeeds leaves its record, its events and its rows', async () => {
  const { trainer, calls } = scriptedTrainer(async ({ onEvent }) => {
    const events = [step(1), step(2)];
    for (const event of events) onEvent(event);
    return succeeded({ events, cost: 700, trainedTokens: 40 });
  });
  const options = await given(trainer, { metadata: { rung: 'tuned' } });
  const record = await runJob(job, options);
  expect(record).toMatchObject({
    ...{ schema: 'rung.job/1', id, trainer: 'scripted', state: 'succeeded', model: { model: 'small', adapter: 'a' } },
    ...{ bestStep: 2, cost: 700, trainedTokens: 40, rows: { train: 1, validation: 0 }, metadata: { rung: 'tuned' } },
    handle: { trainer: 'scripted', job: 'run 1' },
  });
  expect(await options.jobs.read(id)).toEqual(JSON.parse(JSON.stringify(record)));
  expect((await options.jobs.events(id)).map(({ n, event }) => [n, event])).toEqual([
    [1, step(1)],
    [2, step(2)],
  ]);
  expect(await options.jobs.data(id)).toMatchObject({ train: job.train, validation: [] });
  // asked again, it answers from its record
  expect(await runJob(job, options)).toMatchObject({ state: 'succeeded' });
  expect(calls.starts).toBe(1);
  expect(await outcomeOf(record, options.jobs)).toMatchObject({ events: [step(1), step(2)], bestStep: 2, cost: 700 });
});

it('is trained again where its adapter is lost', async () => {
  const { trainer, calls } = scriptedTrainer(async () => succeeded());
  const options = await given(trainer, { site: siteOf({ adapterFolder: () => Promise.reject(new Error('gone')) }) });
  await runJob(job, options);
  await runJob(job, options);
  expect(calls.starts).toBe(2);
});

it('another base under the same name is another job', async () => {
  const { trainer, calls } = scriptedTrainer(async () => succeeded());
  const options = await given(trainer);
  const ids = [];
  for (const identity of ['weights 1', 'weights 2', 'weights 1']) ids.push((await runJob(job, { ...options, identity })).id);
  expect([new Set(ids).size, calls.starts]).toEqual([2, 2]);
});

it('goes on after an interrupted run, and a step done again counts as done last', async () => {
  const stop = new AbortController();
  const { trainer, calls } = scriptedTrainer(async ({ onEvent, signal }, start) => {
    if (start === 2) {
      for (const n of [2, 3]) onEvent(step(n));
      return succeeded({ events: [step(1), step(2), step(3)] });
    }
    for (const n of [1, 2]) onEvent(step(n));
    stop.abort();
    expect(signal.aborted).toBe(true);
    return { state: 'cancelled' };
  });
  const options = await given(trainer, { site: siteOf({ signal: stop.signal }) });
  const first = await runJob(job, options);
  expect(first).toMatchObject({ state: 'paused' });
  const second = await runJob(job, { ...options, site: siteOf() });
  expect(second.state).toBe('succeeded');
  expect(second.seconds).toBeGreaterThan(first.seconds as number);
  expect((await options.jobs.events(id)).map(({ n, event }) => [n, event])).toEqual([
    [1, step(1)],
    [3, step(2)],
    [4, step(3)],
  ]);
  expect(calls).toEqual({ starts: 2, cancels: 0 });
});

it('tells of events that were lost in a kill', async () => {
  const { trainer } = scriptedTrainer(async ({ onEvent }) => {
    onEvent(step(3));
    return succeeded({ events: [step(1), step(2), step(3)] });
  });
  const options = await given(trainer);
  await runJob(job, options);
  expect((await options.jobs.events(id)).map(({ event }) => event)).toEqual([step(1), step(2), step(3)]);
});

it('obeys a request to cancel, also one from before it began', async () => {
  const { trainer, calls } = scriptedTrainer(() => new Promise(() => {}));
  const options = await given(trainer);
  const running = runJob(job, options);
  while ((await options.jobs.read(id))?.handle === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
  await options.jobs.requestCancel(id);
  expect(await running).toMatchObject({ state: 'cancelled' });
  expect(calls.cancels).toBe(1);
  expect(options.jobs.isCancelRequested(id)).toBe(false);
  await options.jobs.requestCancel(id);
  expect(await runJob(job, options)).toMatchObject({ state: 'cancelled' });
  expect(calls.starts).toBe(1);
});

it('a job that failed says why, and is begun anew when it is asked for again', async () => {
  const { trainer } = scriptedTrainer(async (_context, start) =>
    start === 1 ? { state: 'failed', rawState: 'validation_failed', error: 'A row is too long.', hint: 'Shorten it.' } : succeeded(),
  );
  const options = await given(trainer);
  expect(await runJob(job, options)).toMatchObject({
    ...{ state: 'failed', rawState: 'validation_failed', error: { message: 'A row is too long.', hint: 'Shorten it.' } },
  });
  const again = await runJob(job, options);
  expect(again.state).toBe('succeeded');
  expect(again.error).toBeUndefined();
});

it('what the check of a trainer says is thrown and kept, and nothing is started', async () => {
  const { trainer, calls } = scriptedTrainer(async () => succeeded(), {
    check: async () => {
      throw inputError({ code: 'row-too-long', message: 'Row 3 is too long.', hint: 'Shorten it.' });
    },
  });
  const options = await given(trainer);
  await expect(runJob(job, options)).rejects.toMatchObject({ code: 'row-too-long', exitCode: 2 });
  expect(await options.jobs.read(id)).toMatchObject({ state: 'failed', error: { message: 'Row 3 is too long.', hint: 'Shorten it.' } });
  expect(calls.starts).toBe(0);
});

it('sets money aside before it starts, and says what was charged', async () => {
  const estimate = { tokens: 10, cost: 900, method: 'counted' };
  const { trainer, calls } = scriptedTrainer(async () => succeeded({ cost: 800 }), { estimate: async () => estimate });
  const told: unknown[] = [];
  await runJob(
    job,
    await given(trainer, {
      async reserve(asked) {
        told.push(await asked());
        return (charged) => told.push(charged);
      },
    }),
  );
  expect(told).toEqual([estimate, 800]);
  const refused = await given(trainer, {
    reserve: () => Promise.reject(new Error('too little')),
  });
  await expect(runJob(job, refused)).rejects.toThrow('too little');
  expect(calls.starts).toBe(1);
});

it('what an evaluation throws ends the run and not the job; what it cost is kept', async () => {
  let spent = 100;
  const { trainer } = scriptedTrainer(async ({ evaluate }) => {
    await evaluate?.({ model: 'small', adapter: 'b' });
    return succeeded();
  });
  const options = await given(trainer, { spent: () => spent });
  const ended = {
    ...options,
    evaluate: async () => {
      spent += 30;
      throw new Error('The budget ended.');
    },
  };
  await expect(runJob(job, ended)).rejects.toThrow('The budget ended.');
  expect(await options.jobs.read(id)).toMatchObject({ state: 'paused', cost: 30, error: { message: 'The budget ended.' } });
  const going = {
    ...options,
    evaluate: async () => {
      spent += 12;
      return { metric: 0.5 };
    },
  };
  expect(await runJob(job, going)).toMatchObject({ state: 'succeeded', cost: 42 });
});

it('a model that could not be asked has no metric, and why is told and kept', async () => {
  const measured: unknown[] = [];
  const { trainer } = scriptedTrainer(async ({ evaluate }) => {
    measured.push(await evaluate?.({ model: 'small:ckpt-1' }), await evaluate?.({ model: 'small' }));
    return succeeded();
  });
  const told: unknown[] = [];
  const options = await given(trainer, { onEvent: (event) => told.push(event) });
  const evaluate = async ({ model }: { model: string }) => (model === 'small' ? { metric: 0.5 } : { unasked: 'It is not loaded.' });
  await runJob(job, { ...options, evaluate });
  expect(measured).toEqual([undefined, 0.5]);
  const warning = { type: 'message', level: 'warning', message: 'A checkpoint was not measured: It is not loaded.' };
  expect(told).toEqual([warning]);
  expect((await options.jobs.events(id)).map(({ event }) => event)).toEqual([warning]);
});

it('two processes never run one job', async () => {
  const { trainer } = scriptedTrainer(async () => succeeded());
  const options = await given(trainer);
  await options.jobs.create(job, { trainer: 'scripted' });
  const lock = await options.jobs.lock(id);
  expect(options.jobs.runner(id)).toMatchObject({ pid: process.pid });
  await expect(runJob(job, options)).rejects.toMatchObject({ code: 'job-running' });
  lock?.release();
  expect(options.jobs.runner(id)).toBeUndefined();
  expect(await runJob(job, options)).toMatchObject({ state: 'succeeded' });
});

it('a log that cannot be written ends the run with a sentence', async () => {
  const options = await given(
    scriptedTrainer(async ({ onEvent }) => {
      onEvent(step(1));
      return new Promise(() => {});
    }).trainer,
  );
  const jobs = {
    ...options.jobs,
    openLog: () => ({
      append: () => {
        throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      },
    }),
  };
  const stopping = { ...options, jobs, trainer: { ...options.trainer, poll: async () => ({ state: 'cancelled' as const }) } };
  await expect(runJob(job, stopping)).rejects.toMatchObject({ code: 'disk-full', hint: expect.stringContaining('Free some room') });
});

it('a line that a kill cut off is passed over, and the log goes on', async () => {
  const jobs = await emptyJobs();
  await jobs.create(job, { trainer: 'scripted' });
  const log = jobs.openLog(id);
  log.append(step(1));
  await writeFile(join(jobs.folder, id, 'events.jsonl'), '{"n":2,"at":1,"ev', { flag: 'a' });
  jobs.openLog(id).append(step(2));
  expect((await jobs.events(id)).map(({ n, event }) => [n, event])).toEqual([
    [1, step(1)],
    [2, step(2)],
  ]);
});
