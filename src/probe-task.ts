import { join } from 'node:path';
import type { Approach, ArtefactStore } from '#core/approach.ts';
import type { Manifest } from '#core/candidate.ts';
import { inputError, type RungError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import { type Plugins, pluginById } from '#core/plugins.ts';
import type { Probe } from '#core/probe.ts';
import type { ProgressListener } from '#core/progress.ts';
import type { Store } from '#core/store.ts';
import type { RetryPolicy } from '#engine/backoff.ts';
import type { Clock } from '#engine/clock.ts';
import { openRun } from '#engine/open-run.ts';
import { type Plan, type PlannedRung, probedExamples } from '#engine/plan.ts';
import { type PrepareOptions, prepare } from '#engine/prepare.ts';
import { withReadyMetrics } from '#engine/ready-metrics.ts';
import { type ProbeReport, runProbe } from '#engine/run-probe.ts';
import { skipReason } from '#engine/rung-input.ts';
import { openArtefacts } from '#stores/artefacts.ts';
import { lockRuns } from '#stores/run-lock.ts';
import { openSqliteStore } from '#stores/sqlite.ts';
import { type PlannedTask, stateFolder } from './session.ts';

export interface ProbeTaskOptions {
  readonly plugins: Plugins;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Id of the probe. */
  readonly probe: string;
  /** Name of a rung, or id of a candidate in the store; the first rung where absent. */
  readonly candidate?: string;
  readonly options: JsonObject;
  /** The folder that paths in options are relative to. */
  readonly folder: string;
  readonly progress?: ProgressListener;
  /** US dollars. */
  readonly budget?: number;
  readonly maxCalls?: number;
  readonly concurrency?: number;
  readonly stopping?: AbortSignal;
  readonly abort?: AbortSignal;
  readonly clock?: Clock;
  readonly retryPolicy?: RetryPolicy;
}

export interface TaskProbeReport extends ProbeReport {
  readonly task: string;
  readonly rung: string;
  readonly model: string | null;
}

/** Questions in flight where nothing else is said. */
export const defaultProbeConcurrency = 16;

/**
 * Opens a candidate of a planned task, preparing its rung where that was not done yet, and runs a probe on it. Questions
 * are drawn from the validation split, so that the test split stays unseen; from the measured one where there is none.
 * What was answered is in the store, so an interrupted probe goes on where it was.
 */
export async function probeTask({ task, plan }: PlannedTask, options: ProbeTaskOptions): Promise<TaskProbeReport> {
  const probe = pluginById('probe', options.plugins.probes, options.probe);
  probe.checkOptions(options.options);
  const why = probe.skip?.(task);
  if (why !== undefined)
    throw inputError({ code: 'probe-skipped', message: `The probe ${probe.id} says nothing about this task: ${why}.` });
  const folder = stateFolder(task);
  const lock = await lockRuns(folder);
  try {
    const store = await openSqliteStore(join(folder, 'store.sqlite'));
    try {
      return await probeWith(probe, plan, { store, artefacts: openArtefacts(folder) }, options);
    } finally {
      await store.close();
    }
  } finally {
    lock.release();
  }
}

async function probeWith(
  probe: Probe,
  plan: Plan,
  open: { readonly store: Store; readonly artefacts: ArtefactStore },
  options: ProbeTaskOptions,
): Promise<TaskProbeReport> {
  const never = new AbortController().signal;
  const { stopping = never, abort = never, concurrency = defaultProbeConcurrency, progress = () => {} } = options;
  const { task } = plan;
  const run = openRun({ ...options, ...open, plan, stopping });
  try {
    const shown = options.candidate ?? plan.rungs[0]?.name ?? '';
    progress({ type: 'plan', task: task.name, rungs: [{ rung: shown, rows: 0 }] });
    const ready = await withReadyMetrics(plan, run.models);
    const preparing = { plan: ready, ...run, ...open, trainers: options.plugins.trainers, concurrency, stopping, abort, progress };
    const { manifest, approach } = await openCandidate(plan.rungs, open.store, preparing, options);
    const report = await runProbe({
      ...{ probe, task, concurrency, run, stopping, abort },
      candidate: await approach.restore(manifest, { model: (reference) => run.models.callable(reference), artefacts: open.artefacts }),
      metrics: ready.metrics,
      examples: probedExamples(plan),
      options: options.options,
      overlays: plan.prompts.overlays,
      folder: options.folder,
      seed: plan.seed,
      confidence: task.confidence,
      progress: ({ done, total, message }) =>
        progress({ type: 'prepare', rung: shown, message: message ?? `probe ${probe.id}`, done, total }),
    });
    const { calls, cached, retries, dollars } = report.spent;
    progress({ type: 'spent', dollars, calls, cached, retries });
    return { task: task.name, rung: manifest.name, model: manifest.model?.model ?? null, ...report };
  } finally {
    await run.models.close();
  }
}

/** The named candidate: from the store by its id, or prepared as its rung says. */
async function openCandidate(
  rungs: readonly PlannedRung[],
  store: Store,
  preparing: PrepareOptions,
  { candidate, plugins }: ProbeTaskOptions,
): Promise<{ manifest: Manifest; approach: Approach }> {
  const rung = candidate === undefined ? rungs[0] : rungs.find(({ name }) => name === candidate);
  if (rung !== undefined) {
    const why = skipReason(rung, preparing.plan, preparing.models);
    if (why !== undefined) throw inputError({ code: 'rung-skipped', message: `The rung ${rung.name} does not run on this task: ${why}` });
    return { manifest: (await prepare(rung, preparing)).manifest, approach: rung.approach };
  }
  const stored = candidate === undefined ? undefined : await store.candidate(candidate);
  if (stored === undefined) throw unknownCandidate(candidate ?? '', rungs, preparing.plan.task.file);
  const own = rungs.find(({ approach }) => approach.id === stored.manifest.approach)?.approach;
  return { manifest: stored.manifest, approach: own ?? pluginById('rung', plugins.approaches, stored.manifest.approach) };
}

function unknownCandidate(candidate: string, rungs: readonly PlannedRung[], file: string): RungError {
  return inputError({
    code: 'unknown-candidate',
    message: `There is no rung and no stored candidate named ${JSON.stringify(candidate)}.`,
    hint: `The ladder has: ${rungs.map(({ name }) => name).join(', ')}; ids of candidates that were measured are in decision.json.`,
    place: { file },
  });
}
