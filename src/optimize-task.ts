import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { optimise, optimized } from '#approaches/optimized.ts';
import { type HeldBack, type OptimisationHistory, readTrials, type Trial } from '#approaches/optimized-history.ts';
import { type FoundVersion, foundVersions } from '#approaches/optimized-versions.ts';
import type { Approach, ArtefactStore } from '#core/approach.ts';
import { inputError, RungError } from '#core/errors.ts';
import type { Estimate } from '#core/estimate.ts';
import type { JsonObject } from '#core/json.ts';
import type { PreparedCandidate } from '#core/run.ts';
import type { Store } from '#core/store.ts';
import type { Verdict } from '#core/verdict.ts';
import { type DryRun, dryRun } from '#engine/dry-run.ts';
import { openRun } from '#engine/open-run.ts';
import type { Plan, PlannedRung } from '#engine/plan.ts';
import { prepare } from '#engine/prepare.ts';
import { withReadyMetrics } from '#engine/ready-metrics.ts';
import { spentOf } from '#engine/run-spent.ts';
import { skipReason } from '#engine/rung-input.ts';
import { leadingMetric } from '#engine/score.ts';
import { openArtefacts } from '#stores/artefacts.ts';
import { openSqliteStore } from '#stores/sqlite.ts';
import type { PlannedTask } from './session.ts';
import type { TaskRunOptions } from './task-run.ts';
import { stateFolder, withTaskState } from './task-state.ts';

export interface OptimizeTaskOptions extends TaskRunOptions {
  /** Options of the rung, over those of its ladder entry: `calls`, `trials`, `pays`, `rewriter`. */
  readonly options: JsonObject;
  /** A role of `models:` or a model name; that of the ladder entry, else `base`, where absent. */
  readonly model?: string;
  /** Forgets answers and candidates of earlier runs. */
  readonly fresh?: boolean;
}

type Metrics = Readonly<Record<string, Estimate>>;

/** The document of `rung optimize --json`. */
export interface OptimizeReport {
  readonly task: string;
  readonly rung: string;
  readonly model: string;
  readonly baseline: { readonly candidate: string; readonly metrics: Metrics };
  readonly best: { readonly candidate: string; readonly n: number; readonly metrics: Metrics };
  readonly trials: readonly (Omit<Trial, 'value'> & { readonly metrics: Metrics })[];
  /** The steps that led to the best version, each as a prompt of its own where one file can hold it. */
  readonly found: readonly FoundVersion[];
  readonly plateau: OptimisationHistory['plateau'];
  readonly ended: OptimisationHistory['ended'];
  readonly held: HeldBack | null;
  readonly front: readonly number[];
  readonly notes: readonly string[];
  readonly confidence: number;
  /** Calls that were counted, answers from the store included, and the most that were allowed. */
  readonly calls: number;
  readonly allowed: number;
  /** Absent where nothing was asked in this run. */
  readonly spent: Readonly<Verdict['spent']>;
}

const defaultConcurrency = 16;
const nothingSpent = { dollars: 0, calls: 0, cached: 0, retries: 0, failures: 0, seconds: 0 };

/**
 * Searches for a better prompt on the training and validation splits of a planned task; the test split stays unseen. A
 * search that a limit cuts off is kept and reported with what it found; the next one goes on from its answers.
 */
export async function optimizeTask(planned: PlannedTask, options: OptimizeTaskOptions): Promise<OptimizeReport> {
  const rung = rungOf(planned.plan, options);
  return withTaskState(planned.task, async (state) => {
    if (options.fresh) {
      await state.store.clear();
      await rm(join(stateFolder(planned.task), 'scratch'), { recursive: true, force: true });
    }
    return optimizeWith(rung, planned.plan, state, options);
  });
}

/** Reports of earlier optimisations of a task, the oldest first. Asks nothing. */
export async function optimizationsOf(planned: PlannedTask): Promise<readonly OptimizeReport[]> {
  const folder = stateFolder(planned.task);
  const store = await openSqliteStore(join(folder, 'store.sqlite'));
  try {
    const artefacts = openArtefacts(folder);
    const reports: OptimizeReport[] = [];
    for (const prepared of await finished(store)) {
      const history = await readTrials(artefacts, prepared.manifest);
      if (history !== undefined) reports.push(reportOf(planned.plan, prepared, history, nothingSpent));
    }
    return reports;
  } finally {
    await store.close();
  }
}

/** What an optimisation would ask and cost, at most. Asks nothing. */
export async function dryRunOptimization(
  { task, plan }: PlannedTask,
  options: Pick<OptimizeTaskOptions, 'plugins' | 'environment' | 'options' | 'model'>,
): Promise<DryRun> {
  const store = await openSqliteStore(':memory:');
  try {
    const one = { ...plan, rungs: [rungOf(plan, options)] };
    const { models } = openRun({ ...options, plan: one, store, artefacts: openArtefacts(stateFolder(task)) });
    try {
      return await dryRun(one, models, { concurrency: defaultConcurrency, rows: 0 });
    } finally {
      await models.close();
    }
  } finally {
    await store.close();
  }
}

