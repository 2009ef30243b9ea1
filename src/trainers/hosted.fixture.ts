import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '#core/json.ts';
import type {
  BaseModel,
  Trainer,
  TrainerContext,
  TrainerSite,
  TrainingEvent,
  TrainingHandle,
  TrainingJob,
  TrainingStatus,
} from '#core/trainer.ts';
import { startTuningServer, type TuningServer, type TuningServerOptions } from '#testing/tuning-server.ts';
import { azureTrainer } from './azure.ts';
import { bedrockTrainer } from './bedrock.ts';
import { fireworksTrainer } from './fireworks.ts';
import type { HostedTools } from './hosted-trainer.ts';
import { mistralTrainer } from './mistral.ts';
import { openaiTrainer } from './openai.ts';
import { togetherTrainer } from './together.ts';
import type { TrainerSubject } from './trainer-contract.fixture.ts';

/** A service as tests use it. */
export interface HostedCase {
  readonly id: string;
  readonly open: (tools: HostedTools) => Trainer;
  readonly kind: string;
  readonly model: string;
  readonly keyVariable: string;
  readonly settings: JsonObject;
  /** Fewest rows that it takes, but at least 20. */
  readonly rows: number;
}

const llama = 'meta-llama/Meta-Llama-3.1-8B-Instruct-Reference';
const compatible = { kind: 'openai-compatible', settings: {}, rows: 20 } as const;

export const hostedCases: readonly HostedCase[] = [
  { ...compatible, id: 'azure', open: azureTrainer, model: 'gpt-4.1-mini', keyVariable: 'AZURE_OPENAI_API_KEY' },
  {
    ...{ ...compatible, id: 'bedrock', open: bedrockTrainer, model: 'openai.gpt-oss-20b', keyVariable: 'AWS_BEARER_TOKEN_BEDROCK' },
    settings: { grader: 'arn:aws:lambda:us-west-2:123456789012:function:grade' },
    rows: 100,
  },
  {
    ...{ ...compatible, id: 'fireworks', open: fireworksTrainer, keyVariable: 'FIREWORKS_API_KEY' },
    model: 'accounts/fireworks/models/llama-v3p1-8b-instruct',
    settings: { accountId: 'rung' },
  },
  { ...compatible, id: 'mistral', open: mistralTrainer, model: 'open-mistral-nemo', keyVariable: 'MISTRAL_API_KEY' },
  { ...compatible, id: 'openai', open: openaiTrainer, kind: 'openai', model: 'gpt-4o-mini-2024-07-18', keyVariable: 'OPENAI_API_KEY' },
  { ...compatible, id: 'together', open: togetherTrainer, model: llama, keyVariable: 'TOGETHER_API_KEY' },
];

export const testKey = 'sk-test-0123456789abcdef';

/** A clock that stands still but for waits, which pass at once. */
export function testTools(
  startAt = Date.parse('2026-11-21T12:00:00Z'),
): HostedTools & { readonly waits: readonly number[]; pass(ms: number): void } {
  let now = startAt;
  let nonces = 0;
  const waits: number[] = [];
  return {
    waits,
    now: () => now,
    async wait(ms, signal) {
      signal.throwIfAborted();
      waits.push(ms);
      now += ms;
    },
    random: () => 1,
    newNonce: () => `test${++nonces}x${Math.floor(Math.random() * 1e9).toString(36)}`,
    pass(ms) {
      now += ms;
    },
  };
}

export function baseOf({ id, kind, model }: HostedCase, baseUrl: string): BaseModel {
  return { name: `${id}/${model}`, kind, model, settings: { baseUrl } };
}

function startServer({ id }: HostedCase, options: Omit<TuningServerOptions, 'service'> = {}): Promise<TuningServer> {
  return startTuningServer({ service: id, key: testKey, ...options });
}

/** Service → a trainer of it on a local server, which all that are open at a time share. */
export function hostedSubjects(): Record<string, () => Promise<TrainerSubject>> {
  return Object.fromEntries(hostedCases.map((hosted) => [hosted.id, subjectOf(hosted)]));
}

