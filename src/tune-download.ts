import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes, inputError, RungError } from '#core/errors.ts';
import type { JobRecord } from '#core/job.ts';
import type { Trainer, TrainerSite, WeightsOrder } from '#core/trainer.ts';
import type { Jobs } from '#jobs/jobs.ts';
import { openArtefacts } from '#stores/artefacts.ts';
import type { PlannedTask } from './session.ts';
import type { TaskRunOptions } from './task-run.ts';
import { adapterPlace, type ImportedAdapter, importAdapter } from './tune-import.ts';
import { jobSite } from './tune-job-site.ts';
import { otherWay, weightsPlace } from './tune-weights.ts';

export interface DownloadOptions extends Pick<TaskRunOptions, 'plugins' | 'environment'> {
  readonly jobs: Jobs;
  /** What it is to be called in the task. */
  readonly name: string;
  /** What its base is called here, where the service calls it otherwise. */
  readonly base?: string;
  readonly signal: AbortSignal;
  readonly onBytes: WeightsOrder['onBytes'];
}

/**
 * Brings the adapter of a job that a service ran into `adapters/NAME` of its task, whole or not at all. What a call that was killed
 * had fetched is gone on with. Throws usage errors for a job that has no weights to fetch and a name that is taken, a ModelError
 * where the service fails, and an error with exit code 130 where the signal is aborted.
 */
export async function downloadAdapter(planned: PlannedTask, record: JobRecord, options: DownloadOptions): Promise<ImportedAdapter> {
  const { jobs, name, base, signal } = options;
  const { folder: taskFolder } = planned.task;
  await adapterPlace(taskFolder, name);
  const lock = await jobs.lock(record.id);
  if (lock === undefined) {
    throw inputError({
      code: 'job-at-work',
      message: `Another process works on the job ${record.id}, perhaps on this very download.`,
      hint: 'Wait until it has ended.',
    });
  }
  const folder = join(jobs.scratchFolder(record.id), 'download');
  try {
    const from = await jobSite(planned, record, options, (trainer, site) => fetched(trainer, site, { record, folder, options }));
    const imported = await importAdapter(from, { taskFolder, name, ...(base === undefined ? {} : { base }) });
    await rm(folder, { recursive: true, force: true });
    return imported;
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new RungError({
      code: 'download-stopped',
      message: 'The download was stopped; nothing was put into the task.',
      hint: 'Run the same command again: it goes on where it was, where the service lets it.',
      exitCode: exitCodes.interrupted,
    });
  } finally {
    lock.release();
  }
}

/** Throws a usage error for a job whose weights are not to be had from a service. */
export async function checkDownload(
  record: JobRecord,
  options: Pick<DownloadOptions, 'plugins'> & { readonly stateFolder: string },
): Promise<void> {
  const { id, state, trainer } = record;
  if (state !== 'succeeded') {
    throw inputError({
      code: 'job-not-succeeded',
      message: `The job ${id} is ${state}: it has no weights to fetch.`,
      hint: `See how it goes with rung tune watch ${id}; an equal rung tune start goes on with it.`,
    });
  }
  const place = weightsPlace(record, options.plugins.trainers);
  if (place?.kind === 'here') {
    const folder = await openArtefacts(options.stateFolder).path(place.artefact);
    throw inputError({
      code: 'weights-here',
      message: `The job ${id} was trained by ${trainer}, and its adapter is on this machine already: ${folder}.`,
      hint: `rung tune import ${folder} puts a copy into the task under a name.`,
    });
  }
  if (place?.kind === 'withheld') throw inputError({ code: 'weights-withheld', message: place.why, hint: otherWay });
  if (place === undefined) {
    throw inputError({ code: 'weights-withheld', message: `The trainer ${trainer} is not known to hand out weights.`, hint: otherWay });
  }
}

async function fetched(
  trainer: Trainer,
  site: TrainerSite,
  { record, folder, options }: { readonly record: JobRecord; readonly folder: string; readonly options: DownloadOptions },
): Promise<string> {
  const { handle, method, id } = record;
  if (trainer.download === undefined || handle === undefined) {
    throw inputError({ code: 'weights-withheld', message: `What the service calls the job ${id} is not known any more.`, hint: otherWay });
  }
  return trainer.download({ handle, method, folder, onBytes: options.onBytes }, site);
}
