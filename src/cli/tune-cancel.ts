import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ExitCode, exitCodes, inputError } from '#core/errors.ts';
import type { JobRecord } from '#core/job.ts';
import { isFinal, type Jobs } from '#jobs/jobs.ts';
import { resumeJob } from '#jobs/run-job.ts';
import { defaultPlugins } from '../default-plugins.ts';
import { planTask } from '../session.ts';
import { jobSite } from '../tune-job-site.ts';
import { runAtWork, type TuneRun } from '../tune-runs.ts';
import type { AddCommand } from './add-command.ts';
import { print } from './prompt-output.ts';
import { withDotEnv } from './run-task.ts';
import type { TerminalIo } from './terminal-io.ts';
import { type TaskJobs, taskJobs } from './tune-task.ts';
import { runOf } from './tune-watch.ts';

interface CancelFlags {
  readonly task?: string;
  readonly json?: boolean;
}

/** `rung tune cancel [job]`: asks whoever runs a job to cancel it, or cancels it here where nobody does. */
export const addTuneCancel: AddCommand = (tune, io, exit) => {
  tune
    .command('cancel')
    .argument('[job]', 'id of a job, or its beginning; what is at work now')
    .description('cancel a training job; what it learnt so far is kept by its trainer')
    .option('--task <path>', 'task folder or file; the nearest upward')
    .option('--json', 'print one JSON document, alone, on stdout')
    .option('--debug', 'show stack traces')
    .action(async (beginning: string | undefined, flags: CancelFlags) => exit(await cancel(beginning, flags, io)));
};

async function cancel(beginning: string | undefined, flags: CancelFlags, io: TerminalIo): Promise<ExitCode> {
  const task = await taskJobs(flags.task, io);
  const { jobs } = task;
  const run = beginning === undefined ? await runAtWork(task.folder) : undefined;
  const records = await jobs.list();
  const atWork =
    run === undefined
      ? records.find(({ state }) => !isFinal(state))
      : records.find(({ state, metadata }) => !isFinal(state) && metadata?.['run'] === run.id);
  if (run !== undefined && atWork === undefined) return stopRun(run, flags, io);
  const record = beginning === undefined && atWork !== undefined ? atWork : await jobs.find(beginning);
  const { id, state } = record;
  if (isFinal(state)) {
    const how = `it ${state === 'succeeded' ? '' : 'was '}${state}`;
    throw inputError({
      code: 'job-ended',
      message:
        beginning === undefined ? `No job is at work; the newest, ${id}, has ended: ${how}.` : `The job ${id} has ended already: ${how}.`,
      hint: `rung tune list${task.again} shows all jobs.`,
    });
  }
  await jobs.requestCancel(id);
  const isRun = jobs.runner(id) !== undefined || runOf(record, task)?.worker() !== undefined;
  const ended = isRun ? await waited(id, jobs) : await cancelHere(record, task, io);
  const document = { job: id, status: ended.state };
  print(io, flags.json, document, () => [
    [{ text: isFinal(ended.state) ? `${id} is ${ended.state}.` : `${id} was asked to end; it is ${ended.state} still.` }],
  ]);
  return exitCodes.done;
}

/** A tune between its trainings, as while rows are read or guards ask: its process is told to end. */
async function stopRun(run: TuneRun, flags: CancelFlags, io: TerminalIo): Promise<ExitCode> {
  const { pid, host } = run.worker() ?? {};
  if (pid !== undefined && pid > 0 && host === hostname()) {
    try {
      process.kill(pid, 'SIGTERM');
    } catch {
      // it has ended meanwhile
    }
  }
  for (let waitedMs = 0; run.worker() !== undefined && waitedMs < patienceMs; waitedMs += lookEveryMs) await sleep(lookEveryMs);
  const status = run.worker() === undefined ? 'cancelled' : 'running';
  print(io, flags.json, { job: null, run: run.id, status }, () => [
    [{ text: status === 'cancelled' ? 'The tune was ended; no training was at work.' : 'The tune was asked to end; it is at work still.' }],
  ]);
  return exitCodes.done;
}

const patienceMs = 30_000;
const lookEveryMs = 200;

/** The record once the job has ended, or after a while. */
async function waited(id: string, jobs: Jobs): Promise<JobRecord> {
  for (let waitedMs = 0; ; waitedMs += lookEveryMs) {
    const record = await jobs.find(id);
    if (isFinal(record.state) || waitedMs >= patienceMs) return record;
    await sleep(lookEveryMs);
  }
}

/** A job of a service may go on there though no process here watches it: it is picked up to be cancelled. */
async function cancelHere({ id, ...record }: JobRecord, { folder, jobs }: TaskJobs, io: TerminalIo): Promise<JobRecord> {
  const plugins = defaultPlugins();
  try {
    const environment = await withDotEnv(io);
    const planned = await planTask({ task: folder, plugins, environment });
    return await jobSite(planned, { id, ...record }, { plugins, environment }, (trainer, site) =>
      resumeJob(id, { jobs, trainer, site, keep: () => Promise.reject(new Error('Cancelled.')), pollMs: lookEveryMs }),
    );
  } finally {
    await plugins.close();
  }
}
