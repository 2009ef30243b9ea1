import { ok, type TuningDialect, type TuningReply, type TuningRequest, type TuningRoute } from './tuning-server-request.ts';
import type { TuningJob, TuningPhase, TuningWorld } from './tuning-server-world.ts';

const words: { readonly [phase in TuningPhase]: string } = {
  validating: 'validating_files',
  validated: 'queued',
  queued: 'queued',
  running: 'running',
  paused: 'paused',
  cancelling: 'running',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
};

const record = (value: unknown) => (value ?? {}) as Readonly<Record<string, unknown>>;

function jobObject(job: TuningJob, world: TuningWorld) {
  const isDone = job.phase === 'succeeded';
  return {
    object: 'fine_tuning.job',
    id: job.id,
    model: job.model,
    created_at: job.createdAt,
    finished_at: job.finishedAt ?? null,
    fine_tuned_model: isDone ? job.tuned : null,
    organization_id: 'org-rung',
    result_files: isDone ? [`results-${job.id}`] : [],
    status: job.word ?? words[job.phase],
    training_file: job.train.id,
    validation_file: job.validation?.id ?? null,
    hyperparameters: { n_epochs: job.epochs, batch_size: job.batchSize, learning_rate_multiplier: 1 },
    trained_tokens: isDone ? world.tokensOf(job) : null,
    error: job.error === undefined ? null : { code: 'invalid_training_file', message: job.error, param: 'training_file' },
    seed: job.body['seed'] ?? 0,
    estimated_finish: null,
    method: job.body['method'],
  };
}

/** A page of a list: newest first, after the member of that id. */
/** Fewer than clients ask for, so that whoever reads one page alone is found out. */
const mostPerPage = 20;

function page<T extends { readonly id: string }>(members: readonly T[], query: URLSearchParams): TuningReply {
  const limit = Math.min(mostPerPage, Number(query.get('limit') ?? mostPerPage));
  const after = query.get('after');
  const from = after === null ? 0 : members.findIndex(({ id }) => id === after) + 1;
  return ok({ object: 'list', data: members.slice(from, from + limit), has_more: from + limit < members.length });
}

function eventsOf(job: TuningJob) {
  return job.lines
    .map(({ id, at, message, level, step }) => ({
      object: 'fine_tuning.job.event',
      id,
      created_at: at,
      level: level === 'warning' ? 'warn' : level,
      message,
      type: step === undefined ? 'message' : 'metrics',
      data:
        step === undefined
          ? {}
          : { step: step.step, train_loss: step.trainLoss, train_mean_token_accuracy: 0.5, full_valid_loss: step.validationLoss },
    }))
    .reverse();
}

function checkpointsOf(job: TuningJob) {
  return job.lines
    .flatMap(({ id, at, step }) =>
      step?.validationLoss === undefined
        ? []
        : {
            object: 'fine_tuning.job.checkpoint',
            id: `ckpt-${id}`,
            created_at: at,
            fine_tuned_model_checkpoint: `${job.tuned}:ckpt-step-${step.step}`,
            step_number: step.step,
            metrics: { step: step.step, train_loss: step.trainLoss, full_valid_loss: step.validationLoss },
            fine_tuning_job_id: job.id,
          },
    )
    .reverse();
}

/** The results file: CSV in base64, with the last step, which no event tells. */
function resultsOf(job: TuningJob): string {
  const rows = job.lines.flatMap(({ step }) => (step === undefined ? [] : `${step.step},${step.trainLoss},0.5,,`));
  const csv = ['step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy', ...rows, `${job.totalSteps + 1},0.1,0.5,,`];
  return Buffer.from(csv.join('\n')).toString('base64');
}

/** What is asked of a new job beyond OpenAI's own rules. */
export interface OpenaiRules {
  readonly methods: readonly string[];
  readonly forbidden: readonly string[];
  readonly fewestRows: number;
}

