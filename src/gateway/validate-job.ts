import { breather } from '#core/breather.ts';
import { messageOf, RungError } from '#core/errors.ts';
import type { Model } from '#core/model.ts';
import type { Trainer, TrainerSite, TrainingJob } from '#core/trainer.ts';
import { locatedRow, type PlaceOfRow, type RowOfJob, TrainingRowError } from '#core/training-row-error.ts';
import { type Line, readLines } from '#data/read-lines.ts';
import { changeJob, type JobContext, noted, runsOf, siteOf } from './job-context.ts';
import { type ServedJob, suffixOf, trainingMethodOf } from './served-job.ts';
import { type FileParam, type ReadTraining, readTrainingFiles, type TrainingFile, TrainingFileFault } from './training-file.ts';
import { hyperparametersOf } from './wire-hyperparameters.ts';

/** Checks a job's files, writes its rows down and moves it to the queue; a job whose files do not do ends as failed. */
export async function validateJob(job: ServedJob, context: JobContext, signal: AbortSignal): Promise<ServedJob> {
  await changeJob(job.id, context, (now) => noted(now, context.now(), `Validating training file: ${job.trainingFile}`));
  try {
    const trainer = context.bases.trainerFor(job.base, trainingMethodOf(job), job.trainer);
    const { data, lines } = await trainingDataOf(job, context, signal);
    const trainingJob: TrainingJob = {
      ...data,
      base: { ...job.from, model: context.bases.tunable(job.base).name },
      hyperparameters: hyperparametersOf(job.hyperparameters),
      seed: job.seed,
      trainer: trainer.id,
      ...(job.suffix === null ? {} : { suffix: suffixOf(job) }),
    };
    await checked(trainer, trainingJob, siteOf(job, trainer, context, signal), context, placesOf(job, lines, context));
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

/** The trainer's own check, and what every base model refuses; a refused row is named by file and line. */
async function checked(trainer: Trainer, job: TrainingJob, site: TrainerSite, context: JobContext, placeOf: PlaceOfRow): Promise<void> {
  try {
    await checkLengths(job, context, site.signal);
    await trainer.check?.(job, site);
  } catch (error) {
    if (!(error instanceof TrainingRowError)) throw error;
    const { place, code, message, hint } = (await locatedRow(error, placeOf)) as RungError;
    const where = place === undefined ? '' : `${place.file}, line ${place.line}: `;
    const param = error.row.part === 'train' ? 'training_file' : 'validation_file';
    throw new TrainingFileFault(code.replaceAll('-', '_'), param, `${where}${message}${hint === undefined ? '' : ` ${hint}`}`);
  }
}

function trainingDataOf(job: ServedJob, context: JobContext, signal: AbortSignal): Promise<ReadTraining> {
  const training = fileOf(job.trainingFile, 'training_file', context);
  const validation = job.validationFile === null ? undefined : fileOf(job.validationFile, 'validation_file', context);
  return readTrainingFiles(trainingMethodOf(job), training, validation, signal);
}

function fileOf(id: string, param: FileParam, { files }: JobContext): TrainingFile {
  const file = files.read(id);
  if (file === undefined) throw new TrainingFileFault('file_not_found', param, `The file ${id} was deleted before it was read.`);
  const { filename } = file;
  return { param, filename, lines: linesOf(files.path(file), filename, param) };
}

/** Longest line, in bytes: far above what any model reads. */
const longestLine = 256 * 2 ** 20;

async function* linesOf(path: string, filename: string, param: FileParam): AsyncGenerator<Line> {
  try {
    yield* readLines(path, longestLine);
  } catch (error) {
    if (!RungError.is(error)) throw error;
    // the path is the server's own: callers know their file's name
    const where = error.place?.line === undefined ? filename : `${filename}, line ${error.place.line}`;
    if (error.code === 'file-missing') throw new TrainingFileFault('file_not_found', param, `${filename} was deleted before it was read.`);
    const why = error.code === 'not-utf8' ? 'is not UTF-8 text' : 'is longer than any row may be';
    throw new TrainingFileFault('invalid_training_file', param, `Invalid file format. ${where} ${why}.`);
  }
}

/** Uploaded files are named as they were when they were uploaded. */
function placesOf(job: ServedJob, lines: ReadTraining['lines'], { files }: JobContext): PlaceOfRow {
  return async ({ part, index }) => {
    const id = part === 'train' ? job.trainingFile : job.validationFile;
    const file = id === null ? undefined : files.read(id);
    const line = lines[part][index];
    return file === undefined || line === undefined ? undefined : { file: file.filename, line };
  };
}

/** Rows that are longer than the base model reads, even without what its template adds. */
async function checkLengths(job: TrainingJob, context: JobContext, signal: AbortSignal): Promise<void> {
  if (job.method === 'pretraining') return;
  const model = await openQuietly(job, context);
  const { contextLength } = model ?? {};
  if (model?.countTokens === undefined || contextLength === undefined) return;
  const breathe = breather(signal);
  const parts: readonly RowOfJob['part'][] = ['train', 'validation'];
  for (const part of parts) {
    for (const [index, row] of job[part].entries()) {
      await breathe();
      const texts = [...row.messages.map(({ content }) => content), ...('chosen' in row ? [row.chosen] : [])];
      // no token is shorter than a byte
      if (texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) <= contextLength) continue;
      const tokens = texts.reduce((sum, text) => sum + (model.countTokens?.(text) ?? 0), 0);
      if (tokens <= contextLength) continue;
      throw new TrainingRowError({
        code: 'example-too-long',
        row: { part, index },
        fault: `has ${tokens} tokens or more; ${job.base.model} reads ${contextLength}.`,
        hint: 'Shorten it, or take it out.',
      });
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
