import { ModelError } from '#core/model-error.ts';
import { nanoDollarsPerDollar } from '#core/money.ts';
import type { Trainer, TrainingJob, TrainingMethod } from '#core/trainer.ts';
import { fireworksNews } from './fireworks-news.ts';
import { isGone, neededText, numberIn, objectIn, present, textIn, timeIn } from './hosted-reply.ts';
import { openaiLine } from './hosted-rows.ts';
import type { HostedCall, HostedReport, HostedService } from './hosted-service.ts';
import { type HostedTools, hostedTrainer } from './hosted-trainer.ts';

const accountOf = ({ settings }: HostedCall) => `accounts/${settings.accountId}`;
const kindOf = (method: TrainingMethod) => (method === 'preference' ? 'dpoJobs' : 'supervisedFineTuningJobs');
const jobPath = (call: HostedCall, id: string, { method }: Pick<TrainingJob, 'method'>) =>
  `${accountOf(call)}/${kindOf(method)}/${encodeURIComponent(id)}`;
const lastPart = (name: string) => name.split('/').at(-1) ?? name;
const modelPath = (call: HostedCall, model: string) => `${accountOf(call)}/models/${encodeURIComponent(lastPart(model))}`;

function reportOf(raw: Readonly<Record<string, unknown>>): HostedReport {
  const config = { ...raw, ...objectIn(raw, 'trainingConfig') };
  const cost = objectIn(raw, 'estimatedCost');
  const status = objectIn(raw, 'status');
  const said = [textIn(status, 'message'), textIn(status, 'code')].filter((part) => part !== undefined && part !== 'OK');
  const inDollars = textIn(cost, 'currencyCode') === 'USD';
  return {
    id: lastPart(neededText(raw, 'name', 'the job')),
    rawState: textIn(raw, 'state') ?? 'JOB_STATE_UNSPECIFIED',
    model: textIn(config, 'outputModel'),
    error: said.length === 0 ? undefined : said.join(' '),
    cost: inDollars ? (numberIn(cost, 'units') ?? 0) * nanoDollarsPerDollar + (numberIn(cost, 'nanos') ?? 0) : undefined,
    startedAt: timeIn(raw, 'createTime'),
    endedAt: timeIn(raw, 'completedTime'),
    hyperparameters: present({
      epochs: numberIn(config, 'epochs'),
      learningRate: numberIn(config, 'learningRate'),
      rank: numberIn(config, 'loraRank'),
      batchSize: numberIn(config, 'batchSizeSamples'),
    }),
    raw,
  };
}

/** A thing of a name of our own: where it is there already, an earlier attempt made it. */
async function unlessThere<T>(act: () => Promise<T>, found: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (ModelError.is(error) && error.status === 409) return found();
    throw error;
  }
}

/**
 * Fireworks' datasets and jobs under accounts/{id}: datasets, datasets/{id}:upload, supervisedFineTuningJobs, dpoJobs, …:cancel, …:resume,
 * models/{id}:getDownloadEndpoint. Wire names and shapes: fireworks python-sdk, src/fireworks/types (https://github.com/fw-ai-external/python-sdk), and
 * https://docs.fireworks.ai/fine-tuning/fine-tuning-via-api.
 */
