import { describe, expect, it } from 'vitest';
import { defineApproach } from '#core/approach.ts';
import { candidateId, type Manifest } from '#core/candidate.ts';
import { RungError } from '#core/errors.ts';
import type { StopReason } from '#core/evidence.ts';
import type { Example } from '#core/example.ts';
import { defineGuard, type Guard, type GuardContext, type GuardInput, type GuardResult } from '#core/guard.ts';
import type { JobRecord } from '#core/job.ts';
import type { Model } from '#core/model.ts';
import { ModelError } from '#core/model-error.ts';
import type { Plugins } from '#core/plugins.ts';
import { defineProbe } from '#core/probe.ts';
import type { ProgressEvent } from '#core/progress.ts';
import type { Provider } from '#core/provider.ts';
import type { Task } from '#core/task.ts';
import type { TrainingData } from '#core/trainer.ts';
import { fake } from '#providers/fake.ts';
import { openArtefacts } from '#stores/artefacts.ts';
import { openSqliteStore } from '#stores/sqlite.ts';
import { madeTask } from '#verdict/verdict.fixture.ts';
import { BudgetEndedError } from './budget.ts';
import { dryRun } from './dry-run.ts';
import { accuracy, manualClock, never, restoreModel } from './engine.fixture.ts';
import { guardRung } from './guard-rung.ts';
import { openRun } from './open-run.ts';
import { makePlan } from './plan.ts';
import { tunedReference } from './tuned-reference.ts';

const example = (id: string): Example => ({ id, input: `question ${id}`, expected: 'tuned', tags: [], source: 'human' });
const splits = { train: [], validation: [example('v1'), example('v2')], test: [example('t1')], hash: 'h' };
const plain = defineApproach({
  ...{ id: 'plain', summary: '', checkOptions: () => {} },
  prepare: async () => manifest,
  restore: restoreModel,
});
const echo = defineProbe({
  ...{ id: 'echo', summary: '', measures: [{ id: 'echoed', summary: '', better: 'higher' }], checkOptions: () => {} },
  async run(candidate, { examples }, { signal }) {
    const answers = await Promise.all(examples.map(({ input }) => candidate.answer(input, { signal })));
    return { probe: 'echo', outcomes: answers.map(({ text }) => ({ measure: 'echoed', score: text === 'tuned' ? 1 : 0 })), cases: [] };
  },
});

const manifest: Manifest = {
  ...{ schema: 'rung.candidate/1', approach: 'plain', name: 'plain' },
  ...{ model: { model: 'fake/ft' }, state: {}, artefacts: {} },
};
const data: TrainingData = { method: 'supervised', train: [], validation: [] };
const job: JobRecord = {
  ...{ schema: 'rung.job/1', id: 'ft_000000000000', trainer: 'nano', method: 'supervised', state: 'succeeded' },
  ...{ base: { model: 'fake/base' }, model: { model: 'fake/ft' }, hyperparameters: {}, seed: 1, createdAt: 0, cost: 0 },
  ...{ rows: { train: 1, validation: 0 }, samples: [{ messages: [], text: 'tuned', logProbability: -1, tokens: 1 }] },
};
const providers: Task['providers'] = {
  base: { kind: 'fake', settings: { otherwise: 'base' } },
  ft: { kind: 'fake', settings: { otherwise: 'tuned' } },
};

/** A guard that does as it is told, and keeps what it was given. */
function guardOf(id: string, run: (input: GuardInput, context: GuardContext) => Promise<GuardResult>, more: Partial<Guard> = {}): Guard {
  return defineGuard({ id, summary: '', checkOptions: () => {}, run, ...more });
}
const passed = (id: string): GuardResult => ({ id, status: 'passed', why: 'It passed.', blocks: true });

interface Setting {
  readonly changes?: Partial<Task>;
  readonly stopped?: StopReason;
  readonly answered?: number;
  readonly maxCalls?: number;
  readonly provider?: Provider;
  /** Jobs that are still known, and whether their rows are. */
  readonly known?: { readonly jobs: readonly JobRecord[]; readonly rows: boolean };
}

