import { fromDollars } from '#core/money.ts';
import type { Trainer } from '#core/trainer.ts';
import { quotable } from '#http/service-error.ts';
import { listIn, neededText, numberIn, objectIn, present, textIn, timeIn } from './hosted-reply.ts';
import { openaiLine } from './hosted-rows.ts';
import type { HostedCall, HostedReport, HostedService, News } from './hosted-service.ts';
import { type HostedTools, hostedTrainer } from './hosted-trainer.ts';

type Reply = Readonly<Record<string, unknown>>;

const one = (id: string) => `fine_tuning/jobs/${encodeURIComponent(id)}`;
const usualEpochs = 3;
const finalStates = ['SUCCESS', 'FAILED', 'FAILED_VALIDATION', 'CANCELLED'];

function reportOf(raw: Reply): HostedReport {
  const metadata = objectIn(raw, 'metadata');
  const cost = numberIn(metadata, 'cost');
  const given = objectIn(raw, 'hyperparameters');
  const rawState = neededText(raw, 'status', 'the job');
  const failed = listIn(raw, 'events').findLast((event) => textIn(objectIn(event, 'data'), 'error') !== undefined);
  return {
    id: neededText(raw, 'id', 'the job'),
    rawState,
    model: textIn(raw, 'fine_tuned_model'),
    error: textIn(objectIn(failed ?? {}, 'data'), 'error'),
    trainedTokens: numberIn(raw, 'trained_tokens'),
    cost: cost !== undefined && textIn(metadata, 'cost_currency') === 'USD' ? fromDollars(cost) : undefined,
    startedAt: timeIn(raw, 'created_at'),
    endedAt: finalStates.includes(rawState) ? timeIn(raw, 'modified_at') : undefined,
    totalSteps: numberIn(given, 'training_steps'),
    hyperparameters: present({
      epochs: numberIn(given, 'epochs'),
      trainingSteps: numberIn(given, 'training_steps'),
      learningRate: numberIn(given, 'learning_rate'),
      weightDecay: numberIn(given, 'weight_decay'),
      warmupRatio: numberIn(given, 'warmup_fraction'),
    }),
    raw,
  };
}

/** Losses stand in the checkpoints of a job; its events tell changes of its state. */
function newsOf({ raw }: HostedReport, key: string | undefined): News[] {
  const metadata = objectIn(raw, 'metadata');
  const cost = numberIn(metadata, 'cost');
  const told: News[] = listIn(raw, 'events').flatMap((event) => {
    const data = objectIn(event, 'data');
    const words = [textIn(event, 'name'), textIn(data, 'status'), textIn(data, 'error')].filter((word) => word !== undefined);
    if (words.length === 0) return [];
    const message = quotable(words.join(' '), key);
    const level = textIn(data, 'error') === undefined ? 'info' : 'error';
    return [{ key: `event:${numberIn(event, 'created_at')}:${message}`, event: { type: 'message', level, message } }];
  });
  if (cost !== undefined) {
    const message = `Mistral says that the job costs ${cost} ${quotable(textIn(metadata, 'cost_currency') ?? '', key)}.`;
    told.push({ key: 'cost', event: { type: 'message', level: 'info', message } });
  }
  const kept = listIn(raw, 'checkpoints').toSorted((a, b) => (numberIn(a, 'step_number') ?? 0) - (numberIn(b, 'step_number') ?? 0));
  return [...told, ...kept.flatMap(measured)];
}

function measured(checkpoint: Reply): News[] {
  const step = numberIn(checkpoint, 'step_number');
  const metrics = objectIn(checkpoint, 'metrics');
  const trainLoss = numberIn(metrics, 'train_loss');
  const validationLoss = numberIn(metrics, 'valid_loss');
  const tokenAccuracy = numberIn(metrics, 'valid_mean_token_accuracy');
  if (step === undefined) return [];
  return [
    ...(trainLoss === undefined ? [] : [{ key: `train:${step}`, event: { type: 'step', step, trainLoss } } as const]),
    ...(validationLoss === undefined
      ? []
      : [{ key: `eval:${step}`, event: { type: 'evaluation', step, validationLoss, tokenAccuracy } } as const]),
  ];
}

