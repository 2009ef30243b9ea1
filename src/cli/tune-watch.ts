import { join } from 'node:path';
import { type ExitCode, exitCodes, RungError } from '#core/errors.ts';
import type { JobRecord } from '#core/job.ts';
import { isFinal } from '#jobs/jobs.ts';
import { exitCodeOfGuards, tuneDocument } from '../tune-document.ts';
import { openTuneRun, runAtWork, type TuneRun } from '../tune-runs.ts';
import { watchTune } from '../tune-watch.ts';
import type { AddCommand } from './add-command.ts';
import { print } from './prompt-output.ts';
import type { TerminalIo } from './terminal-io.ts';
import { formatTune } from './tune-format.ts';
import { watchRun } from './tune-start.ts';
import { type TaskJobs, taskJobs } from './tune-task.ts';
import { trainingViewOf } from './tune-view.ts';

interface WatchFlags {
  readonly task?: string;
  readonly json?: boolean;
}

/** `rung tune watch [job]`: shows a training job until it has ended. Watching, and ceasing to, changes nothing. */
export const addTuneWatch: AddCommand = (tune, io, exit) => {
  tune
    .command('watch')
    .argument('[job]', 'id of a job, or its beginning; the newest')
    .description('show a training job while it runs, and what came of it')
    .option('--task <path>', 'task folder or file; the nearest upward')
    .option('--json', 'print one JSON document at the end, alone, on stdout')
    .option('--debug', 'show stack traces')
    .action(async (beginning: string | undefined, flags: WatchFlags) => exit(await watch(beginning, flags, io)));
};

async function watch(beginning: string | undefined, flags: WatchFlags, io: TerminalIo): Promise<ExitCode> {
  const task = await taskJobs(flags.task, io);
  const watchWork = (run: TuneRun) => watchRun(run, () => run.worker() === undefined, task, flags, io);
  // a run that is still being prepared has no job yet
  const atWork = beginning === undefined ? await runAtWork(task.folder) : undefined;
  if (atWork !== undefined) return watchWork(atWork);
  const record = await task.jobs.find(beginning);
  const run = runOf(record, task);
  if (run?.worker() !== undefined) return watchWork(run);
  const ended = isFinal(record.state) ? record : await watchJob(record, task, io);
  return show(ended, task, flags, io);
}

/** The run of `rung tune start` that a job is of; undefined where a climb began it. */
export function runOf({ metadata }: JobRecord, { folder }: TaskJobs): TuneRun | undefined {
  const id = metadata?.['run'];
  if (typeof id !== 'string' || !/^tune_[0-9a-f]{12}$/.test(id)) return undefined;
  return openTuneRun(join(folder, '.rung', 'tunes', id), id);
}

async function watchJob({ id }: JobRecord, { jobs, again }: TaskJobs, io: TerminalIo): Promise<JobRecord> {
  const view = trainingViewOf(io);
  const stop = new AbortController();
  io.onInterrupt(() => stop.abort());
  try {
    await watchTune({ jobs, job: id, isOver: () => jobs.runner(id) === undefined, signal: stop.signal }, view);
  } finally {
    view.end();
  }
  const record = await jobs.find(id);
  if (isFinal(record.state)) return record;
  if (stop.signal.aborted) {
    throw new RungError({
      code: 'not-watched',
      message: 'No longer watched; the training goes on.',
      hint: `Watch it again with rung tune watch ${id}${again}.`,
      exitCode: exitCodes.interrupted,
    });
  }
  const why = record.error === undefined ? '' : ` ${record.error.message}${record.error.hint === undefined ? '' : ` ${record.error.hint}`}`;
  throw new RungError({
    code: 'tune-stopped',
    message: `The job ${id} is ${record.state === 'paused' ? 'paused' : 'stopped'}: nobody works on it.${why}`,
    hint: 'Run the same rung tune start, or the climb that began it, again: it goes on where it was.',
  });
}

async function show(record: JobRecord, { jobs }: TaskJobs, { json }: WatchFlags, io: TerminalIo): Promise<ExitCode> {
  const events = await jobs.events(record.id);
  const document = tuneDocument(record, events);
  print(io, json, document, (columns) => formatTune(document, events, { columns }));
  return record.state === 'succeeded' ? exitCodeOfGuards(document.guards) : exitCodes.error;
}
