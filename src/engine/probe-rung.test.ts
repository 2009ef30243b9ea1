import { describe, expect, it } from 'vitest';
import type { Candidate } from '#core/candidate.ts';
import type { EarlyStop } from '#core/evidence.ts';
import type { Example } from '#core/example.ts';
import type { JsonObject } from '#core/json.ts';
import { defineMetric } from '#core/metric.ts';
import { ModelError } from '#core/model-error.ts';
import type { Plugins } from '#core/plugins.ts';
import { defineProbe, type ProbeInput } from '#core/probe.ts';
import type { ProgressEvent } from '#core/progress.ts';
import type { Task } from '#core/task.ts';
import { openArtefacts } from '#stores/artefacts.ts';
import { openSqliteStore } from '#stores/sqlite.ts';
import { madeTask } from '#verdict/verdict.fixture.ts';
import { BudgetEndedError } from './budget.ts';
import { manualClock, never } from './engine.fixture.ts';
import { openRun } from './open-run.ts';
import { makePlan } from './plan.ts';
import { probeRung } from './probe-rung.ts';

const example = (id: string): Example => ({ id, input: `question ${id}`, expected: 'yes', tags: [], source: 'human' });
const splits = { train: [], validation: [example('v1'), example('v2')], test: [example('t1')], hash: 'h' };

const accuracy = defineMetric({
  ...{ id: 'accuracy', summary: '', better: 'higher', scale: 'proportion', onError: 0 },
  score: () => ({ value: 1 }),
});

/** Asks every example once, and notes what it was given. */
function echo(seen: ProbeInput[] = []) {
  return defineProbe({
    id: 'echo',
    summary: 'Asks every example.',
    measures: [{ id: 'echoed', summary: 'Share answered yes.', better: 'higher' }],
    checkOptions(options) {
      if (options['loud'] === 'no') throw new Error('loud');
    },
    skip: ({ output }) => (output.kind === 'text' ? 'it has no labels' : undefined),
    async run(candidate, input, { signal, progress }) {
      seen.push(input);
      const texts = input.examples.map(async ({ input: question }, at) => {
        const answer = await candidate.answer(question, { signal }).catch(() => undefined);
        signal.throwIfAborted();
        progress({ done: at + 1, total: input.examples.length });
        return answer?.text;
      });
      const outcomes = (await Promise.all(texts)).map((text) => ({ measure: 'echoed', score: text === 'yes' ? 1 : 0 }));
      return { probe: 'echo', outcomes, cases: [{ id: 'all', passed: true, reason: 'asked' }] };
    },
  });
}

const plugins = (seen?: ProbeInput[]): Plugins => ({
  providers: [],
  approaches: [],
  metrics: [accuracy],
  probes: [echo(seen)],
  trainers: [],
  guards: [],
});
const planFor = (probes: Readonly<Record<string, JsonObject>>, seen?: ProbeInput[], changes: Partial<Task> = {}) =>
  makePlan({ task: madeTask({}, { probes, ...changes }), splits, plugins: plugins(seen) });

function candidateOf(answer: (question: unknown) => string): Candidate {
  return {
    id: 'c_1',
    manifest: { schema: 'rung.candidate/1', approach: 'x', name: 'x', model: null, state: {}, artefacts: {} },
    async answer(input) {
      const text = answer(input);
      return { text, value: text, strict: true, calls: [] };
    },
  };
}

async function probed(
  answer: (question: unknown) => string,
  { plan = planFor({ echo: {} }), stopped }: { plan?: ReturnType<typeof planFor>; stopped?: EarlyStop } = {},
) {
  const store = await openSqliteStore(':memory:');
  const run = openRun({ plan, plugins: plugins(), store, artefacts: openArtefacts('/nowhere'), environment: {}, clock: manualClock() });
  const events: ProgressEvent[] = [];
  const options = {
    plan,
    ...run,
    store,
    trainers: [],
    artefacts: openArtefacts('/nowhere'),
    concurrency: 2,
    stopping: never,
    abort: never,
  };
  const showing = { progress: (event: ProgressEvent) => events.push(event), showSpent: () => {} };
  const measured = { rung: 'few-shot', rows: 10, failures: 0, stopped, tuned: undefined };
  try {
    return { ...(await probeRung(candidateOf(answer), measured, { ...options, ...showing })), events };
  } finally {
    await store.close();
  }
}

