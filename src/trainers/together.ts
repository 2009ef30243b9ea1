import type { JsonObject } from '#core/json.ts';
import { ModelError } from '#core/model-error.ts';
import type { Trainer } from '#core/trainer.ts';
import { listIn, neededText, numberIn, present, textIn, timeIn } from './hosted-reply.ts';
import { openaiLine } from './hosted-rows.ts';
import type { HostedReport, HostedRequest, HostedService } from './hosted-service.ts';
import { type HostedTools, hostedTrainer } from './hosted-trainer.ts';
import { loraSettings } from './lora-defaults.ts';
import { togetherNews } from './together-news.ts';

const usualEpochs = 3;
const one = (id: string) => `fine-tunes/${encodeURIComponent(id)}`;

/** What a new job and a question for its price have in common. */
function basis(model: string, { job, train, validation }: HostedRequest): JsonObject {
  const { epochs = usualEpochs, dropout, beta } = job.hyperparameters;
  const { rank, alpha } = loraSettings(job.method, job.train.length, job.hyperparameters);
  return present({
    training_file: train,
    validation_file: validation,
    model,
    n_epochs: epochs,
    n_evals: validation === undefined ? 0 : epochs,
    training_type: { type: 'Lora', lora_r: rank, lora_alpha: alpha, lora_dropout: dropout ?? 0, lora_trainable_modules: 'all-linear' },
    training_method: job.method === 'preference' ? present({ method: 'dpo', dpo_beta: beta }) : { method: 'sft', train_on_inputs: false },
  });
}

function reportOf(raw: Readonly<Record<string, unknown>>): HostedReport {
  const [dataset, epochs] = [numberIn(raw, 'token_count'), numberIn(raw, 'n_epochs')];
  const failure = listIn(raw, 'events').findLast(({ type }) => typeof type === 'string' && /error|billing_limit/i.test(type));
  const said = failure === undefined ? undefined : `${textIn(failure, 'message') ?? ''} (${textIn(failure, 'type')})`;
  const rawState = neededText(raw, 'status', 'the job');
  return {
    id: neededText(raw, 'id', 'the job'),
    rawState,
    model: textIn(raw, 'model_output_name'),
    error: said,
    trainedTokens: dataset === undefined || epochs === undefined ? undefined : dataset * epochs,
    startedAt: timeIn(raw, 'started_at') ?? timeIn(raw, 'created_at'),
    endedAt: rawState === 'completed' ? timeIn(raw, 'updated_at') : undefined,
    totalSteps: numberIn(raw, 'total_steps'),
    hyperparameters: present({
      epochs,
      batchSize: numberIn(raw, 'batch_size'),
      learningRate: numberIn(raw, 'learning_rate'),
      warmupRatio: numberIn(raw, 'warmup_ratio'),
    }),
    raw,
  };
}

/**
 * Together's files and fine-tunes: POST /files/upload, POST /fine-tunes, …/estimate-price, GET …/{id}, …/events, …/metrics, …/checkpoints,
 * POST …/cancel, GET /finetune/download. Wire names and shapes: together-python, src/together/types/finetune.py, resources/finetune.py
 * and filemanager.py (https://github.com/togethercomputer/together-python), and https://docs.together.ai/reference (upload-file,
 * get-fine-tunes-id-metrics, post-fine-tunes-estimate-price, get-finetune-download).
 */
