import { setImmediate } from 'node:timers/promises';
import { messageOf, RungError } from '#core/errors.ts';
import type { Model } from '#core/model.ts';
import type { Trainer, TrainingJob } from '#core/trainer.ts';
import { changeJob, type JobContext, noted, runsOf, siteOf } from './job-context.ts';
import { type ServedJob, suffixOf, trainingMethodOf } from './served-job.ts';
import { type FileParam, readTrainingFiles, TrainingFileFault, type TrainingText } from './training-file.ts';
import { hyperparametersOf } from './wire-hyperparameters.ts';

/** Checks a job's files, writes its rows down and moves it to the queue; a job whose files do not do ends as failed. */
export async function validateJob(job: ServedJob, context: JobContext, signal: AbortSignal): Promise<ServedJob> {
  await changeJob(job.id, context, (now) => noted(now, context.now(), `Validating training file: ${job.trainingFile}`));
  try {
    const trainer = context.bases.trainerFor(job.base, trainingMethodOf(job), job.trainer);
    const trainingJob = await trainingJobOf(job, trainer, context);
    await checkLengths(trainingJob, context, signal);
    await trainer.check?.(trainingJob, siteOf(job, trainer, context, signal));
    const { id: run } = await runsOf(job, context).create(trainingJob, { trainer: trainer.id, metadata: { job: job.id } });
    return await changeJob(job.id, context, (now) =>
      now.state === 'validating'
        ? { state: 'queued', run, ...noted(now, context.now(), 'Files validated, moving job to queued state') }
        : {},
    );
  } catch (error) {
    if (signal.aborted) return job;
    const fault = faultOf(error);
    if (!(error instanceof TrainingFileFault) && !RungError.is(error)) context.log(`${job.id}: ${messageOf(error)}`);
    return changeJob(job.id, context, (now) =>
      now.state === 'validating'
        ? { state: 'failed', endedAt: context.now(), error: fault, ...noted(now, context.now(), fault.message, 'error') }
        : {},
    );
  }
}

async function trainingJobOf(job: ServedJob, trainer: Trainer, context: JobContext): Promise<TrainingJob> {
  const training = await textOf(job.trainingFile, 'training_file', context);
  const validation = job.validationFile === null ? undefined : await textOf(job.validationFile, 'validation_file', context);
  return {
    ...readTrainingFiles(trainingMethodOf(job), training, validation),
    base: { ...job.from, model: context.bases.tunable(job.base).name },
    hyperparameters: hyperparametersOf(job.hyperparameters),
    seed: job.seed,
    trainer: trainer.id,
    ...(job.suffix === null ? {} : { suffix: suffixOf(job) }),
  };
}

async function textOf(id: string, param: FileParam, { files }: JobContext): Promise<TrainingText> {
  const file = files.read(id);
  if (file === undefined) throw new TrainingFileFault('file_not_found', param, `The file ${id} was deleted before it was read.`);
  const bytes = await files.content(file);
  try {
    return { param, filename: file.filename, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    throw new TrainingFileFault('invalid_training_file', param, `Invalid file format. ${file.filename} is not UTF-8 text.`);
  }
}

/** Rows that are longer than the base model reads, even without what its template adds. */
async function checkLengths(job: TrainingJob, context: JobContext, signal: AbortSignal): Promise<void> {
  if (job.method === 'pretraining') return;
  const model = await openQuietly(job, context);
  const { contextLength } = model ?? {};
  if (model?.countTokens === undefined || contextLength === undefined) return;
  for (const [param, rows] of [['training_file', job.train] as const, ['validation_file', job.validation] as const]) {
    for (const [index, row] of rows.entries()) {
      const texts = [...row.messages.map(({ content }) => content), ...('chosen' in row ? [row.chosen] : [])];
      // no token is shorter than a byte
      if (texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) <= contextLength) continue;
      // counting takes milliseconds, and requests are answered meanwhile
      await setImmediate(undefined, { signal });
      const tokens = texts.reduce((sum, text) => sum + (model.countTokens?.(text) ?? 0), 0);
      if (tokens <= contextLength) continue;
      throw new TrainingFileFault(
        'example_too_long',
        param,
        `Example ${index + 1} has ${tokens} tokens or more; ${job.base.model} reads ${contextLength}. Shorten it, or take it out.`,
      );
    }
  }
}

/** The base model where it can be opened without being asked anything. */
async function openQuietly(job: TrainingJob, { bases }: JobContext): Promise<Model | undefined> {
  return bases.open(job.base, undefined).catch(() => undefined);
}

function faultOf(error: unknown): NonNullable<ServedJob['error']> {
  if (error instanceof TrainingFileFault) return { code: error.code, message: error.message, param: error.param };
  if (!RungError.is(error)) return { code: 'server_error', message: messageOf(error), param: null };
  const message = error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
  return { code: error.code.replaceAll('-', '_'), message, param: error.code.startsWith('training-rows') ? 'training_file' : null };
}
