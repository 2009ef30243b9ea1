import { ok, type TuningDialect, type TuningReply, type TuningRequest, type TuningRoute } from './tuning-server-request.ts';
import { archiveReply } from './tuning-server-weights.ts';
import type { TuningFile, TuningJob, TuningPhase, TuningWorld } from './tuning-server-world.ts';

const words: { readonly [phase in TuningPhase]: string } = {
  validating: 'pending',
  validated: 'pending',
  queued: 'queued',
  running: 'running',
  paused: 'running',
  cancelling: 'cancel_requested',
  succeeded: 'completed',
  failed: 'user_error',
  cancelled: 'cancelled',
};

const iso = (seconds: number) => new Date(seconds * 1000).toISOString();

function fileObject({ id, name, bytes, rows }: TuningFile) {
  return {
    id,
    object: 'file',
    created_at: 1,
    filename: name,
    bytes,
    purpose: 'fine-tune',
    Processed: true,
    FileType: 'jsonl',
    LineCount: rows.length,
  };
}

function eventsOf(job: TuningJob) {
  return job.lines
    .filter(({ step }) => step === undefined)
    .map(({ id, at, message, level }) => ({
      object: 'fine-tune-event',
      created_at: iso(at),
      message,
      level: level[0]?.toUpperCase() + level.slice(1),
      type: level === 'error' ? 'JOB_USER_ERROR' : 'JOB_PENDING',
      hash: id,
    }));
}

function jobObject(job: TuningJob, world: TuningWorld) {
  return {
    id: job.id,
    status: job.word ?? words[job.phase],
    training_file: job.train.id,
    validation_file: job.validation?.id ?? '',
    model: job.model,
    model_output_name: job.tuned,
    n_epochs: job.epochs,
    batch_size: job.batchSize,
    learning_rate: job.body['learning_rate'],
    training_type: job.body['training_type'],
    token_count: world.tokensOf(job) / job.epochs,
    total_steps: job.totalSteps,
    steps_completed: job.step,
    created_at: iso(job.createdAt),
    updated_at: iso(job.finishedAt ?? job.createdAt),
    events: eventsOf(job),
  };
}

function metricsOf(job: TuningJob) {
  return job.lines.flatMap(({ step }) => {
    if (step === undefined) return [];
    const train = {
      'train/global_step': step.step,
      'train/epoch': (step.step / job.totalSteps) * job.epochs,
      'train/loss': step.trainLoss,
      'train/learning_rate': 0.0002,
    };
    return step.validationLoss === undefined ? [train] : [train, { 'eval/global_step': step.step, 'eval/loss': step.validationLoss }];
  });
}

