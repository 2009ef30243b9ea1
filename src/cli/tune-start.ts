import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ExitCode, exitCodes, RungError } from '#core/errors.ts';
import type { JobRecord } from '#core/job.ts';
import { visibleText } from '#report/visible-text.ts';
import { defaultPlugins } from '../default-plugins.ts';
import { planTask } from '../session.ts';
import { dryRunTune } from '../tune-dry-run.ts';
import { mostMends } from '../tune-mend.ts';
import { tunedRung } from '../tune-rung.ts';
import { type TuneOutcome, type TuneRun, tuneRunOf } from '../tune-runs.ts';
import { checkedSweep } from '../tune-sweep.ts';
import { watchTune } from '../tune-watch.ts';
import type { AddCommand } from './add-command.ts';
import { print } from './prompt-output.ts';
import { taskPath } from './record-decision.ts';
import { withDotEnv } from './run-task.ts';
import type { TerminalIo } from './terminal-io.ts';
import { addTuneFlags, requestOf, type TuneFlags } from './tune-flags.ts';
import { formatTune } from './tune-format.ts';
import { formatTuneDryRun } from './tune-format-dry-run.ts';
import { startTuneProcess } from './tune-process.ts';
import { type TaskJobs, taskJobs } from './tune-task.ts';
import { trainingViewOf } from './tune-view.ts';

interface StartFlags extends TuneFlags {
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly detach?: boolean;
}

/** `rung tune start [task]`: tunes the task's tuned rung in a process of its own, and watches it. */
export const addTuneStart: AddCommand = (tune, io, exit) => {
  addTuneFlags(
    tune
      .command('start')
      .argument('[task]', 'task folder or file; without one, the nearest upward')
      .description('tune a rung of the task and hold it against the guards; started again, it goes on where it was'),
  )
    .option('--json', 'print one JSON document, alone, on stdout')
    .option('--dry-run', 'say what would be trained and what it would cost; start nothing')
    .option('--detach', 'do not wait for the end')
    .option('--debug', 'show stack traces')
    .action(async (path: string | undefined, flags: StartFlags) => exit(await start(path, flags, io)));
};

async function start(path: string | undefined, flags: StartFlags, io: TerminalIo): Promise<ExitCode> {
  const plugins = defaultPlugins();
  const request = requestOf(await taskPath(path, io), flags);
  try {
    const environment = await withDotEnv(io);
    // what is wrong with the task or the flags is said here and at once
    const planned = await patiently('Reading the task.', io, planTask({ task: request.task, plugins, environment, seed: request.seed }));
    const rung = tunedRung(planned.plan, request, plugins.approaches);
    const configurations = request.sweep === undefined ? 1 : checkedSweep(rung, request.sweep);
    if (flags.dryRun) {
      const note = (message: string) => void io.stderr.write(`${visibleText(message)}\n`);
      const dry = await dryRunTune(planned, rung, { plugins, environment, concurrency: request.concurrency, note });
      const tried = { ...(request.sweep !== undefined && { configurations }), ...(request.mend === true && { mends: mostMends }) };
      print(io, flags.json, { ...dry, ...tried }, (columns) => [
        ...formatTuneDryRun(dry, columns),
        ...(configurations === 1 ? [] : [[{ text: `The sweep takes less than ${configurations} times that.` }]]),
        ...(request.mend === true
          ? [[{ text: `Where a guard stands in the way, --mend tunes up to ${mostMends} times more, each with its guards.` }]]
          : []),
      ]);
      return exitCodes.done;
    }
  } finally {
    await plugins.close();
  }
  const task = await taskJobs(path, io);
  const run = await tuneRunOf(task.folder, request);
  await lastBreathOf(run);
  const process = run.worker() === undefined ? await startTuneProcess(run, io) : undefined;
  // of two that start at once one works, and both watch it
  const isOver = () => (process?.hasEnded() ?? true) && run.worker() === undefined;
  if (flags.detach) return detached(run, isOver, task, flags, io);
  return watchRun(run, isOver, task, flags, io);
}