async function guarded(
  guards: readonly Guard[],
  { changes = {}, stopped, answered = 2, maxCalls, provider = fake, known = { jobs: [job], rows: true } }: Setting = {},
) {
  const plugins: Plugins = { providers: [provider], approaches: [plain], metrics: [accuracy], probes: [echo], trainers: [], guards };
  const task = madeTask({}, { providers, models: { base: 'fake/base' }, ...changes });
  const plan = makePlan({ task, splits, plugins, general: [example('g1')] });
  const store = await openSqliteStore(':memory:');
  const artefacts = openArtefacts('/nowhere');
  const run = openRun({ plan, plugins, store, artefacts, environment: {}, clock: manualClock(), ...(maxCalls && { maxCalls }) });
  const events: ProgressEvent[] = [];
  const rung = { name: 'tuned', approach: plain, model: 'base', options: {} };
  const tuned = tunedReference(manifest, known.jobs, { base: 'fake/base', named: new Set(['fake/base']) })!;
  const stop = stopped === undefined ? undefined : { reason: stopped, rows: 1, of: 2, why: 'told enough' };
  const options = {
    ...{ plan, ...run, store, artefacts, trainers: [], probes: [echo], concurrency: 2, stopping: never, abort: never },
    jobs: { ...run.jobs, list: async () => known.jobs, data: async () => (known.rows ? data : Promise.reject(new Error('gone'))) },
    ...{ progress: (event: ProgressEvent) => events.push(event), showSpent: () => {} },
  };
  const prepared = { id: candidateId(manifest), manifest, setup: { cost: 0, seconds: 0 } };
  try {
    const found = await guardRung(rung, { prepared, tuned, stopped: stop, answered }, options);
    return { results: found.guards, calls: run.budget.calls, events };
  } finally {
    await run.models.close();
    await store.close();
  }
}