const fireworksService: HostedService = {
  id: 'fireworks',
  summary: "Fireworks' LoRA jobs for open-weight models: supervised and preference. Served on dedicated deployments.",
  methods: ['supervised', 'preference'],
  ends: [],
  host: /^api\.fireworks\.ai$/,
  keyVariable: 'FIREWORKS_API_KEY',
  baseUrl: 'https://api.fireworks.ai/v1',
  tuningUrl(chatUrl) {
    const url = new URL(chatUrl);
    url.pathname = url.pathname.replace('/inference/', '/');
    return url;
  },
  states: {
    JOB_STATE_CREATING: 'queued',
    JOB_STATE_PENDING: 'queued',
    JOB_STATE_RE_QUEUEING: 'queued',
    JOB_STATE_CREATING_INPUT_DATASET: 'queued',
    JOB_STATE_VALIDATING: 'validating',
    JOB_STATE_RUNNING: 'running',
    JOB_STATE_IDLE: 'running',
    JOB_STATE_WRITING_RESULTS: 'running',
    JOB_STATE_CANCELLING: 'running',
    JOB_STATE_PAUSED: 'paused',
    JOB_STATE_COMPLETED: 'succeeded',
    JOB_STATE_EARLY_STOPPED: 'succeeded',
    JOB_STATE_FAILED: 'failed',
    JOB_STATE_EXPIRED: 'failed',
    JOB_STATE_CANCELLED: 'cancelled',
    JOB_STATE_DELETING: 'cancelled',
    JOB_STATE_DELETING_CLEANING_UP: 'cancelled',
  },
  takes: ['epochs', 'batchSize', 'learningRate', 'rank', 'beta'],
  usualEpochs: 1,
  // 150 MB: the limit of the upload that needs no signed address
  limits: () => ({
    fewestRows: 3,
    mostRows: 3_000_000,
    mostBytes: 150_000_000,
    suffix: 40,
    source: 'https://docs.fireworks.ai/fine-tuning/fine-tuning-models and fine-tuning-via-api',
  }),
  objection({ suffix }, _base, { accountId }) {
    if (accountId === undefined) {
      return {
        message: 'Fireworks keeps data and jobs under an account, and none is named.',
        hint: 'Set "trainers: { fireworks: { accountId: … } }" to the id that its page of accounts shows.',
      };
    }
    if (suffix === undefined || /^[a-z0-9-]+$/.test(suffix)) return undefined;
    return { message: "A suffix at Fireworks is a part of the model's id.", hint: 'Write it in lower-case letters, digits and hyphens.' };
  },
  validates: (method) => method !== 'preference',
  line: openaiLine,
  async upload(call, { name, path }) {
    const { client, signal } = call;
    const id = name.replace(/\.jsonl$/, '');
    const body = { datasetId: id, dataset: { userUploaded: {} } };
    const make = () => client.json({ method: 'POST', path: `${accountOf(call)}/datasets`, body, signal });
    await unlessThere(make, async () => ({}));
    const form = { fields: {}, field: 'file', fileName: name, path };
    await client.json({ method: 'POST', path: `${accountOf(call)}/datasets/${id}:upload`, form, signal, once: true });
    return id;
  },
  async findFile(call, { name }) {
    const id = name.replace(/\.jsonl$/, '');
    try {
      const dataset = await call.client.json({ path: `${accountOf(call)}/datasets/${id}`, signal: call.signal });
      return dataset['state'] === 'READY' ? id : undefined;
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  },
  async isReady(call, id) {
    return (await call.client.json({ path: `${accountOf(call)}/datasets/${id}`, signal: call.signal }))['state'] === 'READY';
  },
  create(call, request) {
    const { job, nonce } = request;
    const { epochs, batchSize, learningRate, rank, beta } = job.hyperparameters;
    const id = `rung-${nonce}`;
    const dataset = `${accountOf(call)}/datasets/${request.train}`;
    const training = present({
      baseModel: call.base.model,
      outputModel: `${accountOf(call)}/models/${job.suffix === undefined ? '' : `${job.suffix}-`}${id}`,
      epochs,
      learningRate,
      loraRank: rank,
      batchSizeSamples: batchSize,
    });
    const isPreference = job.method === 'preference';
    const evaluationDataset = request.validation && `${accountOf(call)}/datasets/${request.validation}`;
    const body = isPreference
      ? { dataset, displayName: id, trainingConfig: training, lossConfig: present({ method: 'DPO', klBeta: beta }) }
      : present({ dataset, displayName: id, evaluationDataset, ...training });
    const query = { [isPreference ? 'dpoJobId' : 'supervisedFineTuningJobId']: id };
    const path = `${accountOf(call)}/${kindOf(job.method)}`;
    return unlessThere(
      async () => reportOf(await call.client.json({ method: 'POST', path, query, body, signal: call.signal, once: true })),
      () => fireworksService.read(call, id, job),
    );
  },
  async findJob(call, { job, nonce }) {
    try {
      return await fireworksService.read(call, `rung-${nonce}`, job);
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  },
  read: async (call, id, job) => reportOf(await call.client.json({ path: jobPath(call, id, job), signal: call.signal })),
  news: fireworksNews,
  async cancel(call, id, job) {
    await call.client.json({ method: 'POST', path: `${jobPath(call, id, job)}:cancel`, body: {}, signal: call.signal });
  },
  async resume(call, id, job) {
    await call.client.json({ method: 'POST', path: `${jobPath(call, id, job)}:resume`, body: {}, signal: call.signal });
  },
  async look(call, { model = '' }) {
    await call.client.json({ path: modelPath(call, model), signal: call.signal });
  },
  async weights(call, { model = '' }) {
    const reply = await call.client.json({ path: `${modelPath(call, model)}:getDownloadEndpoint`, signal: call.signal });
    const files = Object.entries(objectIn(reply, 'filenameToSignedUrls'));
    return files.flatMap(([name, url]) => (typeof url === 'string' ? [{ name, address: { url } }] : []));
  },
  toServe:
    'Fireworks answers with a tuned model only on a dedicated deployment, which is billed by the hour while it runs: make one before asking it.',
};

/** LoRA at Fireworks. */
export function fireworksTrainer(tools?: HostedTools): Trainer {
  return hostedTrainer(fireworksService, tools);
}