const stop = (reason: EarlyStop['reason']): EarlyStop => ({ reason, rows: 100, of: 200, why: 'surely misses accuracy' });

describe('probing a rung', () => {
  it('asks questions of the validation split, and keeps outcomes and findings', async () => {
    const seen: ProbeInput[] = [];
    const { probes, unprobed, events } = await probed((question) => (question === 'question v1' ? 'yes' : 'no'), {
      plan: planFor({ echo: { loud: true } }, seen),
    });
    expect(probes).toMatchObject([{ probe: 'echo', options: { loud: true }, metrics: { echoed: { value: 0.5, n: 2 } }, units: {} }]);
    expect(probes?.[0]?.outcomes).toHaveLength(2);
    expect(unprobed).toBeUndefined();
    expect(seen[0]?.examples.map(({ id }) => id)).toEqual(['v1', 'v2']);
    expect(seen[0]).toMatchObject({ seed: 7, folder: '/tasks/support', concurrency: 2 });
    expect(events).toContainEqual({ type: 'prepare', rung: 'few-shot', message: 'probe echo', done: 2, total: 2 });
  });

  it('leaves out a rung that can no longer be chosen, and says why', async () => {
    for (const reason of ['misses-goal', 'dominated'] as const) {
      const { probes, unprobed } = await probed(() => 'yes', { stopped: stop(reason) });
      expect(probes).toBeUndefined();
      expect(unprobed).toEqual([{ probe: 'echo', why: 'measuring it stopped early: surely misses accuracy' }]);
    }
    for (const reason of ['meets-goals', 'cannot-tell'] as const)
      expect((await probed(() => 'yes', { stopped: stop(reason) })).probes).toHaveLength(1);
  });

  it('says so where a probe says nothing about the task, or nothing is answered', async () => {
    const plan = planFor({ echo: {} }, [], { output: { kind: 'text' } });
    expect((await probed(() => 'yes', { plan })).unprobed).toEqual([{ probe: 'echo', why: 'it has no labels' }]);
    const silent = await probed(() => {
      throw new ModelError({ kind: 'timeout', message: 'slow' });
    });
    expect(silent.unprobed?.[0]?.why).toMatch(/No question of the probe was answered: slow/);
  });

  it('ends the run where its budget ends', async () => {
    const ended = new BudgetEndedError('3 calls');
    await expect(
      probed(() => {
        throw ended;
      }),
    ).rejects.toBe(ended);
  });
});

describe('the probes of a plan', () => {
  const goal = { measure: 'echoed', operator: '>=', bound: 0.5, probe: 'echo' } as const;

  it('are those of the task and those that its goals are measured by, with defaults', () => {
    expect(planFor({}).probes).toEqual([]);
    expect(planFor({}, [], { goals: [goal] }).probes).toMatchObject([{ probe: { id: 'echo' }, options: {} }]);
    expect(planFor({ echo: { loud: true } }, [], { goals: [goal] }).probes).toMatchObject([{ options: { loud: true } }]);
    expect(() => planFor({ nothing: {} })).toThrow('There is no probe named "nothing"');
    expect(() => planFor({ echo: { loud: 'no' } })).toThrow('loud');
  });

  it('are part of what is registered, and leave tasks without any as they were', () => {
    const [none, defaults, loud] = [planFor({}), planFor({ echo: {} }), planFor({ echo: { loud: true } })].map((plan) => plan.criteriaHash);
    expect(new Set([none, defaults, loud]).size).toBe(3);
    // as it was computed before tasks could name probes
    expect(none).toBe('32dd6547df106cfbe5aae7e7db21ea504628eaf449e0597becf00fe88e630cf0');
  });
});
