import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ModelReference } from '#core/model.ts';
import type { TrainingJob, TrainingOutcome } from '#core/trainer.ts';
import { openaiTrainer } from '#trainers/openai.ts';
import { served, type TinyPlugins, tinyPlugins } from './gateway.fixture.ts';

let plugins: TinyPlugins;
beforeAll(async () => {
  plugins = await tinyPlugins();
});
afterAll(() => plugins.close());

const row = (index: number) => ({
  messages: [
    { role: 'user' as const, content: `number ${index}` },
    { role: 'assistant' as const, content: index % 2 ? 'no' : 'yes' },
  ],
});
const job: TrainingJob = {
  method: 'supervised',
  train: Array.from({ length: 12 }, (_, index) => row(index)),
  validation: Array.from({ length: 6 }, (_, index) => row(100 + index)),
  base: { model: 'openai/nano' },
  // so much that its answers end
  hyperparameters: { epochs: 30, learningRateMultiplier: 10 },
  seed: 1,
};

/** A job of OpenAI's trainer whose server is this one. */
async function outcomeOf(evaluate?: (model: ModelReference) => Promise<number>): Promise<TrainingOutcome> {
  const server = await served(plugins);
  onTestFinished(server.close);
  const folder = await mkdtemp(join(tmpdir(), 'rung-through-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  let now = Date.now();
  const wait = async (milliseconds: number) => {
    now += milliseconds;
    await sleep(10);
  };
  const trainer = openaiTrainer({ now: () => now, wait, random: () => 1, newNonce: () => 'nonce' });
  const handle = await trainer.start(job, {
    base: { name: 'openai/nano', kind: 'openai', model: 'nano', settings: { baseUrl: server.gateway.baseUrl, apiKeyEnv: null } },
    settings: {},
    environment: {},
    taskFolder: folder,
    scratchFolder: folder,
    adapterFolder: async (artefact) => artefact,
    keep: async (kept) => kept,
    onEvent: () => {},
    signal: new AbortController().signal,
    ...(evaluate && { evaluate }),
  });
  for (;;) {
    const { state, outcome, error } = await trainer.poll(handle, { waitMs: 60_000 });
    if (outcome !== undefined) return outcome;
    expect({ state, error }).toEqual({ state: expect.stringMatching(/validating|queued|running/), error: undefined });
  }
}

describe('a model that was tuned through this server by a task', () => {
  it('comes with answers of the trainer itself, which its server can be held against', async () => {
    const { model, samples = [] } = await outcomeOf();
    expect(model.model).toMatch(/^openai\/ft:nano:rung::/);
    expect(samples.length).toBeGreaterThan(0);
    for (const sample of samples) {
      expect(sample).toEqual({
        messages: [{ role: 'user', content: expect.stringMatching(/^number \d+$/) }],
        text: expect.any(String),
        logProbability: expect.any(Number),
        tokens: expect.any(Number),
        endLogProbability: expect.any(Number),
        rendered: expect.stringContaining('number '),
        promptTokens: expect.any(Number),
        margin: expect.any(Number),
      });
    }
  });

  it('comes without them where a checkpoint on the way is taken: they are not its answers', async () => {
    const { model, samples } = await outcomeOf(async ({ model }) => (model.endsWith(':ckpt-step-1') ? 1 : 0));
    expect(model.model).toMatch(/:ckpt-step-1$/);
    expect(samples).toBeUndefined();
  });
});