/** The newest member of a list that fits; lists are paged by number, and a page may hold fewer than were asked for. */
async function findIn({ client, signal }: HostedCall, path: string, fits: (member: Reply) => boolean): Promise<Reply | undefined> {
  for (let page = 0; page < 5; page++) {
    const members = listIn(await client.json({ path, query: { page: String(page), page_size: '100' }, signal }), 'data');
    const found = members.find(fits);
    if (found !== undefined || members.length === 0) return found;
  }
  return undefined;
}

/**
 * Mistral's files and jobs: /files, /fine_tuning/jobs, …/{id}, …/start, …/cancel. A job is created without auto_start, so that it is
 * validated and priced before it is started. Wire names and shapes: mistralai client-python, src/mistralai/client/models and
 * fine_tuning_jobs.py (https://github.com/mistralai/client-python).
 */
const mistralService: HostedService = {
  id: 'mistral',
  summary: "Mistral's fine-tuning jobs: supervised.",
  methods: ['supervised'],
  ends: [],
  host: /^api\.mistral\.ai$/,
  keyVariable: 'MISTRAL_API_KEY',
  baseUrl: 'https://api.mistral.ai/v1',
  states: {
    QUEUED: 'queued',
    STARTED: 'running',
    VALIDATING: 'validating',
    VALIDATED: 'validating',
    RUNNING: 'running',
    FAILED_VALIDATION: 'failed',
    FAILED: 'failed',
    SUCCESS: 'succeeded',
    CANCELLATION_REQUESTED: 'running',
    CANCELLED: 'cancelled',
  },
  takes: ['epochs', 'learningRate', 'weightDecay', 'warmupRatio'],
  usualEpochs,
  limits: () => ({ fewestRows: 1, mostBytes: 512 * 1024 * 1024, source: 'https://docs.mistral.ai/capabilities/finetuning' }),
  line: openaiLine,
  async upload({ client, signal }, { name, path }) {
    const form = { fields: { purpose: 'fine-tune' }, field: 'file', fileName: name, path };
    return neededText(await client.json({ method: 'POST', path: 'files', form, signal, once: true }), 'id', 'the file');
  },
  async findFile(call, { name, bytes }) {
    const found = await findIn(call, 'files', (file) => file['filename'] === name && numberIn(file, 'bytes') === bytes);
    return textIn(found ?? {}, 'id');
  },
  async create({ client, signal, base }, { job, train, validation }) {
    const { epochs, learningRate, weightDecay, warmupRatio } = job.hyperparameters;
    const body = present({
      model: base.model,
      training_files: [{ file_id: train, weight: 1 }],
      validation_files: validation === undefined ? undefined : [validation],
      suffix: job.suffix,
      auto_start: false,
      hyperparameters: present({
        epochs: epochs ?? usualEpochs,
        learning_rate: learningRate,
        weight_decay: weightDecay,
        warmup_fraction: warmupRatio,
      }),
    });
    return reportOf(await client.json({ method: 'POST', path: 'fine_tuning/jobs', body, signal, once: true }));
  },
  async findJob(call, { train }) {
    const found = await findIn(
      call,
      'fine_tuning/jobs',
      (job) => Array.isArray(job['training_files']) && job['training_files'].includes(train),
    );
    return found && reportOf(found);
  },
  async read({ client, signal }, id) {
    const look = async () => reportOf(await client.json({ path: one(id), signal }));
    const report = await look();
    if (report.rawState !== 'VALIDATED') return report;
    try {
      await client.json({ method: 'POST', path: `${one(id)}/start`, signal });
    } catch (error) {
      const now = await look();
      // it may have been started by a request whose reply was lost
      if (now.rawState === 'VALIDATED') throw error;
      return now;
    }
    return report;
  },
  news: async ({ settings }, report) => newsOf(report, settings.key),
  async cancel({ client, signal }, id) {
    await client.json({ method: 'POST', path: `${one(id)}/cancel`, signal });
  },
  async look({ client, signal }, { model = '' }) {
    await client.json({ path: `models/${encodeURIComponent(model)}`, signal });
  },
  withholds:
    'Mistral hands out no weights: "At the moment, it is not possible to download fine-tuned models" (https://help.mistral.ai/en/articles/225179-how-to-delete-create-a-fine-tuned-model).',
};

/** Fine-tuning at Mistral. */
export function mistralTrainer(tools?: HostedTools): Trainer {
  return hostedTrainer(mistralService, tools);
}
