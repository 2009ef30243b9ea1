import { setTimeout as sleep } from 'node:timers/promises';
import type { JobEvent, JobRecord } from '#core/job.ts';
import { isFinal, type Jobs } from '#jobs/jobs.ts';
import type { TuneDoing, TuneOutcome, TuneRun } from './tune-runs.ts';

/** What a watcher is shown. */
export interface TuneView {
  job?(record: JobRecord): void;
  event(record: JobRecord, told: JobEvent): void;
  doing(doing: TuneDoing): void;
}

export interface WatchOptions {
  readonly jobs: Jobs;
  /** The run whose jobs are watched, as they come. */
  readonly run?: TuneRun;
  /** One job, where there is no run. */
  readonly job?: string;
  /** True where nobody works on it any more. */
  isOver(): boolean;
  readonly signal: AbortSignal;
}

const lookEveryMs = 200;
/** How long the last events of a job that has ended may take to be read. */
const lastEventsMs = 2_000;

/**
 * Shows what happens until the run, or the job, has ended, its worker has died, or the signal is aborted. Watching changes
 * nothing. Gives how the run ended, where it did.
 */
export async function watchTune({ jobs, run, job, isOver, signal }: WatchOptions, view: TuneView): Promise<TuneOutcome | undefined> {
  const stop = new AbortController();
  const followed = new Map<string, Promise<void>>();
  const seen = new Map<string, number>();
  const follow = async (record: JobRecord) => {
    const { id } = record;
    for await (const told of jobs.followEvents(id, AbortSignal.any([stop.signal, signal]))) {
      if (told.n <= (seen.get(id) ?? 0)) continue;
      seen.set(id, told.n);
      view.event(record, told);
    }
    // a job that had failed before may be begun anew by the same run
    followed.delete(id);
  };
  let shown = '';
  try {
    while (!signal.aborted) {
      // asked first: what it wrote before it ended is read below
      const over = isOver();
      const outcome = await run?.outcome();
      for (const record of await watched(jobs, run, job)) {
        if (followed.has(record.id) || (isFinal(record.state) && seen.has(record.id))) continue;
        view.job?.(record);
        followed.set(record.id, follow(record));
      }
      const doing = await run?.doing();
      if (doing !== undefined && JSON.stringify(doing) !== shown) {
        shown = JSON.stringify(doing);
        view.doing(doing);
      }
      const ended = job !== undefined && run === undefined && isFinal((await jobs.read(job))?.state ?? 'failed');
      if (outcome !== undefined || over || ended) {
        await Promise.race([Promise.all(followed.values()), sleep(lastEventsMs, undefined, { ref: false })]);
        return outcome;
      }
      await sleep(lookEveryMs, undefined, { signal }).catch(() => {});
    }
    return undefined;
  } finally {
    stop.abort();
  }
}

async function watched(jobs: Jobs, run: TuneRun | undefined, job: string | undefined): Promise<readonly JobRecord[]> {
  if (run !== undefined) return (await jobs.list()).filter(({ metadata }) => metadata?.['run'] === run.id);
  const record = job === undefined ? undefined : await jobs.read(job);
  return record === undefined ? [] : [record];
}