/** OpenAI's files and fine-tuning jobs under that path. */
export function openaiDialect(root: string, rules: OpenaiRules, key: TuningDialect['key'] = ['authorization', 'Bearer ']): TuningDialect {
  const dialect: TuningDialect = {
    key,
    error: (_status, message, code) => ({ error: { message, type: 'invalid_request_error', param: null, code } }),
    route(request, world) {
      if (!request.path.startsWith(`${root}/`)) return undefined;
      const parts = request.path.slice(root.length + 1).split('/');
      return parts[0] === 'fine_tuning' ? jobRoute(parts.slice(2), request, world) : otherRoute(parts, request, world);
    },
  };
  const refuse = (status: number, message: string, code = 'invalid_request_error') => ({
    status,
    body: dialect.error(status, message, code),
  });

  function otherRoute([kind, id, content]: readonly string[], request: TuningRequest, world: TuningWorld): TuningRoute | undefined {
    if (kind === 'models' && id !== undefined) {
      const isThere = world.fate.kind !== 'model-gone' && [...world.jobs.values()].some(({ tuned }) => tuned === decodeURIComponent(id));
      return {
        action: 'look',
        reply: () => (isThere ? ok({ id, object: 'model' }) : refuse(404, 'The model does not exist.', 'model_not_found')),
      };
    }
    if (kind !== 'files') return undefined;
    if (content === 'content')
      return { action: 'results', reply: () => ok(resultsOf(world.jobs.get(`${id}`.replace('results-', '')) as TuningJob)) };
    if (request.method === 'POST') return { action: 'upload', reply: () => upload(request, world) };
    const listed = [...world.files.values()].map(fileObject).reverse();
    return { action: 'find-file', reply: () => page(listed, request.query) };
  }

  function fileObject({ id, name, bytes }: { readonly id: string; readonly name: string; readonly bytes: number }) {
    return { object: 'file', id, filename: name, bytes, purpose: 'fine-tune', status: 'processed' };
  }

  function upload({ form, file }: TuningRequest, world: TuningWorld): TuningReply {
    if (form['purpose'] !== 'fine-tune' || file === undefined) return refuse(400, "'purpose' and 'file' are required.");
    return ok(fileObject(world.addFile(file.name, file.content)));
  }

  function jobRoute([id, what]: readonly string[], request: TuningRequest, world: TuningWorld): TuningRoute | undefined {
    if (id === undefined) {
      if (request.method === 'POST') return { action: 'create', reply: () => create(request.json, world) };
      const listed = [...world.jobs.values()].map((job) => jobObject(job, world)).reverse();
      return { action: 'find-job', reply: () => page(listed, request.query) };
    }
    const found = (reply: (job: TuningJob) => TuningReply) => () => {
      const job = world.jobs.get(id);
      return job === undefined ? refuse(404, `Could not find fine tune: ${id}`, 'fine_tune_not_found') : reply(job);
    };
    if (what === 'events') return { action: 'events', reply: found((job) => page(eventsOf(job), request.query)) };
    if (what === 'checkpoints') return { action: 'checkpoints', reply: found((job) => page(checkpointsOf(job), request.query)) };
    if (what === 'cancel' || what === 'resume') return { action: what, reply: found((job) => change(job, what, world)) };
    const read = found((job) => {
      world.look(job);
      return world.jobs.has(id) ? ok(jobObject(job, world)) : refuse(404, `Could not find fine tune: ${id}`, 'fine_tune_not_found');
    });
    return what === undefined ? { action: 'read', reply: read } : undefined;
  }

  function change(job: TuningJob, what: 'cancel' | 'resume', world: TuningWorld): TuningReply {
    if (job.finishedAt !== undefined) return refuse(400, `Job has already completed: ${job.id}`, 'invalid_state');
    if (what === 'cancel') world.cancel(job);
    else job.phase = 'running';
    return ok(jobObject(job, world));
  }

  function create(body: Readonly<Record<string, unknown>>, world: TuningWorld): TuningReply {
    const train = world.files.get(`${body['training_file']}`);
    const method = record(body['method'] ?? { type: 'supervised' });
    const forbidden = rules.forbidden.find((name) => body[name] !== undefined);
    if (train === undefined) return refuse(400, `invalid training_file: ${body['training_file']}`);
    if (forbidden !== undefined) return refuse(400, `Unknown parameter: '${forbidden}'.`, 'unknown_parameter');
    const type = `${method['type']}`;
    if (!rules.methods.includes(type)) return refuse(400, `Unknown method: ${type}`);
    if (train.rows.length < rules.fewestRows) {
      const message = `Training file has ${train.rows.length} example(s), but must have at least ${rules.fewestRows} examples`;
      return refuse(400, message, 'invalid_n_examples');
    }
    const hyperparameters = record(record(method[type])['hyperparameters']);
    const job = world.addJob({
      body,
      model: `${body['model']}`,
      train,
      validation: world.files.get(`${body['validation_file']}`),
      epochs: (hyperparameters['n_epochs'] as number | undefined) ?? 3,
      batchSize: (hyperparameters['batch_size'] as number | undefined) ?? 5,
    });
    return ok(jobObject(job, world));
  }
  return dialect;
}
