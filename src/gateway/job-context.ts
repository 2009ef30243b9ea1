import { join } from 'node:path';
import type { ArtefactStore } from '#core/approach.ts';
import type { Trainer, TrainerSite } from '#core/trainer.ts';
import { type Jobs, openJobs } from '#jobs/jobs.ts';
import type { Bases } from './bases.ts';
import type { ServeConfig } from './config.ts';
import type { FileStore } from './file-store.ts';
import type { RecordFolder } from './record-folder.ts';
import type { ServedJob } from './served-job.ts';

/** What whoever works on the server's jobs shares. */
export interface JobContext {
  readonly records: RecordFolder<ServedJob>;
  readonly files: FileStore;
  readonly bases: Bases;
  readonly artefacts: ArtefactStore;
  readonly config: ServeConfig;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** State of the server. */
  readonly folder: string;
  now(): number;
  /** A line for whoever runs the server. */
  log(line: string): void;
}

/** The training jobs of one job of the API: a folder of its own, so that two that ask the same are two. */
export function runsOf({ id }: ServedJob, { folder, now }: JobContext): Jobs {
  return openJobs(join(folder, 'runs', id), now);
}

export function siteOf(job: ServedJob, trainer: Trainer, context: JobContext, signal: AbortSignal): TrainerSite {
  const { config, environment, artefacts, bases } = context;
  return {
    base: bases.tunable(job.base),
    settings: config.trainers[trainer.id] ?? {},
    environment,
    taskFolder: config.folder,
    adapterFolder: (artefact) => artefacts.path(artefact),
    signal,
  };
}

/** Changes the record from what it is by then; the state is the caller's to know. */
export async function changeJob(id: string, context: JobContext, change: (job: ServedJob) => Partial<ServedJob>): Promise<ServedJob> {
  const job = context.records.read(id);
  if (job === undefined) throw new TypeError(`There is no job ${id}.`);
  const changed = { ...job, ...change(job) };
  await context.records.write(changed);
  return changed;
}

/** The change that adds a sentence to what happened to a job. */
export function noted(job: ServedJob, at: number, message: string, level: 'info' | 'warn' | 'error' = 'info'): Pick<ServedJob, 'notes'> {
  return { notes: [...job.notes, { at, level, message }] };
}