/** Together's files and fine-tunes under that path. */
export function togetherDialect(root: string): TuningDialect {
  const dialect: TuningDialect = {
    key: ['authorization', 'Bearer '],
    error: (_status, message, code) => ({ error: { message, type: code, param: null, code: null } }),
    route(request, world) {
      if (!request.path.startsWith(`${root}/`)) return undefined;
      const [kind, ...rest] = request.path.slice(root.length + 1).split('/');
      if (kind === 'files') return fileRoute(rest, request, world);
      if (kind === 'finetune' && rest[0] === 'download') return { action: 'weights', reply: () => weights(request.query, world) };
      if (kind === 'signed') return { action: 'weights-file', isSigned: true, reply: () => archiveReply(world.weights) };
      return kind === 'fine-tunes' ? jobRoute(rest, request, world) : undefined;
    },
  };
  const refuse = (status: number, message: string) => ({ status, body: dialect.error(status, message, 'invalid_request_error') });

  function fileRoute([id]: readonly string[], { method, form, file }: TuningRequest, world: TuningWorld): TuningRoute {
    if (method === 'POST') {
      const isWhole = id === 'upload' && form['purpose'] === 'fine-tune' && form['file_name'] !== undefined && file !== undefined;
      return {
        action: 'upload',
        reply: () => (isWhole ? ok(fileObject(world.addFile(file.name, file.content))) : refuse(400, 'The form lacks a field.')),
      };
    }
    if (id === undefined)
      return { action: 'find-file', reply: () => ok({ object: 'list', data: [...world.files.values()].map(fileObject) }) };
    return {
      action: 'file',
      reply() {
        const found = world.files.get(id);
        return found === undefined ? refuse(404, 'There is no such file.') : ok(fileObject(found));
      },
    };
  }

  function jobRoute([id, what]: readonly string[], request: TuningRequest, world: TuningWorld): TuningRoute | undefined {
    if (id === 'estimate-price') {
      const price = { estimation_available: true, estimated_total_price: 1.25, allowed_to_proceed: true, user_limit: 100 };
      return { action: 'quote', reply: () => ok(price) };
    }
    if (id === undefined) {
      if (request.method === 'POST') return { action: 'create', reply: () => create(request.json, world) };
      return {
        action: 'find-job',
        reply: () => ok({ object: 'list', data: [...world.jobs.values()].map((job) => jobObject(job, world)) }),
      };
    }
    const found = (reply: (job: TuningJob) => TuningReply) => () => {
      const job = world.jobs.get(id);
      return job === undefined ? refuse(404, 'There is no such fine-tune.') : reply(job);
    };
    if (what === 'events') return { action: 'events', reply: found((job) => ok({ object: 'list', data: eventsOf(job) })) };
    if (what === 'metrics') return { action: 'results', reply: found((job) => ok({ metrics: metricsOf(job) })) };
    if (what === 'checkpoints') return { action: 'look', reply: found((job) => checkpoints(job, world)) };
    if (what === 'cancel') return { action: 'cancel', reply: found((job) => cancel(job, world)) };
    const read = found((job) => {
      world.look(job);
      return world.jobs.has(id) ? ok(jobObject(job, world)) : refuse(404, 'There is no such fine-tune.');
    });
    return what === undefined ? { action: 'read', reply: read } : undefined;
  }

  /** As the service does it: the archive lies elsewhere, behind a link that needs no key. */
  function weights(query: URLSearchParams, world: TuningWorld): TuningReply {
    const job = world.jobs.get(query.get('ft_id') ?? '');
    if (query.get('checkpoint') !== 'adapter') return refuse(400, 'checkpoint must be adapter, merged or model_output_path.');
    if (job?.phase !== 'succeeded' || world.fate.kind === 'model-gone') return refuse(404, 'There is no such checkpoint.');
    return { status: 302, body: '', headers: { location: `${root}/signed/${job.id}` } };
  }

  function checkpoints(job: TuningJob, world: TuningWorld): TuningReply {
    const kept = { step: job.totalSteps, path: `s3://${job.id}`, created_at: iso(job.createdAt), checkpoint_type: 'Final Adapter' };
    return ok({ data: world.fate.kind === 'model-gone' ? [] : [kept] });
  }

  function cancel(job: TuningJob, world: TuningWorld): TuningReply {
    if (job.finishedAt !== undefined) return refuse(400, 'The job has ended.');
    world.cancel(job);
    return ok(jobObject(job, world));
  }

  function create(body: Readonly<Record<string, unknown>>, world: TuningWorld): TuningReply {
    const train = world.files.get(`${body['training_file']}`);
    if (train === undefined) return refuse(400, 'The training file does not exist.');
    if (typeof body['n_epochs'] !== 'number' || typeof body['learning_rate'] !== 'number')
      return refuse(400, 'n_epochs and learning_rate must be numbers.');
    const batchSize = typeof body['batch_size'] === 'number' ? body['batch_size'] : 8;
    const validation = world.files.get(`${body['validation_file']}`);
    const tuned = `rung/${`${body['model']}`.split('/').at(-1)}-${body['suffix'] ?? 'tuned'}-${world.jobs.size}`;
    return ok(
      jobObject(world.addJob({ body, model: `${body['model']}`, train, validation, epochs: body['n_epochs'], batchSize, tuned }), world),
    );
  }
  return dialect;
}
