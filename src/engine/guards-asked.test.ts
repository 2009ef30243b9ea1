import { afterEach, describe, expect, it } from 'vitest';
import { defineApproach } from '#core/approach.ts';
import { candidateId, type Manifest } from '#core/candidate.ts';
import { type Example, messagesOf } from '#core/example.ts';
import type { Guard } from '#core/guard.ts';
import type { JobRecord } from '#core/job.ts';
import type { JsonObject } from '#core/json.ts';
import { defineMetric } from '#core/metric.ts';
import type { Model } from '#core/model.ts';
import type { Plugins } from '#core/plugins.ts';
import type { Provider } from '#core/provider.ts';
import type { Store } from '#core/store.ts';
import type { Task } from '#core/task.ts';
import type { TrainingData } from '#core/trainer.ts';
import { canaryRows } from '#data/grow/canaries.ts';
import { harmfulRequests } from '#guards/harmful-requests.ts';
import { harmlessRequests } from '#guards/harmless-requests.ts';
import { guards } from '#guards/index.ts';
import { probes } from '#probes/index.ts';
import { fake } from '#providers/fake.ts';
import { openArtefacts } from '#stores/artefacts.ts';
import { openSqliteStore } from '#stores/sqlite.ts';
import { madeTask } from '#verdict/verdict.fixture.ts';
import { dryRun } from './dry-run.ts';
import { manualClock, never } from './engine.fixture.ts';
import { openRun } from './open-run.ts';
import { makePlan } from './plan.ts';
import { runGuards } from './run-guards.ts';
import { tunedReference } from './tuned-reference.ts';

const rows = (count: number, name: string): Example[] =>
  Array.from({ length: count }, (_, at) => ({
    ...{ id: `${name}${at}`, input: `${name} question number ${at}`, expected: `${name} answer ${at}`, tags: [], source: 'human' as const },
  }));
const exact = defineMetric({
  ...{ id: 'exact', summary: '', better: 'higher', scale: 'proportion', onError: 0 },
  score: ({ expected }, { text }) => ({ value: expected === text ? 1 : 0 }),
});
const callsPerAnswer = 1;
const tunedRung = defineApproach({
  ...{ id: 'plain', summary: '', checkOptions: () => {}, trains: true },
  forecast: () => ({ prepareCalls: 0, callsPerAnswer, inputTokens: 100, outputTokens: 5 }),
  prepare: async () => manifest,
  restore: async (of, context) => ({
    id: candidateId(of),
    manifest: of,
    async answer(input, { signal }) {
      const model = await context.model(of.model!);
      const told = [{ role: 'system' as const, content: 'Answer.' }, ...messagesOf(input)];
      const { response, call } = await model.generate({ messages: told }, { signal });
      return { text: response.text, value: response.text, strict: true, calls: [call] };
    },
  }),
});
const manifest: Manifest = {
  ...{ schema: 'rung.candidate/1', approach: 'plain', name: 'plain' },
  ...{ model: { model: 'fake/ft' }, state: {}, artefacts: {} },
};
const train = rows(30, 'train');
const data: TrainingData = {
  method: 'supervised',
  train: [
    ...train.map(({ input, expected }) => ({
      messages: [
        { role: 'user' as const, content: String(input) },
        { role: 'assistant' as const, content: String(expected) },
      ],
    })),
    ...canaryRows(20, 1),
  ],
  validation: [],
};
const job: JobRecord = {
  ...{ schema: 'rung.job/1', id: 'ft_000000000000', trainer: 'nano', method: 'supervised', state: 'succeeded' },
  ...{ base: { model: 'fake/base' }, model: { model: 'fake/ft' }, hyperparameters: {}, seed: 1, createdAt: 0, cost: 0 },
  rows: { train: 50, validation: 0 },
};
const providers: Task['providers'] = {
  base: { kind: 'fake', settings: { otherwise: 'base' } },
  ft: { kind: 'fake', settings: { otherwise: 'tuned' } },
};
const persona: Task['persona'] = {
  ...{ name: 'Coach', role: 'coach', traits: [], responsePattern: [], rules: [], examples: [] },
  vocabulary: { use: [], avoid: [] },
};

let store: Store | undefined;
afterEach(() => store?.close());

const harmful = harmfulRequests.flat();
const harmless = harmlessRequests.flat();
/** Every tenth request is answered as it should not be: that leaves a limit of ten points undecided to the end. */
function worseAt(content: string): string {
  if (harmful.indexOf(content) % 10 === 9) return `${content} ${'Then comes what you do next. '.repeat(5)}`;
  return harmless.indexOf(content) % 10 === 9 ? 'I cannot help with that.' : 'Here is what I have to say.';
}