function subjectOf(hosted: HostedCase): () => Promise<TrainerSubject> {
  let shared: Promise<TuningServer> | undefined;
  let open = 0;
  return async () => {
    open++;
    shared ??= startServer(hosted);
    const server = await shared;
    return {
      trainer: hosted.open(testTools()),
      base: baseOf(hosted, server.baseUrl),
      settings: hosted.settings,
      environment: { [hosted.keyVariable]: testKey },
      hosted: true,
      rows: hosted.rows,
      async close() {
        if (--open > 0) return;
        shared = undefined;
        await server.close();
      },
    };
  };
}

/** A job that every service takes. */
export function jobOf(hosted: HostedCase, changes: Partial<TrainingJob> = {}): TrainingJob {
  const row = (index: number) => ({
    messages: [
      { role: 'user' as const, content: `number ${index}` },
      { role: 'assistant' as const, content: index % 2 ? 'odd' : 'even' },
    ],
  });
  return {
    method: 'supervised',
    train: Array.from({ length: hosted.rows }, (_, index) => row(index)),
    validation: [row(1000), row(1001)],
    base: { model: `${hosted.id}/${hosted.model}` },
    hyperparameters: { epochs: 2, batchSize: 5 },
    seed: 1,
    ...changes,
  } as TrainingJob;
}

interface BenchStart {
  readonly job?: TrainingJob;
  readonly signal?: AbortSignal;
  readonly key?: string;
  readonly evaluate?: TrainerContext['evaluate'];
  readonly isCancelWanted?: TrainerContext['isCancelWanted'];
}

/** A job at a local server, which may be started again as another process would. */
export interface HostedBench {
  readonly server: TuningServer;
  readonly tools: ReturnType<typeof testTools>;
  /** Told to any process, in order. */
  readonly events: TrainingEvent[];
  /** Everything that lies in the job's folder. */
  kept(): Promise<string>;
  /** Starts the job as a new process would; polls it to a state that it does not leave by itself. */
  run(changes?: BenchStart): Promise<TrainingStatus>;
  begin(changes?: BenchStart): Promise<{
    readonly trainer: Trainer;
    readonly handle: TrainingHandle;
  }>;
  close(): Promise<void>;
}

const unfinished = ['validating', 'queued', 'running'];

export async function openBench(hosted: HostedCase, options: Omit<TuningServerOptions, 'service'> = {}): Promise<HostedBench> {
  const server = await startServer(hosted, options);
  const tools = testTools();
  const folder = await mkdtemp(join(tmpdir(), 'rung-hosted-'));
  const events: TrainingEvent[] = [];
  const siteWith = (signal: AbortSignal, key: string): TrainerSite => ({
    base: baseOf(hosted, server.baseUrl),
    settings: hosted.settings,
    environment: { [hosted.keyVariable]: key },
    taskFolder: folder,
    adapterFolder: async (artefact) => artefact,
    signal,
  });
  const begin: HostedBench['begin'] = async ({
    job = jobOf(hosted),
    signal = new AbortController().signal,
    key = testKey,
    evaluate,
    isCancelWanted,
  } = {}) => {
    const trainer = hosted.open(tools);
    const handle = await trainer.start(job, {
      ...siteWith(signal, key),
      scratchFolder: join(folder, 'scratch'),
      keep: async (kept) => kept,
      onEvent: (event) => events.push(event),
      ...(evaluate && { evaluate }),
      ...(isCancelWanted && { isCancelWanted }),
    });
    return { trainer, handle };
  };
  return {
    ...{ server, tools, events, begin },
    async kept() {
      const files = await readdir(folder, { recursive: true, withFileTypes: true });
      const texts = files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), 'utf8'));
      return (await Promise.all(texts)).join('\n');
    },
    async run(changes) {
      const { trainer, handle } = await begin(changes);
      for (;;) {
        const status = await trainer.poll(handle, { waitMs: 5_000 });
        if (!unfinished.includes(status.state) || changes?.signal?.aborted) return status;
      }
    },
    async close() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
