import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Approach, defineApproach, type PrepareInput } from '#core/approach.ts';
import { candidateId } from '#core/candidate.ts';
import type { Example } from '#core/example.ts';
import type { Plugins } from '#core/plugins.ts';
import type { ProgressEvent } from '#core/progress.ts';
import type { Store } from '#core/store.ts';
import { accuracy } from '#metrics/accuracy.ts';
import { openArtefacts } from '#stores/artefacts.ts';
import { openSqliteStore } from '#stores/sqlite.ts';
import { madeTask } from '#verdict/verdict.fixture.ts';
import { manualClock, never } from './engine.fixture.ts';
import { measureLearningCurve } from './learning-curve.ts';
import { openRun } from './open-run.ts';
import type { Plan, PlannedRung } from './plan.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-curve-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const labels = ['billing', 'shipping', 'returns'];

/** 40 words, each of one label; a rare third label. */
function example(index: number, group?: string): Example {
  const label = labels[index % 20 === 0 ? 2 : index % 2]!;
  return { id: `e${index}`, input: `${label} ${Math.floor(index / 2) % 20}`, expected: label, tags: [], source: 'human', group };
}

/** Knows the inputs that it was prepared from, and nothing else. */
function rote(): { approach: Approach; prepared: PrepareInput[]; asked: string[] } {
  const prepared: PrepareInput[] = [];
  const asked: string[] = [];
  const approach = defineApproach({
    id: 'rote',
    summary: 'learns by heart',
    asksModel: false,
    checkOptions() {},
    async prepare(input, context) {
      prepared.push(input);
      context.progress({ message: 'learning by heart', done: 1, total: 1 });
      const known = Object.fromEntries(input.train.map((row) => [String(row.input), String(row.expected)]));
      const state = { known, seed: input.seed };
      return { schema: 'rung.candidate/1', approach: 'rote', name: input.name, model: null, state, artefacts: {} };
    },
    async restore(manifest) {
      const known = manifest.state['known'] as Record<string, string>;
      return {
        id: candidateId(manifest),
        manifest,
        async answer(input) {
          asked.push(String(input));
          const text = known[String(input)] ?? 'unknown';
          return { text, value: text, strict: true, calls: [] };
        },
      };
    },
  });
  return { approach, prepared, asked };
}

async function setUp(train: readonly Example[], validationRows = 40) {
  const { approach, prepared, asked } = rote();
  const task = madeTask({}, { output: { kind: 'labels', labels } });
  const plugins: Plugins = { providers: [], approaches: [approach], metrics: [accuracy], probes: [], trainers: [], guards: [] };
  const validation = Array.from({ length: validationRows }, (_, index) => ({ ...example(index), id: `v${index}` }));
  const test = [{ ...example(1), id: 't', input: 'never to be asked' }];
  const rung: PlannedRung = { name: 'by-heart', approach, model: 'base', options: {} };
  const plan: Plan = {
    task,
    rungs: [rung],
    metrics: [accuracy],
    probes: [],
    guards: [],
    general: [],
    splits: { train, validation, test, hash: 'h' },
    evidenceSplit: 'test',
    knowledge: [],
    prompts: { versions: [], overlays: [] },
    criteriaHash: 'c',
    seed: 7,
  };
  const store = await openSqliteStore(':memory:');
  const artefacts = openArtefacts(folder);
  const events: ProgressEvent[] = [];
  const measure = (on: Store = store) => {
    const run = openRun({ plan, plugins, store: on, artefacts, environment: {} });
    const shared = { ...run, trainers: [], store: on, artefacts, clock: manualClock(), concurrency: 8, stopping: never, abort: never };
    return measureLearningCurve(rung, { ...shared, plan, progress: (event) => events.push(event) });
  };
  return { measure, prepared, asked, events, store, train };
}

const rows = (count: number) => Array.from({ length: count }, (_, index) => example(index));

