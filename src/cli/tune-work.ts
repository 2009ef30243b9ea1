import { basename, resolve } from 'node:path';
import { exitCodes, messageOf, RungError } from '#core/errors.ts';
import type { ProgressListener } from '#core/progress.ts';
import type { PlannedRung } from '#engine/plan.ts';
import { defaultPlugins } from '../default-plugins.ts';
import { planTask } from '../session.ts';
import { exitCodeOfGuards, tuneDocument } from '../tune-document.ts';
import { mendNote, mendTune } from '../tune-mend.ts';
import { entryFor, tunedRung } from '../tune-rung.ts';
import { openTuneRun, type TuneDoing, type TuneOutcome, type TuneRequest, type TuneRun } from '../tune-runs.ts';
import { sweepTask } from '../tune-sweep.ts';
import { type TuneReport, tuneTask } from '../tune-task.ts';
import type { AddCommand } from './add-command.ts';
import { interruption } from './interruption.ts';
import { withDotEnv } from './run-task.ts';
import { showError } from './show-error.ts';
import { progressOf } from './task-progress.ts';
import type { TerminalIo } from './terminal-io.ts';
import { workCommand } from './tune-process.ts';

/** `rung tune work FOLDER`, which `rung tune start` runs in a process of its own: works on a run and writes down how it ended. */
export const addTuneWork: AddCommand = (tune, io, exit) => {
  tune
    .command(workCommand, { hidden: true })
    .argument('<folder>')
    .action(async (folder: string) => {
      const path = resolve(io.workingFolder, folder);
      const run = openTuneRun(path, basename(path));
      const lock = await run.lock();
      if (lock === undefined) return exit(exitCodes.error);
      try {
        const outcome = await worked(run, io);
        await run.end(outcome);
        exit(outcome.exitCode);
      } finally {
        lock.release();
      }
    });
};

async function worked(run: TuneRun, io: TerminalIo): Promise<TuneOutcome> {
  const plugins = defaultPlugins();
  try {
    const request = await run.request();
    await run.setDoing({ message: 'reading the task' }).catch(() => {});
    const environment = await withDotEnv(io);
    const planned = await planTask({ task: request.task, plugins, environment, seed: request.seed });
    const asked = tunedRung(planned.plan, request, plugins.approaches);
    const view = progressOf(planned, io);
    const { budget, maxCalls, concurrency } = request;
    const running = {
      ...{ plugins, environment, budget, maxCalls, concurrency, ...interruption(io) },
      jobMetadata: { run: run.id },
      progress: bothOf(view.listen, tellingOf(run)),
    };
    try {
      const sweep = request.sweep && (await sweepTask(planned, asked, request.sweep, running));
      const bills = sweep === undefined ? [] : [sweep.spent];
      const tune = async (rung: PlannedRung) => {
        const tuned = await tuneTask(planned, { ...running, ...whatIsLeft(running, bills), rung });
        bills.push(tuned.spent);
        return tuned;
      };
      const first = await tune(sweep?.rung ?? asked);
      const { rung, report, tried } = request.mend
        ? await mendTune(sweep?.rung ?? asked, first, { tune, guards: plugins.guards })
        : { rung: sweep?.rung ?? asked, report: first, tried: undefined };
      const { record, events, candidate } = report;
      const entry = entryFor(planned.plan, rung);
      return {
        exitCode: exitCodeOfGuards(record.guards ?? []),
        document: tuneDocument({ ...record, metadata: { ...record.metadata, rung: rung.name } }, events, {
          candidate,
          spent: together(bills),
          sweep: sweep?.standings,
          mended: tried,
        }),
        rung: rung.name,
        notes: [
          ...[mendNote(tried ?? [], planned.task.confidence)].flatMap((note) => note ?? []),
          ...(entry === undefined ? [] : [`For a climb to find it, put it on the ladder: ${entry}`]),
        ],
      };
    } finally {
      view.end();
    }
  } catch (error) {
    const known = RungError.is(error) ? error : undefined;
    showError(error, io, { json: false, debug: known === undefined });
    return {
      exitCode: known?.exitCode ?? exitCodes.error,
      error: { code: known?.code ?? 'internal', message: messageOf(error), hint: known?.hint, place: known?.place },
    };
  } finally {
    await plugins.close();
  }
}

/** Says in the run's folder what is done besides training, one message after another. */
function tellingOf(run: TuneRun): ProgressListener {
  let [next, writing]: [TuneDoing | undefined, boolean] = [undefined, false];
  const write = async () => {
    writing = true;
    for (let doing = next; doing !== undefined; doing = next) {
      next = undefined;
      // what is shown to a watcher is not worth ending a tune for
      await run.setDoing(doing).catch(() => {});
    }
    writing = false;
  };
  return (event) => {
    if (event.type !== 'prepare') return;
    const { message, done, total } = event;
    next = { message, ...(done !== undefined && { done }), ...(total !== undefined && { total }) };
    if (!writing) void write();
  };
}

function bothOf(one: ProgressListener, other: ProgressListener): ProgressListener {
  return (event) => {
    one(event);
    other(event);
  };
}

/** A budget is for the sweep, the tune and what mends it together. */
function whatIsLeft(
  { budget, maxCalls }: Pick<TuneRequest, 'budget' | 'maxCalls'>,
  bills: readonly TuneReport['spent'][],
): Pick<TuneRequest, 'budget' | 'maxCalls'> {
  const { dollars, calls } = together(bills);
  return {
    ...(budget !== undefined && { budget: Math.max(0, budget - dollars) }),
    ...(maxCalls !== undefined && { maxCalls: Math.max(0, maxCalls - calls) }),
  };
}

const nothing: TuneReport['spent'] = { dollars: 0, calls: 0, cached: 0, retries: 0, failures: 0, seconds: 0 };

function together(bills: readonly TuneReport['spent'][]): TuneReport['spent'] {
  return bills.reduce(
    (sum, bill) => ({
      dollars: sum.dollars + bill.dollars,
      calls: sum.calls + bill.calls,
      cached: sum.cached + bill.cached,
      retries: sum.retries + bill.retries,
      failures: sum.failures + bill.failures,
      seconds: sum.seconds + bill.seconds,
    }),
    nothing,
  );
}
