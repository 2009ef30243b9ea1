import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { JobEvent } from '#core/job.ts';
import type { SupervisedJob, TrainingJob } from '#core/trainer.ts';
import { emptyJobs, job, step } from './jobs.fixture.ts';
import { jobId } from './jobs.ts';

it('a job keeps its name, and another job has another', async () => {
  expect(await jobId('nano', job)).toMatch(/^ft_[0-9a-f]{12}$/);
  expect(await jobId('nano', { ...job })).toBe(await jobId('nano', job));
  expect(await jobId('peft', job)).not.toBe(await jobId('nano', job));
  expect(await jobId('nano', { ...job, seed: 2 })).not.toBe(await jobId('nano', job));
});

it('jobs are listed newest first and found by the beginning of their ids', async () => {
  const jobs = await emptyJobs();
  await expect(jobs.find()).rejects.toMatchObject({ code: 'unknown-job', hint: 'Start one with rung tune start.' });
  const one = await jobs.create(job, { trainer: 'nano' });
  const other = await jobs.create({ ...job, seed: 2 }, { trainer: 'nano', metadata: { rung: 'tuned' } });
  expect(await jobs.create(job, { trainer: 'nano' })).toEqual(one);
  expect((await jobs.list()).map(({ id }) => id)).toEqual([other.id, one.id]);
  expect((await jobs.find()).id).toBe(other.id);
  expect((await jobs.find(one.id.slice(0, 7))).id).toBe(one.id);
  expect((await jobs.find(one.id.slice(3, 9))).id).toBe(one.id);
  await expect(jobs.find('ft_zz')).rejects.toMatchObject({ message: 'There is no job "ft_zz".', hint: expect.stringContaining(one.id) });
  await expect(jobs.find('ft_')).rejects.toMatchObject({ message: '2 jobs begin with "ft_".', exitCode: 2 });
  expect(await jobs.read('../../etc')).toBeUndefined();
});

const supervised = job as SupervisedJob;

it('gives back what was asked, row by row', async () => {
  const jobs = await emptyJobs();
  const asked: TrainingJob = { ...supervised, validation: supervised.train, suffix: 'näme\u2028' };
  const { id } = await jobs.create(asked, { trainer: 'nano' });
  expect(await jobs.job(id)).toEqual(asked);
});

it('rows that were changed on disk are written anew when the job is asked for again', async () => {
  const jobs = await emptyJobs();
  const { id } = await jobs.create(job, { trainer: 'nano' });
  await writeFile(join(jobs.folder, id, 'data.jsonl'), 'garbage');
  await expect(jobs.job(id)).rejects.toMatchObject({ code: 'job-data-unreadable' });
  await jobs.create(job, { trainer: 'nano' });
  expect(await jobs.job(id)).toEqual(job);
});

it.each(['null', '{}', '{"schema":"rung.job/1"}', 'garbage'])('a record that holds %s is named with its file', async (text) => {
  const jobs = await emptyJobs();
  const { id } = await jobs.create(job, { trainer: 'nano' });
  await writeFile(join(jobs.folder, id, 'job.json'), text);
  const unreadable = { code: 'job-unreadable', place: { file: expect.stringContaining(id) } };
  await expect(jobs.read(id)).rejects.toMatchObject(unreadable);
  await expect(jobs.find(id)).rejects.toMatchObject(unreadable);

  const other = await jobs.create(job, { trainer: 'peft' });
  const told: [string, unknown][] = [];
  expect(await jobs.list((...heard) => told.push(heard))).toEqual([other]);
  expect(told).toEqual([[id, expect.objectContaining(unreadable)]]);
});

it('lines that are no events are passed over', async () => {
  const jobs = await emptyJobs();
  const { id } = await jobs.create(job, { trainer: 'nano' });
  jobs.openLog(id).append(step(1));
  await appendFile(join(jobs.folder, id, 'events.jsonl'), 'null\n5\n{"n":2}\n{"n":2,"event":null}\n{"n":2,"event":{"type":"odd"}}\nxx\n');
  expect((await jobs.events(id)).map(({ n }) => n)).toEqual([1]);
  expect(jobs.openLog(id).append(step(2)).n).toBe(2);
});

it('a lock that is none says so', async () => {
  const jobs = await emptyJobs();
  const { id } = await jobs.create(job, { trainer: 'nano' });
  await writeFile(join(jobs.folder, id, 'lock.sqlite'), 'garbage '.repeat(100));
  expect(jobs.runner(id)).toBeUndefined();
  await expect(jobs.lock(id)).rejects.toMatchObject({ code: 'lock-unreadable', place: { file: expect.stringContaining('lock.sqlite') } });
});

it('changes made at once are all kept', async () => {
  const jobs = await emptyJobs();
  const { id } = await jobs.create(job, { trainer: 'nano' });
  await Promise.all([jobs.change(id, { state: 'running' }), jobs.change(id, { cost: 5 }), jobs.change(id, { bestStep: 3 })]);
  expect(await jobs.read(id)).toMatchObject({ state: 'running', cost: 5, bestStep: 3 });
});

it('events are followed from the first to the end of the job', async () => {
  const jobs = await emptyJobs();
  const { id } = await jobs.create(job, { trainer: 'nano' });
  const log = jobs.openLog(id);
  log.append(step(1));
  const told: JobEvent[] = [];
  for await (const event of jobs.followEvents(id, new AbortController().signal)) {
    told.push(event);
    if (told.length === 1) log.append({ type: 'message', level: 'info', message: 'schön' });
    if (told.length === 2) await jobs.change(id, { state: 'succeeded' });
  }
  expect(told.map(({ n }) => n)).toEqual([1, 2]);
  expect(await jobs.events(id, 1)).toEqual([told[1]]);
});

it('following ends with its signal', async () => {
  const jobs = await emptyJobs();
  const { id } = await jobs.create(job, { trainer: 'nano' });
  jobs.openLog(id).append(step(1));
  const stop = new AbortController();
  for await (const { n } of jobs.followEvents(id, stop.signal)) if (n === 1) stop.abort();
  expect(stop.signal.aborted).toBe(true);
});