async function optimizeWith(
  rung: PlannedRung,
  plan: Plan,
  open: { readonly store: Store; readonly artefacts: ArtefactStore },
  options: OptimizeTaskOptions,
): Promise<OptimizeReport> {
  const never = new AbortController().signal;
  const { stopping = never, abort = never, concurrency = defaultConcurrency, progress = () => {} } = options;
  const run = openRun({ ...options, ...open, plan, stopping });
  const begun = run.clock.elapsed();
  try {
    const why = skipReason(rung, plan, run.models);
    if (why !== undefined) throw inputError({ code: 'rung-skipped', message: `There is nothing to optimise here: ${why}` });
    progress({ type: 'plan', task: plan.task.name, rungs: [{ rung: rung.name, rows: 0 }] });
    const ready = await withReadyMetrics(plan, run.models);
    const partial = { cutOff: false };
    const keeping = { ...rung, approach: keepingPartial(partial) };
    const store = withoutPartial(open.store, partial);
    const prepared = await prepare(keeping, {
      ...{ plan: ready, ...run, artefacts: open.artefacts, store, trainers: options.plugins.trainers },
      ...{ concurrency, stopping, abort, progress },
    });
    const history = await readTrials(open.artefacts, prepared.manifest);
    if (history === undefined) throw new TypeError('An optimised candidate has no history.');
    await noteFinished(open.store, prepared);
    const spent = spentOf(run, begun);
    progress({ type: 'spent', dollars: spent.dollars, calls: spent.calls, cached: spent.cached, retries: spent.retries });
    return reportOf(ready, prepared, history, spent);
  } finally {
    await run.models.close();
  }
}

/** The ladder's own entry for the rung, or one of the task's base model, with the options of this run. */
function rungOf({ rungs }: Plan, { options, model }: Pick<OptimizeTaskOptions, 'options' | 'model'>): PlannedRung {
  const own = rungs.find(({ approach }) => approach.id === optimized.id);
  const rung: PlannedRung = {
    name: own?.name ?? optimized.id,
    approach: optimized,
    model: model ?? own?.model ?? 'base',
    options: { ...own?.options, ...options },
  };
  optimized.checkOptions(rung.options);
  return rung;
}

/** The rung, but for a search that was cut off: what it found is a candidate, too. */
function keepingPartial(partial: { cutOff: boolean }): Approach {
  return {
    ...optimized,
    async prepare(input, context) {
      const { manifest, cutOff } = await optimise(input, context);
      partial.cutOff = cutOff !== undefined;
      return manifest;
    },
  };
}

/** The store, but a search that was cut off is kept under a key of its own, so that the next one goes on with it. */
function withoutPartial(store: Store, partial: { readonly cutOff: boolean }): Store {
  return new Proxy(store, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (name === 'recordPrepared') {
        return (key: string, prepared: PreparedCandidate) => target.recordPrepared(partial.cutOff ? `partial ${key}` : key, prepared);
      }
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const finishedKey = (n: number) => `optimisation ${n}`;

async function finished(store: Store): Promise<readonly PreparedCandidate[]> {
  const all: PreparedCandidate[] = [];
  for (let n = 1; ; n++) {
    const prepared = await store.prepared(finishedKey(n));
    if (prepared === undefined) return all;
    all.push(prepared);
  }
}

async function noteFinished(store: Store, prepared: PreparedCandidate): Promise<void> {
  const before = await finished(store);
  if (!before.some(({ id }) => id === prepared.id)) await store.recordPrepared(finishedKey(before.length + 1), prepared);
}

function reportOf(plan: Plan, prepared: PreparedCandidate, history: OptimisationHistory, spent: OptimizeReport['spent']): OptimizeReport {
  const metric = leadingMetric(plan.metrics);
  const metricsOf = (value: Estimate | null): Metrics => {
    if (value === null || metric === undefined) return {};
    return { [metric.id]: metric.better === 'higher' ? value : { ...value, value: -value.value, low: -value.high, high: -value.low } };
  };
  const { trials, best, plateau, ended, held, front, notes, confidence, calls, allowed } = history;
  const [first] = trials;
  const chosen = trials.find(({ n }) => n === best);
  if (first === undefined || chosen === undefined) throw unreadableHistory();
  return {
    task: plan.task.name,
    rung: prepared.manifest.name,
    model: prepared.manifest.model?.model ?? '',
    baseline: { candidate: first.candidate, metrics: metricsOf(first.value) },
    best: { candidate: prepared.id, n: best, metrics: metricsOf(chosen.value) },
    trials: trials.map(({ value, ...trial }) => ({ ...trial, metrics: metricsOf(value) })),
    found: foundVersions(history, prepared.manifest, metricsOf),
    ...{ plateau, ended, held, front, notes, confidence, calls, allowed, spent },
  };
}

function unreadableHistory(): RungError {
  return new RungError({
    code: 'history-unreadable',
    message: 'The history of this optimisation names no chosen trial.',
    hint: 'Run rung optimize again: answers that are in the store are not asked twice.',
  });
}
