import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI, { toFile } from 'openai';
import type { FineTuningJob } from 'openai/resources/fine-tuning/jobs';
import { openNano } from '#nano/index.ts';
import { makeTinyModel } from '#nano/tiny-model.fixture.ts';
import { createProviders } from '#providers/index.ts';
import { createTrainers } from '#trainers/index.ts';
import { readServeConfig, type ServeConfig } from './config.ts';
import { type Gateway, type GatewayOptions, openGateway } from './gateway.ts';

/** Plug-ins over a random model of two layers, so that a job takes a second. */
export async function tinyPlugins() {
  const { folder } = await makeTinyModel();
  const nano = await openNano({ folder, workers: 1 });
  const source = { open: async () => nano, close: () => nano.close() };
  return {
    providers: createProviders(source),
    trainers: createTrainers(source),
    async close() {
      await nano.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type TinyPlugins = Awaited<ReturnType<typeof tinyPlugins>>;

export interface Served {
  readonly gateway: Gateway;
  readonly client: OpenAI;
  readonly state: string;
  readonly lines: string[];
  close(): Promise<void>;
}

/** A server on a free port with a client of it; state that is named stays. */
export async function served(
  plugins: Pick<TinyPlugins, 'providers' | 'trainers'>,
  options: Partial<GatewayOptions> & { readonly config?: ServeConfig } = {},
): Promise<Served> {
  const state = options.state ?? (await mkdtemp(join(tmpdir(), 'rung-serve-')));
  const lines: string[] = [];
  const gateway = await openGateway({
    config: await readServeConfig(undefined, {}, state),
    environment: {},
    host: '127.0.0.1',
    port: 0,
    log: (line) => lines.push(line),
    ...options,
    plugins,
    state,
  });
  const client = new OpenAI({ baseURL: gateway.baseUrl, apiKey: options.key ?? 'any', maxRetries: 0 });
  return {
    ...{ gateway, client, state, lines },
    async close() {
      await gateway.close();
      if (options.state === undefined) await rm(state, { recursive: true, force: true });
    },
  };
}

export function chatRows(count: number, changes: (index: number) => object = () => ({})): string {
  return jsonLines(count, (index) => ({
    messages: [
      { role: 'user', content: `number ${index}` },
      { role: 'assistant', content: index % 2 ? 'no' : 'yes' },
    ],
    ...changes(index),
  }));
}

export function jsonLines(count: number, row: (index: number) => object): string {
  return Array.from({ length: count }, (_, index) => `${JSON.stringify(row(index))}\n`).join('');
}

export async function uploaded(client: OpenAI, text: string, name = 'train.jsonl'): Promise<string> {
  return (await client.files.create({ file: await toFile(Buffer.from(text), name), purpose: 'fine-tune' })).id;
}

const endStates: readonly string[] = ['succeeded', 'failed', 'cancelled'];

/** The job once it is in one of the states; any end where none is named. */
export async function jobIn(client: OpenAI, id: string, states: readonly string[] = endStates): Promise<FineTuningJob> {
  for (;;) {
    const job = await client.fineTuning.jobs.retrieve(id);
    if (states.includes(job.status) || endStates.includes(job.status)) return job;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
