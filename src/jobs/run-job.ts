import { RungError } from '#core/errors.ts';
import type { JobRecord } from '#core/job.ts';
import type { TrainingJob, TrainingOutcome } from '#core/trainer.ts';
import { JobRun, type RunJobOptions } from './job-run.ts';
import type { Jobs } from './jobs.ts';

/**
 * Runs a job on its trainer until it has ended, picking up what an earlier run left, and gives its record: succeeded, failed
 * or cancelled; paused where its service paused it or the site's signal was aborted. A job that has succeeded is not run
 * again. Throws what the trainer's check throws, what `reserve` or `evaluate` throw, and where another process runs the job.
 */
export async function runJob(job: TrainingJob, options: RunJobOptions): Promise<JobRecord> {
  const { jobs, trainer, site } = options;
  const identities = [options.identity, await trainer.identity?.(site)].filter((each) => each !== undefined);
  const identity = identities.length === 0 ? undefined : identities.join(' ');
  const { id } = await jobs.create(job, { trainer: trainer.id, identity });
  return runKnown(id, job, options);
}

/** The same of a job that was written down before, by its id. */
export async function resumeJob(id: string, options: Omit<RunJobOptions, 'identity'>): Promise<JobRecord> {
  return runKnown(id, await options.jobs.job(id), options);
}

async function runKnown(id: string, job: TrainingJob, options: RunJobOptions): Promise<JobRecord> {
  const { jobs, metadata } = options;
  const lock = await jobs.lock(id);
  if (lock === undefined) throw isRunElsewhere(id, jobs);
  try {
    const record = (await jobs.read(id)) as JobRecord;
    if (record.state === 'succeeded' && (await isStillThere(record, options))) return record;
    const known = metadata === undefined ? record : await jobs.change(id, { metadata });
    return await new JobRun(job, known, options).toEnd();
  } finally {
    lock.release();
  }
}

/** What a job that succeeded gave. Throws where it did not. */
export async function outcomeOf(
  { id, model, bestStep, hyperparameters, seconds, ...record }: JobRecord,
  jobs: Jobs,
): Promise<TrainingOutcome> {
  if (model === undefined) throw new TypeError(`The job ${id} has no model.`);
  const { cost, trainedTokens, samples } = record;
  const events = (await jobs.events(id)).map(({ event }) => event);
  return { model, hyperparameters, events, bestStep: bestStep ?? 0, seconds: seconds ?? 0, cost, trainedTokens, samples };
}

async function isStillThere({ model }: JobRecord, { site }: RunJobOptions): Promise<boolean> {
  if (model?.adapter === undefined) return model !== undefined;
  return site.adapterFolder(model.adapter).then(
    () => true,
    () => false,
  );
}

function isRunElsewhere(id: string, jobs: Jobs): RungError {
  const holder = jobs.runner(id);
  return new RungError({
    code: 'job-running',
    message: `The job ${id} is being run by ${holder === undefined || holder.pid === 0 ? 'another process' : `process ${holder.pid} on ${holder.host}`}.`,
    hint: `Watch it with rung tune watch ${id}, or end it with rung tune cancel ${id}.`,
  });
}