const togetherService: HostedService = {
  id: 'together',
  summary: "Together's LoRA jobs for open-weight models: supervised and preference. Served on dedicated endpoints.",
  methods: ['supervised', 'preference'],
  ends: [],
  host: /^api\.together\.(xyz|ai)$/,
  keyVariable: 'TOGETHER_API_KEY',
  baseUrl: 'https://api.together.xyz/v1',
  states: {
    pending: 'queued',
    queued: 'queued',
    running: 'running',
    compressing: 'running',
    uploading: 'running',
    cancel_requested: 'running',
    cancelled: 'cancelled',
    error: 'failed',
    user_error: 'failed',
    completed: 'succeeded',
  },
  takes: ['epochs', 'batchSize', 'learningRate', 'warmupRatio', 'rank', 'alpha', 'dropout', 'weightDecay', 'beta'],
  usualEpochs,
  // up to 40 characters: FinetuneRequest.suffix; 1 to 20 epochs: https://docs.together.ai/reference/finetune
  limits: () => ({
    fewestRows: 1,
    mostBytes: 25e9,
    epochs: [1, 20],
    suffix: 40,
    rank: [1, 64],
    source: 'https://docs.together.ai/reference/finetune',
  }),
  line: openaiLine,
  async upload({ client, signal }, { name, path }) {
    const form = { fields: { purpose: 'fine-tune', file_name: name, file_type: 'jsonl' }, field: 'file', fileName: name, path };
    return neededText(await client.json({ method: 'POST', path: 'files/upload', form, signal, once: true }), 'id', 'the file');
  },
  async findFile({ client, signal }, { name, bytes }) {
    const files = listIn(await client.json({ path: 'files', signal }), 'data');
    return textIn(files.find((file) => file['filename'] === name && numberIn(file, 'bytes') === bytes) ?? {}, 'id');
  },
  async isReady({ client, signal }, id) {
    return (await client.json({ path: `files/${encodeURIComponent(id)}`, signal }))['Processed'] !== false;
  },
  async quote({ client, signal, base }, request) {
    const body = basis(base.model, request);
    const reply = await client.json({ method: 'POST', path: 'fine-tunes/estimate-price', body, signal });
    const [price, limit] = [numberIn(reply, 'estimated_total_price'), numberIn(reply, 'user_limit')];
    const told =
      price === undefined ? 'Together gave no estimate of the price' : `Together estimates that the job will cost ${price} dollars`;
    if (reply['allowed_to_proceed'] !== false) return { allowed: true, message: `${told}.` };
    return {
      allowed: false,
      message: `${told}, which is more than the credit of the account${limit === undefined ? '' : ` (${limit} dollars)`}.`,
    };
  },
  async create({ client, signal, base }, request) {
    const { batchSize, learningRate, warmupRatio, weightDecay } = request.job.hyperparameters;
    const body = present({
      ...basis(base.model, request),
      batch_size: batchSize ?? 'max',
      learning_rate: learningRate ?? loraSettings(request.job.method, request.job.train.length, {}).learningRate,
      warmup_ratio: warmupRatio,
      weight_decay: weightDecay,
      n_checkpoints: 1,
      suffix: request.job.suffix,
    });
    return reportOf(await client.json({ method: 'POST', path: 'fine-tunes', body, signal, once: true }));
  },
  async findJob({ client, signal }, { train }) {
    const found = listIn(await client.json({ path: 'fine-tunes', signal }), 'data').find((job) => job['training_file'] === train);
    return found && reportOf(found);
  },
  read: async ({ client, signal }, id) => reportOf(await client.json({ path: one(id), signal })),
  news: togetherNews,
  async cancel({ client, signal }, id) {
    await client.json({ method: 'POST', path: `${one(id)}/cancel`, signal });
  },
  async look({ client, signal }, { id }) {
    const kept = listIn(await client.json({ path: `${one(id)}/checkpoints`, signal }), 'data');
    if (kept.length === 0) throw new ModelError({ kind: 'rejected', status: 404, message: 'The job has no checkpoint.' });
  },
  // LoraTrainingType: `adapter` of the choices adapter, merged, model_output_path; the reply is a tar.zst, or points to one
  weights: async (_call, { id }) => [{ address: { path: 'finetune/download', query: { ft_id: id, checkpoint: 'adapter' } } }],
  toServe:
    'Together answers with a tuned model on a dedicated endpoint, which is billed by the minute while it runs: start one before asking it.',
};

/** LoRA at Together. */
export function togetherTrainer(tools?: HostedTools): Trainer {
  return hostedTrainer(togetherService, tools);
}
