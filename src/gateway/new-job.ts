import { randomInt } from 'node:crypto';
import type { JobContext } from './job-context.ts';
import type { JobRequest } from './job-request.ts';
import { newId } from './new-id.ts';
import { hasEnded, type ServedJob, trainingMethodOf } from './served-job.ts';
import { tunedModels } from './tuned-models.ts';
import { invalid, WireError } from './wire-error.ts';

/** A job whose model, method, trainer and files are there; what the files hold is looked at later. */
export function newJob(request: JobRequest, context: JobContext): ServedJob {
  const { records, bases, files, config } = context;
  const waiting = records.list().filter((job) => !hasEnded(job)).length;
  if (waiting >= config.waitingJobs) {
    throw new WireError(429, `${waiting} jobs have not ended, which is as many as this server keeps. Wait for one, or cancel one.`, {
      type: 'requests',
      code: 'rate_limit_exceeded',
      retryAfter: 60,
    });
  }
  const { base, from } = startOf(request.model, context);
  const trainer = bases.trainerFor(base, trainingMethodOf(request), request.metadata?.['trainer']);
  for (const [param, id] of [['training_file', request.trainingFile] as const, ['validation_file', request.validationFile] as const]) {
    if (id === null) continue;
    const file = files.read(id);
    if (file === undefined) throw invalid(`invalid ${param}: ${JSON.stringify(id)}. There is no such file.`, param, 'invalid_file');
    if (file.purpose === 'fine-tune') continue;
    throw invalid(`invalid ${param}: ${id} has the purpose ${file.purpose}; upload it with the purpose fine-tune.`, param, 'invalid_file');
  }
  const { n_epochs = 'auto', batch_size = 'auto', learning_rate_multiplier = 'auto', beta = 'auto' } = request.hyperparameters;
  const id = newId('ftjob-');
  const now = context.now();
  return {
    id,
    createdAt: now,
    state: 'validating',
    model: request.model,
    base,
    ...(from === undefined ? {} : { from }),
    trainer: trainer.id,
    method: request.method,
    trainingFile: request.trainingFile,
    validationFile: request.validationFile,
    suffix: request.suffix,
    seed: request.seed ?? randomInt(2 ** 31 - 1),
    hyperparameters: { n_epochs, batch_size, learning_rate_multiplier, ...(request.method === 'dpo' ? { beta } : {}) },
    metadata: request.metadata === null ? null : { ...request.metadata },
    checkpoints: [],
    notes: [{ at: now, level: 'info', message: `Created fine-tuning job: ${id}` }],
  };
}

/** The base model of a job, and the adapter that it goes on from where a tuned model was named. */
function startOf(model: string, { records, bases, config }: JobContext): Pick<ServedJob, 'base' | 'from'> {
  const found = bases.has(model) ? undefined : tunedModels(records.list(), config.organization).find(({ name }) => name === model);
  if (found === undefined) return { base: model };
  const { adapter } = found.reference;
  if (adapter !== undefined) return { base: found.job.base, from: { model: found.reference.model, adapter } };
  throw invalid(`The model ${JSON.stringify(model)} is kept by its service and is not tuned further here.`, 'model', 'model_not_available');
}