const silenceMs = 1_000;

/** Says what takes long. */
async function patiently<T>(what: string, io: TerminalIo, work: Promise<T>): Promise<T> {
  const timer = setTimeout(() => io.stderr.write(`${what}\n`), silenceMs);
  return work.finally(() => clearTimeout(timer));
}

const lastBreathMs = 10_000;

/** A worker that has written down how it ended, and is about to go, is not one to watch: what was asked now is asked anew. */
async function lastBreathOf(run: TuneRun): Promise<void> {
  const until = performance.now() + lastBreathMs;
  while (run.worker() !== undefined && (await run.outcome()) !== undefined && performance.now() < until) await sleep(20);
}

/** Shows a run until it has ended and prints what came of it. Ctrl-C ends the watching and not the run. */
export async function watchRun(
  run: TuneRun,
  isOver: () => boolean,
  task: TaskJobs,
  { json }: { readonly json?: boolean },
  io: TerminalIo,
): Promise<ExitCode> {
  const view = trainingViewOf(io);
  const stop = new AbortController();
  io.onInterrupt(() => stop.abort());
  let outcome: TuneOutcome | undefined;
  try {
    outcome = await watchTune({ jobs: task.jobs, run, isOver, signal: stop.signal }, view);
  } finally {
    view.end();
  }
  if (outcome === undefined && stop.signal.aborted) throw notWatched(task);
  if (outcome === undefined) throw await stopped(run);
  if ('error' in outcome) throw new RungError({ ...outcome.error, exitCode: outcome.exitCode });
  const { document, notes, exitCode } = outcome;
  const events = await task.jobs.events(document.job);
  print(io, json, document, (columns) => formatTune(document, events, { columns, notes }));
  return exitCode;
}

const firstJobMs = 10_000;

/** Names the job, as soon as there is one. */
async function detached(run: TuneRun, isOver: () => boolean, task: TaskJobs, flags: StartFlags, io: TerminalIo): Promise<ExitCode> {
  const first = new AbortController();
  // whoever asks next finds it at work, however slowly it comes up
  while (run.worker() === undefined && !isOver()) await sleep(20);
  const timer = setTimeout(() => first.abort(), firstJobMs);
  let job: string | null = null;
  const view = {
    job({ id }: JobRecord) {
      job = id;
      first.abort();
    },
    event() {},
    doing() {},
  };
  const outcome = await watchTune({ jobs: task.jobs, run, isOver, signal: first.signal }, view).finally(() => clearTimeout(timer));
  if (outcome !== undefined && 'error' in outcome) throw new RungError({ ...outcome.error, exitCode: outcome.exitCode });
  if (outcome === undefined && job === null && isOver()) throw await stopped(run);
  const document = { job: outcome?.document.job ?? job, run: run.id, log: run.logFile };
  const watch = `rung tune watch${document.job === null ? '' : ` ${document.job}`}${task.again}`;
  print(io, flags.json, document, () => [
    [{ text: document.job === null ? 'It is being prepared.' : `${document.job} is at work.` }],
    [{ text: `Watch it: ${watch}` }],
  ]);
  return exitCodes.done;
}

function notWatched({ again }: TaskJobs): RungError {
  return new RungError({
    code: 'not-watched',
    message: 'No longer watched; the tune goes on.',
    hint: `Watch it again with rung tune watch${again}, or end it with rung tune cancel${again}.`,
    exitCode: exitCodes.interrupted,
  });
}

async function stopped({ logFile }: TuneRun): Promise<RungError> {
  const log = await readFile(logFile, 'utf8').catch(() => '');
  const said = log.trimEnd().split('\n').at(-1) ?? '';
  const why = said.startsWith('rung: ') ? ` It said: ${said.slice('rung: '.length)}` : '';
  return new RungError({
    code: 'tune-stopped',
    message: `The process that tuned was stopped before its end.${why}`,
    hint: 'Run the same rung tune start again: it goes on where it was. Its log says more.',
    place: { file: logFile },
  });
}
