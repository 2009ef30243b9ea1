import { ok, type TuningDialect, type TuningReply, type TuningRequest, type TuningRoute } from './tuning-server-request.ts';
import { fileReply } from './tuning-server-weights.ts';
import type { TuningJob, TuningPhase, TuningWorld } from './tuning-server-world.ts';

const words: { readonly [phase in TuningPhase]: string } = {
  validating: 'JOB_STATE_VALIDATING',
  validated: 'JOB_STATE_VALIDATING',
  queued: 'JOB_STATE_PENDING',
  running: 'JOB_STATE_RUNNING',
  paused: 'JOB_STATE_PAUSED',
  cancelling: 'JOB_STATE_CANCELLING',
  succeeded: 'JOB_STATE_COMPLETED',
  failed: 'JOB_STATE_FAILED',
  cancelled: 'JOB_STATE_CANCELLED',
};

const codes: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  404: 'NOT_FOUND',
  409: 'ALREADY_EXISTS',
};
const iso = (seconds: number) => new Date(seconds * 1000).toISOString();

/** Fireworks' datasets, jobs and models under `/v1/accounts/ID`. */
export function fireworksDialect(root: string): TuningDialect {
  const account = root.replace(/^\/v1\//, '');
  const declared = new Set<string>();
  const dialect: TuningDialect = {
    key: ['authorization', 'Bearer '],
    error: (status, message) => ({ code: status, message, details: [], status: codes[status] ?? 'UNKNOWN' }),
    route(request, world) {
      if (!request.path.startsWith(`${root}/`)) return undefined;
      const [kind = '', rest = ''] = request.path.slice(root.length + 1).split('/');
      const [id = '', verb] = rest.split(':');
      if (kind === 'datasets') return dataRoute(id, verb, request, world);
      if (kind === 'models') return verb === undefined ? { action: 'look', reply: () => model(id, world) } : weightsRoute(id, verb, world);
      if (kind === 'signed')
        return {
          action: 'weights-file',
          isSigned: true,
          reply: () => fileReply(world.weights, id) ?? refuse(404, 'There is no such file.'),
        };
      if (kind === 'metrics') return { action: 'results', isSigned: true, reply: () => ok(metricsOf(world.jobs.get(id) as TuningJob)) };
      return kind === 'supervisedFineTuningJobs' || kind === 'dpoJobs' ? jobRoute(kind, id, verb, request, world) : undefined;
    },
  };
  const refuse = (status: number, message: string) => ({ status, body: dialect.error(status, message, '') });

  function dataRoute(id: string, verb: string | undefined, { method, json, file }: TuningRequest, world: TuningWorld): TuningRoute {
    if (verb === 'upload') {
      return {
        action: 'upload',
        reply() {
          if (!declared.has(id) || file === undefined) return refuse(400, 'There is no such dataset, or no file.');
          world.addFile(file.name, file.content, id);
          return ok({});
        },
      };
    }
    if (method === 'POST') {
      return {
        action: 'file',
        reply() {
          const wanted = json['datasetId'];
          if (typeof wanted !== 'string' || json['dataset'] === undefined) return refuse(400, 'datasetId and dataset are required.');
          if (declared.has(wanted)) return refuse(409, 'The dataset exists.');
          declared.add(wanted);
          return ok({ name: `${account}/datasets/${wanted}`, state: 'UPLOADING', userUploaded: {} });
        },
      };
    }
    return {
      action: 'find-file',
      reply: () =>
        declared.has(id)
          ? ok({ name: `${account}/datasets/${id}`, state: world.files.has(id) ? 'READY' : 'UPLOADING' })
          : refuse(404, 'There is no such dataset.'),
    };
  }

  function weightsRoute(id: string, verb: string, world: TuningWorld): TuningRoute | undefined {
    if (verb !== 'getDownloadEndpoint') return undefined;
    const links = () => Object.fromEntries(Object.keys(world.weights.files).map((name) => [name, `${root}/signed/${name}`]));
    return {
      action: 'weights',
      reply() {
        const found = model(id, world);
        return found.status === 200 ? ok({ filenameToSignedUrls: links() }) : found;
      },
    };
  }

  function model(id: string, world: TuningWorld): TuningReply {
    const job = [...world.jobs.values()].find(({ tuned }) => tuned.endsWith(`/${id}`));
    if (job === undefined || world.fate.kind === 'model-gone') return refuse(404, 'There is no such model.');
    return ok({ name: job.tuned, kind: 'HF_PEFT_ADDON', state: 'READY' });
  }

  function jobRoute(
    kind: string,
    id: string,
    verb: string | undefined,
    request: TuningRequest,
    world: TuningWorld,
  ): TuningRoute | undefined {
    if (id === '') return request.method === 'POST' ? { action: 'create', reply: () => create(kind, request, world) } : undefined;
    const found = (reply: (job: TuningJob) => TuningReply) => () => {
      const job = world.jobs.get(id);
      return job === undefined ? refuse(404, 'There is no such job.') : reply(job);
    };
    if (verb === 'getMetricsFileEndpoint')
      return { action: 'events', reply: found((job) => ok({ signedUrl: `${root}/metrics/${job.id}` })) };
    if (verb === 'cancel' || verb === 'resume') {
      const change = (job: TuningJob) => {
        if (job.finishedAt !== undefined) return refuse(400, 'The job has ended.');
        if (verb === 'cancel') world.cancel(job);
        else job.phase = 'running';
        return ok({});
      };
      return { action: verb, reply: found(change) };
    }
    const read = found((job) => {
      world.look(job);
      return world.jobs.has(id) ? ok(jobObject(kind, job)) : refuse(404, 'There is no such job.');
    });
    return { action: 'read', reply: read };
  }

  function jobObject(kind: string, job: TuningJob) {
    const status = job.error === undefined ? { code: 'OK', message: '' } : { code: 'INVALID_ARGUMENT', message: job.error };
    return {
      ...job.body,
      name: `${account}/${kind}/${job.id}`,
      createTime: iso(job.createdAt),
      completedTime: job.finishedAt === undefined ? null : iso(job.finishedAt),
      state: job.word ?? words[job.phase],
      status,
      estimatedCost: { currencyCode: 'USD', units: '1', nanos: 500_000_000 },
      ...(kind === 'dpoJobs' ? {} : { metricsFileSignedUrl: `${root}/metrics/${job.id}` }),
    };
  }

  function metricsOf(job: TuningJob): string {
    return job.lines
      .flatMap(({ step }) =>
        step === undefined ? [] : JSON.stringify({ step: step.step, train_loss: step.trainLoss, eval_loss: step.validationLoss }),
      )
      .join('\n');
  }

  function create(kind: string, { json, query }: TuningRequest, world: TuningWorld): TuningReply {
    const id = query.get(kind === 'dpoJobs' ? 'dpoJobId' : 'supervisedFineTuningJobId') ?? undefined;
    if (id !== undefined && world.jobs.has(id)) return refuse(409, 'The job exists.');
    const config = { ...json, ...(json['trainingConfig'] as object | undefined) } as Readonly<Record<string, unknown>>;
    const train = world.files.get(`${json['dataset']}`.split('/').at(-1) ?? '');
    const validation = world.files.get(`${json['evaluationDataset']}`.split('/').at(-1) ?? '');
    if (train === undefined || typeof config['baseModel'] !== 'string') return refuse(400, 'dataset and baseModel are required.');
    const epochs = typeof config['epochs'] === 'number' ? config['epochs'] : 1;
    const batchSize = typeof config['batchSizeSamples'] === 'number' ? config['batchSizeSamples'] : 5;
    const tuned = `${config['outputModel']}`;
    return ok(jobObject(kind, world.addJob({ id, body: json, model: config['baseModel'], train, validation, epochs, batchSize, tuned })));
  }
  return dialect;
}