/** What the dry run says that each guard would ask, and what a model that counts was then asked. */
async function foretoldAndAsked(
  chosen: readonly Guard[],
  {
    changes = {},
    options = {},
    validation = 10,
    tellsGiven = false,
    samples,
    isWorse = false,
  }: {
    changes?: Partial<Task>;
    options?: JsonObject;
    validation?: number;
    tellsGiven?: boolean;
    isWorse?: boolean;
    samples?: JobRecord['samples'];
  },
) {
  let asked = 0;
  const counting = (isTuned: boolean): Partial<Model> => ({
    price: { inputPerMillion: 1, outputPerMillion: 1 },
    async generate({ messages }) {
      asked++;
      const content = messages.at(-1)!.content;
      const text = isTuned && isWorse ? worseAt(content) : `said ${messages.length} ${content.length}`;
      return { text, finishReason: 'stop', usage: { inputTokens: 9, cachedInputTokens: 0, outputTokens: 3 } };
    },
    ...(tellsGiven && {
      async score({ answers }) {
        asked++;
        return { scores: answers.map((answer, at) => ({ logProbability: -answer.length - at, tokens: 3 })), usage: null };
      },
    }),
  });
  const provider: Provider = {
    ...fake,
    open: async (of) => ({ ...(await fake.open(of)), fingerprint: of.model, ...counting(of.settings['otherwise'] === 'tuned') }),
  };
  const plugins: Plugins = { providers: [provider], approaches: [tunedRung], metrics: [exact], probes, trainers: [], guards: chosen };
  const ladder = [{ approach: 'plain', name: 'tuned', model: 'base', options }];
  const task = madeTask({}, { providers, models: { base: 'fake/base' }, ladder, metrics: ['exact'], ...changes });
  const splits = { train, validation: rows(validation, 'held'), test: rows(3, 'test'), hash: 'h' };
  const plan = makePlan({ task, splits, plugins, general: rows(25, 'general') });
  store = await openSqliteStore(':memory:');
  const artefacts = openArtefacts('/nowhere');
  const run = openRun({ plan, plugins, store, artefacts, environment: {}, clock: manualClock() });
  const { rungs } = await dryRun(plan, run.models, { concurrency: 2 });
  const foretold = (rungs[0]?.guards ?? []).reduce((sum, { calls }) => sum + calls, 0);
  expect((rungs[0]?.guards ?? []).every(({ dollars }) => dollars !== undefined && dollars > 0)).toBe(true);
  const tuned = tunedReference(manifest, [{ ...job, ...(samples && { samples }) }])!;
  await runGuards(
    { rung: 'tuned', approach: tunedRung, manifest, tuned, training: [] },
    {
      ...{ plan, ...run, store, artefacts, trainers: [], probes, concurrency: 2, stopping: never, abort: never },
      jobs: { ...run.jobs, list: async () => [job], data: async () => data },
      ...{ progress: () => {}, showSpent: () => {} },
    },
  );
  await run.models.close();
  return { foretold, asked };
}

const text = { output: { kind: 'text' as const } };
const labels = { output: { kind: 'labels' as const, labels: ['a', 'b'] } };

describe('what a dry run says that guards ask', () => {
  // how many of parity's samples differ, nobody knows before
  const counted = guards.filter(({ id }) => id !== 'parity');

  it.each([
    ['texts', { changes: text }],
    ['texts with enough held-out rows', { changes: text, validation: 40 }],
    ['texts with secrets', { changes: text, options: { canaries: 20 }, tellsGiven: true }],
    ['labels', { changes: labels, options: { canaries: 20 } }],
  ])('is what they do ask, of %s', async (_, setting) => {
    const { foretold, asked } = await foretoldAndAsked(counted, setting);
    // the job of this test has secrets in any case
    const unplanned = 'options' in setting ? 0 : 20;
    // the first look at requests decides where nothing changed
    const unneeded = 2 * 2 * 120;
    expect(asked - unplanned).toBe(foretold - unneeded);
  });

  it('is a bound for parity: as many samples as a trainer gives, and the untuned model for each', async () => {
    const parity = guards.filter(({ id }) => id === 'parity');
    const sample = (row: number) => ({
      ...{ messages: [{ role: 'user' as const, content: `sample ${row}` }], text: 'trained', logProbability: -1, tokens: 2 },
    });
    const differing = Array.from({ length: 11 }, (_, row) => sample(row));
    expect(await foretoldAndAsked(parity, { changes: text, samples: differing })).toEqual({ foretold: 16, asked: 16 });
    expect(await foretoldAndAsked(parity, { changes: text, samples: differing.slice(0, 3) })).toEqual({ foretold: 16, asked: 6 });
    expect(await foretoldAndAsked(parity, { changes: text })).toEqual({ foretold: 16, asked: 0 });
  });

  it('is a bound for a persona: conversations that begin alike are asked once', async () => {
    const { foretold, asked } = await foretoldAndAsked(
      guards.filter(({ id }) => id === 'persona'),
      { changes: { ...text, persona } },
    );
    expect(asked).toBeLessThanOrEqual(foretold);
    expect(asked).toBeGreaterThan(foretold / 2);
  });

  it.each(guards.filter(({ id }) => !['parity', 'persona'].includes(id)).map((guard) => [guard.id, guard] as const))(
    'is exact where the guard %s runs alone, and to its end',
    async (_, guard) => {
      const { foretold, asked } = await foretoldAndAsked([guard], {
        changes: text,
        options: { canaries: 20 },
        tellsGiven: true,
        isWorse: true,
      });
      expect(asked).toBe(foretold);
      expect(asked).toBeGreaterThan(0);
    },
  );
});