describe('measureLearningCurve', () => {
  it('prepares three nested draws of each size, with every label, and measures them on the validation split', async () => {
    const { measure, prepared, asked, events } = await setUp(rows(160));
    const curve = await measure();
    expect(curve).toMatchObject({ rung: 'by-heart', metric: 'accuracy', better: 'higher', earlier: [] });
    expect(curve!.points.map(({ rows, seed }) => [rows, seed])).toEqual(
      [10, 20, 40, 80, 160].flatMap((size) => [0, 1, 2].map((seed) => [size, seed])),
    );
    expect(curve!.points.every(({ n }) => n === 40)).toBe(true);
    expect(curve!.points.filter(({ rows }) => rows === 160).every(({ value }) => value === 1)).toBe(true);
    expect(curve!.points[0]!.value).toBeLessThan(0.6);
    expect(asked).not.toContain('never to be asked');
    for (const seed of [7, 8, 9]) {
      const parts = prepared.filter((input) => input.seed === seed).map((input) => new Set(input.train.map(({ id }) => id)));
      for (const [index, part] of parts.entries()) expect(part.isSubsetOf(parts[index + 1] ?? part)).toBe(true);
    }
    for (const { train } of prepared)
      for (const label of labels) expect(train.filter(({ expected }) => expected === label).length).toBeGreaterThanOrEqual(2);
    const smallest = prepared
      .filter((input) => input.train.length === 10)
      .map((input) =>
        input.train
          .map(({ id }) => id)
          .sort()
          .join(),
      );
    expect(new Set(smallest).size).toBe(3);
    expect(events.every((event) => event.type === 'prepare' && event.message.startsWith('learning curve'))).toBe(true);
    expect(events.at(-1)).toMatchObject({ done: 15, total: 15 });
  });

  it('costs nothing the second time, and goes on where it was killed', async () => {
    const { measure, prepared, asked, store } = await setUp(rows(160));
    let left = 7;
    const killed: Store = {
      ...store,
      async recordPrepared(key, candidate) {
        if (left-- === 0) throw new Error('killed');
        await store.recordPrepared(key, candidate);
      },
    };
    await expect(measure(killed)).rejects.toThrow('killed');
    const first = await measure();
    expect(prepared).toHaveLength(16);
    const after = asked.length;
    expect(after).toBe(15 * 40);
    expect(await measure()).toEqual(first);
    expect(prepared).toHaveLength(16);
    expect(asked).toHaveLength(after);
  });

  it('keeps groups whole', async () => {
    const grouped = Array.from({ length: 180 }, (_, index) => example(index, `g${Math.floor(index / 6)}`));
    const { measure, prepared } = await setUp(grouped);
    const curve = await measure();
    for (const { train } of prepared) {
      const sizes = Map.groupBy(train, ({ group }) => group);
      expect([...sizes.values()].every((members) => members.length === 6)).toBe(true);
    }
    const sizes = [...new Set(curve!.points.map((point) => point.rows))];
    expect(sizes.length).toBeGreaterThanOrEqual(4);
    expect(sizes.at(-1)).toBe(180);
    for (const size of sizes) expect(curve!.points.filter((point) => point.rows === size)).toHaveLength(3);
  });

  it('takes closer steps where a sixteenth would be too small, for its rows or for its labels', async () => {
    const sizesOf = async (train: readonly Example[]) => {
      const curve = await (await setUp(train)).measure();
      return [...new Set(curve!.points.map((point) => point.rows))];
    };
    expect(await sizesOf(rows(70))).toEqual([8, 14, 24, 41, 70]);
    // 40 groups of 4 that hold one label each
    const grouped = rows(160).map((row, index) => ({
      ...row,
      expected: labels[Math.floor(index / 4) % 3]!,
      group: `g${Math.floor(index / 4)}`,
    }));
    expect((await sizesOf(grouped))[0]).toBe(12);
    // one group holds nearly everything: there is nothing between it and all
    const lumped = rows(160).map((row, index) => ({ ...row, group: index < 150 ? 'most' : undefined }));
    expect(await sizesOf(lumped)).toEqual([160]);
  });

  it('takes the earlier forecasts of the same rung and metric along', async () => {
    const { measure, store } = await setUp(rows(64));
    const forecast = { rung: 'by-heart', metric: 'accuracy', madeAt: 32, points: [{ rows: 64, value: 0.9, low: 0.8, high: 1 }] };
    await store.recordForecast(forecast);
    await store.recordForecast({ ...forecast, rung: 'other' });
    await store.recordForecast({ ...forecast, metric: 'format' });
    expect((await measure())!.earlier).toEqual([forecast]);
  });

  it.each([
    [63, 40],
    [64, 29],
  ])('does without where there are %i training and %i validation rows', async (trainRows, validationRows) => {
    const { measure, prepared, events } = await setUp(rows(trainRows), validationRows);
    expect(await measure()).toBeUndefined();
    expect([prepared, events]).toEqual([[], []]);
  });
});
