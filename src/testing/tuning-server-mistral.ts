import { ok, type TuningDialect, type TuningReply, type TuningRequest, type TuningRoute } from './tuning-server-request.ts';
import type { TuningFile, TuningJob, TuningPhase, TuningWorld } from './tuning-server-world.ts';

const words: { readonly [phase in TuningPhase]: string } = {
  validating: 'VALIDATING',
  validated: 'VALIDATED',
  queued: 'QUEUED',
  running: 'RUNNING',
  paused: 'QUEUED',
  cancelling: 'CANCELLATION_REQUESTED',
  succeeded: 'SUCCESS',
  failed: 'FAILED',
  cancelled: 'CANCELLED',
};

/** Mistral gives no batch size; a pretended one makes steps of epochs. */
const batchSize = 5;

function fileObject({ id, name, bytes, rows }: TuningFile) {
  return {
    id,
    object: 'file',
    bytes,
    created_at: 1,
    filename: name,
    purpose: 'fine-tune',
    sample_type: 'instruct',
    num_lines: rows.length,
    source: 'upload',
  };
}

function wordOf(job: TuningJob, world: TuningWorld): string {
  return world.fate.kind === 'validation-fails' && job.phase === 'failed' ? 'FAILED_VALIDATION' : words[job.phase];
}

function jobObject(job: TuningJob, world: TuningWorld) {
  const isDone = job.phase === 'succeeded';
  const steps = job.lines.flatMap(({ at, step }) => (step === undefined ? [] : [{ at, ...step }]));
  return {
    id: job.id,
    object: 'job',
    job_type: 'completion',
    auto_start: job.body['auto_start'],
    model: job.model,
    status: job.word ?? wordOf(job, world),
    created_at: job.createdAt,
    modified_at: job.finishedAt ?? job.createdAt,
    training_files: [job.train.id],
    validation_files: job.validation === undefined ? [] : [job.validation.id],
    hyperparameters: { ...(job.body['hyperparameters'] as object), training_steps: job.totalSteps },
    fine_tuned_model: isDone ? job.tuned : null,
    suffix: job.body['suffix'] ?? null,
    trained_tokens: isDone ? world.tokensOf(job) : null,
    metadata: { cost: 4, cost_currency: 'EUR', expected_duration_seconds: 60 },
    events: job.lines
      .filter(({ step }) => step === undefined)
      .map(({ at, message, level }) => ({
        name: 'status-updated',
        created_at: at,
        data: level === 'error' ? { status: wordOf(job, world), error: message } : { status: message },
      })),
    // newest first, as the service lists them
    checkpoints: steps
      .map(({ at, step, trainLoss, validationLoss }) => ({
        step_number: step,
        created_at: at,
        metrics: { train_loss: trainLoss, valid_loss: validationLoss ?? null, valid_mean_token_accuracy: null },
      }))
      .reverse(),
  };
}

/** Mistral's files and fine-tuning jobs under that path. */
export function mistralDialect(root: string): TuningDialect {
  const dialect: TuningDialect = {
    key: ['authorization', 'Bearer '],
    error: (_status, message, code) => ({ object: 'error', message, type: code, param: null, code: null }),
    route(request, world) {
      if (!request.path.startsWith(`${root}/`)) return undefined;
      const [kind, ...rest] = request.path.slice(root.length + 1).split('/');
      if (kind === 'files') return fileRoute(request, world);
      if (kind === 'models') return { action: 'look', reply: () => model(decodeURIComponent(rest.join('/')), world) };
      return kind === 'fine_tuning' ? jobRoute(rest.slice(1), request, world) : undefined;
    },
  };
  const refuse = (status: number, message: string) => ({ status, body: dialect.error(status, message, 'invalid_request_error') });

  function fileRoute({ method, form, file }: TuningRequest, world: TuningWorld): TuningRoute {
    if (method === 'POST') {
      const isWhole = form['purpose'] === 'fine-tune' && file !== undefined;
      return {
        action: 'upload',
        reply: () => (isWhole ? ok(fileObject(world.addFile(file.name, file.content))) : refuse(422, 'The form lacks a field.')),
      };
    }
    return { action: 'find-file', reply: () => ok({ object: 'list', data: [...world.files.values()].map(fileObject) }) };
  }

  function model(name: string, world: TuningWorld): TuningReply {
    const isThere = world.fate.kind !== 'model-gone' && [...world.jobs.values()].some(({ tuned }) => tuned === name);
    return isThere ? ok({ id: name, object: 'model' }) : refuse(404, 'There is no such model.');
  }

  function jobRoute([id, what]: readonly string[], request: TuningRequest, world: TuningWorld): TuningRoute | undefined {
    if (id === undefined) {
      if (request.method === 'POST') return { action: 'create', reply: () => create(request.json, world) };
      const listed = [...world.jobs.values()].map((job) => jobObject(job, world));
      return { action: 'find-job', reply: () => ok({ object: 'list', data: listed, total: listed.length }) };
    }
    const found = (reply: (job: TuningJob) => TuningReply) => () => {
      const job = world.jobs.get(id);
      return job === undefined ? refuse(404, 'There is no such job.') : reply(job);
    };
    if (what === 'cancel') {
      const cancel = (job: TuningJob) => {
        if (job.finishedAt !== undefined) return refuse(400, 'The job has ended.');
        world.cancel(job);
        return ok(jobObject(job, world));
      };
      return { action: 'cancel', reply: found(cancel) };
    }
    if (what === 'start') {
      const start = (job: TuningJob) => {
        if (job.phase !== 'validated') return refuse(400, 'The job is not validated.');
        world.start(job);
        return ok(jobObject(job, world));
      };
      return { action: 'start', reply: found(start) };
    }
    const read = found((job) => {
      world.look(job);
      return world.jobs.has(id) ? ok(jobObject(job, world)) : refuse(404, 'There is no such job.');
    });
    return what === undefined ? { action: 'read', reply: read } : undefined;
  }

  function create(body: Readonly<Record<string, unknown>>, world: TuningWorld): TuningReply {
    const files = body['training_files'] as readonly { readonly file_id: string; readonly weight: number }[] | undefined;
    const validations = body['validation_files'] as readonly string[] | undefined;
    const train = world.files.get(files?.[0]?.file_id ?? '');
    const hyperparameters = body['hyperparameters'] as { readonly epochs?: number } | undefined;
    if (train === undefined || hyperparameters === undefined) return refuse(422, 'training_files and hyperparameters are required.');
    const validation = world.files.get(validations?.[0] ?? '');
    const job = world.addJob({
      ...{ body, model: `${body['model']}`, train, validation, batchSize },
      epochs: hyperparameters.epochs ?? 1,
      startsItself: body['auto_start'] === true,
    });
    return ok(jobObject(job, world));
  }
  return dialect;
}