describe('guarding a rung', () => {
  it('gives guards both models, the rows and what the job kept', async () => {
    const seen: unknown[] = [];
    const { results, events } = await guarded([
      guardOf('look', async (input, context) => {
        const asked = [await context.ask(input.base, 'hello'), await context.ask(input.tuned, 'hello')];
        const scores = [await context.measure(input.base, input.validation), await context.measure(input.tuned, input.validation)];
        const probed = await context.probe('echo', input.tuned, {});
        seen.push(
          asked,
          scores.map((rows) => rows.map(({ score }) => score)),
          probed.metrics['echoed']?.value,
        );
        seen.push(input.samples, input.trained, input.general.length, input.generalSuite, input.base.manifest.model);
        return passed('look');
      }),
    ]);
    const [answers, scores, ...rest] = seen;
    expect(answers).toEqual([{ text: 'base' }, { text: 'tuned' }]);
    expect(scores).toEqual([
      [0, 0],
      [1, 1],
    ]);
    expect(rest).toEqual([1, job.samples, [data], 1, [], { model: 'fake/base' }]);
    expect(results).toEqual([passed('look')]);
    expect(events).toContainEqual({ type: 'prepare', rung: 'tuned', message: 'guard look' });
  });

  it('leaves out a rung that can no longer be chosen, or brought no answer', async () => {
    const guards = [guardOf('look', async () => passed('look'))];
    for (const stopped of ['misses-goal', 'dominated'] as const) expect((await guarded(guards, { stopped })).results).toBeUndefined();
    for (const stopped of ['meets-goals', 'cannot-tell'] as const) expect((await guarded(guards, { stopped })).results).toHaveLength(1);
    expect((await guarded(guards, { answered: 0 })).results).toBeUndefined();
    expect((await guarded([])).results).toBeUndefined();
  });

  it('says why a guard was skipped or could not be run to its end', async () => {
    const failing = (code: string) => guardOf(code, async () => Promise.reject(new RungError({ code, message: 'It has no metric' })));
    const { results } = await guarded([
      guardOf('skip', async () => passed('skip'), { skip: () => 'the task has no persona' }),
      failing('probe-without-metric'),
      failing('other'),
      { ...failing('told'), blocksUnfinished: () => false },
    ]);
    expect(results).toEqual([
      { id: 'skip', status: 'skipped', why: 'Not run: the task has no persona.', blocks: false },
      { id: 'probe-without-metric', status: 'skipped', why: 'Not run: It has no metric.', blocks: false },
      { id: 'other', status: 'undecided', why: 'It could not be run to its end: It has no metric.', blocks: true },
      { id: 'told', status: 'undecided', why: 'It could not be run to its end: It has no metric.', blocks: false },
    ]);
  });

  it.each([
    ['its job is not known any more', { jobs: [], rows: true }],
    ['the rows of its job are gone', { jobs: [job], rows: false }],
  ])('lets a model fail and not pass on rows that are lost, where %s', async (_name, known) => {
    const reads = { readsTrained: true };
    const part = { ...passed('part'), why: 'A part passed.' };
    const failed: GuardResult = { ...passed('fails'), status: 'failed', why: 'It failed.', parts: [{ ...part, status: 'failed' }, part] };
    const { results } = await guarded(
      [
        guardOf('reads', async () => passed('reads'), reads),
        guardOf('skips', async () => passed('skips'), { ...reads, skip: () => 'there are no rows' }),
        guardOf('fails', async () => failed, reads),
        guardOf('other', async (input) => ({ ...passed('other'), why: input.base.manifest.model?.model ?? '' })),
      ],
      { known },
    );
    const lost = 'It cannot be told in full: the rows of a training that led to it are not known any more.';
    expect(results).toMatchObject([
      { id: 'reads', status: 'undecided', why: `${lost} It passed.`, blocks: true, suggestions: [expect.stringContaining('--fresh')] },
      { id: 'skips', status: 'undecided', why: lost, blocks: true },
      {
        ...{ id: 'fails', status: 'failed', why: 'It failed.' },
        parts: [
          { status: 'failed', why: 'A part passed.' },
          { status: 'undecided', why: `${lost} A part passed.` },
        ],
      },
      { id: 'other', status: 'passed', why: 'fake/base' },
    ]);
    const told = await guarded([guardOf('reads', async () => passed('reads'), reads)], {
      known,
      changes: { guards: { reads: { blocks: false } } },
    });
    expect(told.results?.[0]).toMatchObject({ status: 'undecided', blocks: false });
  });

  it('asks no more at once than the run allows, and waits for what is in flight', async () => {
    const seen = { now: 0, most: 0, ended: 0 };
    const generate: Model['generate'] = async ({ messages }) => {
      seen.most = Math.max(seen.most, ++seen.now);
      await new Promise((resolve) => setTimeout(resolve, 1));
      seen.now--;
      seen.ended++;
      if (messages[0]?.content === 'filtered') throw new ModelError({ kind: 'rejected', status: 400, message: 'Filtered.' });
      return { text: 'base', finishReason: 'stop', usage: { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1 } };
    };
    const slow: Provider = { ...fake, open: async (asked) => ({ ...(await fake.open(asked)), generate }) };
    const given: unknown[] = [];
    const many = guardOf('many', async (input, context) => {
      const ask = (text: string, emptyWhereDeclined?: boolean) =>
        context.ask(input.base, text, { ...(emptyWhereDeclined && { emptyWhereDeclined }) });
      given.push(await ask('filtered'), await ask('filtered', true));
      const asked = Array.from({ length: 7 }, (_, at) => ask(`question ${at}`));
      await asked[0];
      throw new RungError({ code: 'other', message: 'It gave up' });
    });
    await guarded([many], { provider: slow });
    expect(given).toEqual([undefined, { text: '' }]);
    expect(seen).toEqual({ now: 0, most: 2, ended: 9 });
  });

  it('says why the first answer did not come, of a question as of a row, and of the guard that missed it alone', async () => {
    const away = async () => Promise.reject(new ModelError({ kind: 'rejected', status: 424, message: 'Load the adapter first' }));
    const provider: Provider = { ...fake, open: async (asked) => ({ ...(await fake.open(asked)), generate: away }) };
    const missing = (id: string, run: (input: GuardInput, context: GuardContext) => Promise<unknown>) =>
      guardOf(id, async (input, context) => ({ ...passed(id), ...((await run(input, context)) === undefined && { why: 'None came.' }) }));
    const { results } = await guarded(
      [
        missing('asks', ({ tuned }, { ask }) => ask(tuned, 'one')),
        missing('measures', async ({ tuned, validation }, { measure }) => (await measure(tuned, validation))[0]?.answer),
        missing('neither', async () => 'all'),
      ],
      { provider },
    );
    const why = 'None came. The first answer that did not come: Load the adapter first.';
    expect(results?.map((result) => result.why)).toEqual([why, why, 'It passed.']);
  });

  it('turns the scores of a metric round of which less is better', async () => {
    const seen: (number | null)[] = [];
    const look = guardOf('look', async (input, context) => {
      for (const candidate of [input.base, input.tuned]) {
        seen.push(...(await context.measure(candidate, input.validation)).map(({ score }) => score));
      }
      return passed('look');
    });
    await guarded([look], { changes: { metrics: [{ ...accuracy, id: 'errors', better: 'lower' }] } });
    expect(seen).toEqual([1, 1, 0, 0]);
  });

  it('ends the run where its budget ends', async () => {
    const greedy = guardOf('greedy', async (input, context) => {
      await context.ask(input.tuned, 'one');
      await context.ask(input.tuned, 'two');
      return passed('greedy');
    });
    await expect(guarded([greedy], { maxCalls: 1 })).rejects.toBeInstanceOf(BudgetEndedError);
    expect((await guarded([greedy], { maxCalls: 2 })).calls).toBe(2);
  });
});

