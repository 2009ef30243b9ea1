import type { JsonObject } from '#core/json.ts';
import { isJsonObject } from '#core/json.ts';
import type { TrainingJob } from '#core/trainer.ts';
import { neededText, numberIn, objectIn, present, textIn, timeIn } from './hosted-reply.ts';
import type { HostedCall, HostedReport, HostedService } from './hosted-service.ts';
import { openaiNews, openaiResults } from './openai-news.ts';
import { openaiPages, type Reply } from './openai-pages.ts';
import { openaiSamples } from './openai-samples.ts';

/** Where services that speak OpenAI's fine-tuning API differ. */
export interface OpenaiDialect {
  /** The member `method` of a new job. */
  method(job: TrainingJob, call: HostedCall): JsonObject;
  readonly suffix: boolean;
  readonly seed: boolean;
}

export type OpenaiWire = Pick<
  HostedService,
  'states' | 'upload' | 'findFile' | 'create' | 'findJob' | 'read' | 'news' | 'results' | 'samples' | 'cancel' | 'resume' | 'look'
>;

const pages = 5;
const one = (id: string) => `fine_tuning/jobs/${encodeURIComponent(id)}`;

/**
 * Files and fine-tuning jobs as OpenAI's API has them: /files, /fine_tuning/jobs, …/events, …/checkpoints, …/cancel, …/resume.
 * Wire names and shapes: openai-node 7.57, src/resources/fine-tuning/jobs/jobs.ts, checkpoints.ts, methods.ts and src/resources/files.ts
 * (https://github.com/openai/openai-node).
 */
export function openaiWire(dialect: OpenaiDialect): OpenaiWire {
  return {
    states: {
      validating_files: 'validating',
      queued: 'queued',
      running: 'running',
      pausing: 'running',
      paused: 'paused',
      resuming: 'queued',
      succeeded: 'succeeded',
      failed: 'failed',
      cancelled: 'cancelled',
    },
    async upload({ client, signal }, { name, path }) {
      const form = { fields: { purpose: 'fine-tune' }, field: 'file', fileName: name, path };
      return neededText(await client.json({ method: 'POST', path: 'files', form, signal, once: true }), 'id', 'the file');
    },
    findFile: async (call, { name, bytes }) =>
      textIn(
        (await firstOf(
          call,
          'files',
          { purpose: 'fine-tune' },
          (file) => file['filename'] === name && numberIn(file, 'bytes') === bytes,
        )) ?? {},
        'id',
      ),
    async create(call, { job, train, validation }) {
      const body = present({
        model: call.base.model,
        training_file: train,
        validation_file: validation,
        suffix: dialect.suffix ? job.suffix : undefined,
        seed: dialect.seed ? job.seed : undefined,
        method: dialect.method(job, call),
      });
      return reportOf(await call.client.json({ method: 'POST', path: 'fine_tuning/jobs', body, signal: call.signal, once: true }));
    },
    async findJob(call, { train }) {
      const found = await firstOf(call, 'fine_tuning/jobs', {}, (job) => job['training_file'] === train);
      return found && reportOf(found);
    },
    read: async ({ client, signal }, id) => reportOf(await client.json({ path: one(id), signal })),
    news: openaiNews,
    results: openaiResults,
    samples: openaiSamples,
    async cancel({ client, signal }, id) {
      await client.json({ method: 'POST', path: `${one(id)}/cancel`, signal });
    },
    async resume({ client, signal }, id) {
      await client.json({ method: 'POST', path: `${one(id)}/resume`, signal });
    },
    async look({ client, signal }, { model = '' }) {
      await client.json({ path: `models/${encodeURIComponent(model)}`, signal });
    },
  };
}

/** The newest member of a list that fits. */
async function firstOf(
  call: HostedCall,
  path: string,
  query: Readonly<Record<string, string>>,
  fits: (member: Reply) => boolean,
): Promise<Reply | undefined> {
  for await (const members of openaiPages(call, path, { most: pages, query })) {
    const found = members.find(fits);
    if (found !== undefined) return found;
  }
  return undefined;
}

function reportOf(raw: Reply): HostedReport {
  const error = objectIn(raw, 'error');
  const said = [textIn(error, 'message'), textIn(error, 'code') && `(${textIn(error, 'code')})`].filter((part) => part !== undefined);
  const endedAt = timeIn(raw, 'finished_at');
  return {
    id: neededText(raw, 'id', 'the job'),
    rawState: neededText(raw, 'status', 'the job'),
    model: textIn(raw, 'fine_tuned_model'),
    error: said.length === 0 ? undefined : said.join(' '),
    trainedTokens: numberIn(raw, 'trained_tokens'),
    startedAt: timeIn(raw, 'created_at'),
    endedAt,
    hyperparameters: hyperparametersOf(raw),
    raw,
  };
}

/** As they came to be; what is still "auto" is left out. */
function hyperparametersOf(raw: Reply): JsonObject {
  const method = objectIn(raw, 'method');
  const ofMethod = objectIn(objectIn(method, textIn(method, 'type') ?? ''), 'hyperparameters');
  const given = isJsonObject(raw['hyperparameters']) ? { ...ofMethod, ...raw['hyperparameters'] } : ofMethod;
  return present({
    epochs: numberIn(given, 'n_epochs'),
    batchSize: numberIn(given, 'batch_size'),
    learningRateMultiplier: numberIn(given, 'learning_rate_multiplier'),
    beta: numberIn(given, 'beta'),
  });
}
