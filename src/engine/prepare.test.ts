import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { defineApproach } from '#core/approach.ts';
import type { Manifest } from '#core/candidate.ts';
import type { Example } from '#core/example.ts';
import type { Model, ModelReference } from '#core/model.ts';
import { ModelError } from '#core/model-error.ts';
import type { Plugins } from '#core/plugins.ts';
import type { ProgressEvent } from '#core/progress.ts';
import type { Provider } from '#core/provider.ts';
import { defineTrainer } from '#core/trainer.ts';
import { openJobs } from '#jobs/jobs.ts';
import { fake } from '#providers/fake.ts';
import { openArtefacts } from '#stores/artefacts.ts';
import { openSqliteStore } from '#stores/sqlite.ts';
import { madeTask } from '#verdict/verdict.fixture.ts';
import { accuracy, manualClock, never, restoreModel } from './engine.fixture.ts';
import { openRun } from './open-run.ts';
import { makePlan } from './plan.ts';
import { prepare } from './prepare.ts';

const example = (id: string): Example => ({ id, input: `question ${id}`, expected: 'right', tags: [], source: 'human' });
const validation = ['v1', 'v2', 'v3', 'v4'].map(example);
const manifestFor = (model: ModelReference): Manifest => ({
  ...{ schema: 'rung.candidate/1', approach: 'tuned', name: 'tuned', model, state: {}, artefacts: {} },
});
const tuned = defineApproach({
  ...{ id: 'tuned', summary: '', checkOptions: () => {}, trains: true },
  async prepare({ model, seed }, context) {
    const job = { method: 'supervised' as const, base: model, train: [], validation: [], hyperparameters: {}, seed };
    const outcome = await context.train(job, { evaluate: (of) => context.evaluate(manifestFor(of), validation) });
    return manifestFor(outcome.model);
  },
  restore: restoreModel,
});

/** The metric that a trainer is told of a checkpoint whose model answers so, and what is told meanwhile. */
async function judged(answer: (asked: string) => string) {
  const folder = await mkdtemp(join(tmpdir(), 'rung-prepare-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  let metric: number | undefined = Number.NaN;
  const trainer = defineTrainer({
    ...{ id: 'made', summary: '', methods: ['supervised'], canTune: () => true, cancel: async () => {} },
    async start(_job, { evaluate }) {
      metric = await evaluate?.({ model: 'fake/ft' });
      return { trainer: 'made', job: 'j' };
    },
    poll: async () => ({
      state: 'succeeded',
      outcome: { model: { model: 'fake/ft' }, hyperparameters: {}, events: [], bestStep: 1, seconds: 1 },
    }),
  });
  const generate: Model['generate'] = async ({ messages }) => ({
    ...{ text: answer(messages.at(-1)?.content ?? ''), finishReason: 'stop' },
    usage: { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1 },
  });
  const provider: Provider = { ...fake, open: async (asked) => ({ ...(await fake.open(asked)), generate }) };
  const plugins: Plugins = { providers: [provider], approaches: [tuned], metrics: [accuracy], probes: [], trainers: [trainer], guards: [] };
  const rung = { name: 'tuned', approach: tuned, model: 'base', options: {} };
  const settings = { kind: 'fake', settings: { otherwise: 'base' } };
  const task = madeTask(
    {},
    {
      ...{ folder, providers: { base: settings, ft: settings }, models: { base: 'fake/base' } },
      ladder: [{ approach: 'tuned', name: 'tuned', model: 'base', options: {} }],
    },
  );
  const plan = makePlan({ task, splits: { train: [example('t')], validation, test: [], hash: 'h' }, plugins });
  const store = await openSqliteStore(':memory:');
  onTestFinished(() => store.close());
  const artefacts = openArtefacts(folder);
  const run = openRun({ plan, plugins, store, artefacts, environment: {}, clock: manualClock() });
  onTestFinished(() => run.models.close());
  const told: string[] = [];
  const progress = (event: ProgressEvent) => {
    if (event.type === 'training' && event.event.type === 'message') told.push(event.event.message);
  };
  await prepare(rung, {
    ...{ plan, ...run, store, artefacts, trainers: [trainer], concurrency: 2, stopping: never, abort: never, progress },
    jobs: openJobs(join(folder, 'jobs')),
  });
  return { metric, told };
}

const refuse = (status: number, message = 'Load the adapter first.'): never => {
  throw new ModelError({ kind: 'rejected', status, message });
};

it.each([404, 410, 424])('a checkpoint that its service does not have is not measured, by status %i, and that is told', async (status) => {
  const { metric, told } = await judged(() => refuse(status));
  expect(metric).toBeUndefined();
  expect(told).toEqual(['A checkpoint was not measured: Load the adapter first.']);
});

it.each([
  ['answers badly', () => 'wrong', 0],
  ['answers one row, and that badly', (asked: string) => (asked.includes('v2') ? 'wrong' : refuse(424)), 0],
  ['answers one row rightly', (asked: string) => (asked.includes('v2') ? 'right' : refuse(424)), 0.25],
  ['is refused for what was asked', () => refuse(400), 0],
  ['is not there for all rows but one, which is refused', (asked: string) => refuse(asked.includes('v3') ? 400 : 404), 0],
] as [string, (asked: string) => string, number][])('a checkpoint that %s is measured', async (_what, answer, metric) => {
  expect(await judged(answer)).toEqual({ metric, told: [] });
});