describe('a dry run', () => {
  it('counts what guards would ask of rungs that train, and of no others', async () => {
    const asking = guardOf('asking', async () => passed('asking'), {
      forecast: ({ validation, general, generalSuite }) => ({
        ...{ answers: 2 * validation.length, questions: general.length + generalSuite.length, outputTokens: 10 },
      }),
    });
    const trained = { ...plain, id: 'trained', trains: true, forecast: () => ({ ...one, prepareCalls: 0 }) };
    const one = { callsPerAnswer: 2, inputTokens: 100, outputTokens: 5 };
    const plugins: Plugins = {
      providers: [fake],
      approaches: [plain, trained],
      metrics: [accuracy],
      probes: [],
      trainers: [],
      guards: [asking],
    };
    const ladder = ['plain', 'trained'].map((name) => ({ approach: name, name, model: 'base', options: {} }));
    const task = madeTask({}, { providers, models: { base: 'fake/base' }, ladder });
    const plan = makePlan({ task, splits, plugins, general: [example('g1')] });
    const store = await openSqliteStore(':memory:');
    const { models } = openRun({ plan, plugins, store, artefacts: openArtefacts('/nowhere'), environment: {} });
    try {
      const { rungs, total } = await dryRun(plan, models, { concurrency: 1 });
      expect(rungs[0]).not.toHaveProperty('guards');
      // two validation rows before and after, two calls each, and a question of 30 tokens; a mean over the nine
      expect(rungs[1]?.guards).toEqual([
        { guard: 'asking', calls: 9, inputTokens: Math.round((8 * 100 + 30) / 9), outputTokens: 6, dollars: 0 },
      ]);
      expect(total.calls).toBe(1 + 2 + 9);
    } finally {
      await models.close();
      await store.close();
    }
  });
});

describe('the guards of a plan', () => {
  const strict = guardOf('strict', async () => passed('strict'), {
    checkOptions(options) {
      if (options['limit'] === 'much') throw new Error('limit');
    },
  });

  it('are all but those that the task switches off, with the options of the task', async () => {
    expect((await guarded([strict], { changes: { guards: { strict: false } } })).results).toBeUndefined();
    await expect(guarded([strict], { changes: { guards: { strict: { limit: 'much' } } } })).rejects.toThrow('limit');
    await expect(guarded([strict], { changes: { guards: { nothing: {} } } })).rejects.toThrow('There is no guard named "nothing"');
  });
});
