import { Readable } from 'node:stream';
import { messageOf, RungError } from '#core/errors.ts';
import type { JobRecord } from '#core/job.ts';
import type { TrainingEvent } from '#core/trainer.ts';
import { resumeJob } from '#jobs/run-job.ts';
import { sampleFileName, writeSamples } from '#trainers/sample-file.ts';
import { changeJob, type JobContext, noted, runsOf, siteOf } from './job-context.ts';
import { resultsCsv } from './job-wire.ts';
import { newId } from './new-id.ts';
import { hasEnded, type ServedJob, trainingMethodOf, tunedName } from './served-job.ts';
import { settledHyperparameters } from './wire-hyperparameters.ts';

/** Milliseconds between two looks at a running job. */
const pollMs = 250;

/** Trains a job to its end, or until the signal is aborted: then it stays as it is and goes on when it is run again. */
export async function runServedJob(
  job: ServedJob & { readonly run: string },
  context: JobContext,
  signal: AbortSignal,
  onEvent: (event: TrainingEvent) => void,
): Promise<void> {
  const jobs = runsOf(job, context);
  const { artefacts, now } = context;
  try {
    const trainer = context.bases.trainerFor(job.base, trainingMethodOf(job), job.trainer);
    const record = await resumeJob(job.run, {
      jobs,
      trainer,
      site: siteOf(job, trainer, context, signal),
      keep: (folder) => artefacts.put(folder),
      onEvent,
      now,
      pollMs,
    });
    await conclude(job, record, context);
  } catch (error) {
    const message = RungError.is(error) && error.hint !== undefined ? `${error.message} ${error.hint}` : messageOf(error);
    const code = RungError.is(error) ? error.code.replaceAll('-', '_') : 'server_error';
    context.log(`${job.id}: ${message}`);
    await fail(job, { code, message, param: null }, context);
  } finally {
    await changeJob(job.id, context, () => ({ ending: undefined }));
  }
}

async function conclude(job: ServedJob, record: JobRecord, context: JobContext): Promise<void> {
  const { now } = context;
  if (record.state === 'failed') {
    const { message = 'The training failed.', hint } = record.error ?? {};
    return fail(job, { code: 'training_failed', message: hint === undefined ? message : `${message} ${hint}`, param: null }, context);
  }
  if (record.state === 'cancelled') {
    await changeJob(job.id, context, (current) => (hasEnded(current) ? {} : { state: 'cancelled', endedAt: now() }));
    return;
  }
  // a run that was paused goes on later; whoever paused it said so
  if (record.state !== 'succeeded' || record.model === undefined) {
    const told = record.error?.message;
    if (told !== undefined)
      await changeJob(job.id, context, (current) => (hasEnded(current) ? {} : { state: 'paused', ...noted(current, now(), told, 'warn') }));
    return;
  }
  if (context.records.read(job.id)?.state === 'cancelled') return;
  const events = await runsOf(job, context).events(record.id);
  const csv = Readable.from([Buffer.from(resultsCsv(events.map(({ event }) => event)))]);
  const { id: resultFile } = await context.files.add(csv, { filename: 'step_metrics.csv', purpose: 'fine-tune-results' });
  const samplesFile = await keepSamples(record, context);
  const tuned = { model: record.model.model, ...(record.model.adapter === undefined ? {} : { adapter: record.model.adapter }) };
  const { organization } = context.config;
  await changeJob(job.id, context, (current) => ({
    state: 'succeeded',
    endedAt: now(),
    tuned,
    resultFile,
    ...(samplesFile === undefined ? {} : { samplesFile }),
    ...(record.trainedTokens === undefined ? {} : { trainedTokens: record.trainedTokens }),
    hyperparameters: settledHyperparameters(current.hyperparameters, record.hyperparameters),
    checkpoints: checkpointsOf(record, events),
    notes: [
      ...current.notes,
      { at: now(), level: 'info' as const, message: `New fine-tuned model created: ${tunedName(job, organization)}` },
      { at: now(), level: 'info' as const, message: 'The job has successfully completed' },
    ],
  }));
}

/** What the guard `parity` holds the tuned model's server against; undefined where the trainer gave none. */
async function keepSamples({ samples = [] }: JobRecord, { files }: JobContext): Promise<string | undefined> {
  if (samples.length === 0) return undefined;
  const lines = Readable.from([Buffer.from(writeSamples(samples))]);
  return (await files.add(lines, { filename: sampleFileName, purpose: 'fine-tune-results' })).id;
}

/** The models that were kept on the way, and the one that was taken in the end. */
function checkpointsOf(
  record: JobRecord,
  events: readonly { readonly at: number; readonly event: TrainingEvent }[],
): ServedJob['checkpoints'] {
  const losses = new Map<number, Extract<TrainingEvent, { type: 'step' }>>();
  const found = new Map<number, ServedJob['checkpoints'][number]>();
  const finalStep = record.bestStep ?? 0;
  const add = (
    at: number,
    step: number,
    model: NonNullable<JobRecord['model']>,
    evaluation?: Extract<TrainingEvent, { type: 'evaluation' }>,
  ) => {
    const learnt = losses.get(step);
    const metrics = {
      train_loss: learnt?.trainLoss,
      train_mean_token_accuracy: learnt?.tokenAccuracy,
      valid_loss: evaluation?.validationLoss,
      valid_mean_token_accuracy: evaluation?.tokenAccuracy,
    };
    const measured = Object.entries(metrics).filter((entry): entry is [string, number] => entry[1] !== undefined);
    found.set(step, { id: newId('ftckpt_'), at, step, model: { ...model }, metrics: Object.fromEntries(measured) });
  };
  for (const { at, event } of events) {
    if (event.type === 'step') losses.set(event.step, event);
    if (event.type !== 'evaluation') continue;
    if (event.checkpoint !== undefined) add(at, event.step, event.checkpoint, event);
    else if (event.step === finalStep && record.model !== undefined) add(at, event.step, record.model, event);
  }
  if (!found.has(finalStep) && record.model !== undefined) add(record.endedAt ?? 0, finalStep, record.model);
  return [...found.values()].sort((one, other) => one.step - other.step);
}

async function fail(job: ServedJob, error: NonNullable<ServedJob['error']>, context: JobContext): Promise<void> {
  const { now } = context;
  await changeJob(job.id, context, (current) =>
    hasEnded(current) ? {} : { state: 'failed', endedAt: now(), error, ...noted(current, now(), error.message, 'error') },
  );
}
