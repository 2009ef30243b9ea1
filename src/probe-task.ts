import type { ArtefactStore } from '#core/approach.ts';
import { inputError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import { pluginById } from '#core/plugins.ts';
import type { Probe } from '#core/probe.ts';
import type { Store } from '#core/store.ts';
import { openRun } from '#engine/open-run.ts';
import { type Plan, probedExamples } from '#engine/plan.ts';
import { probedTuning } from '#engine/probed-tuning.ts';
import { withReadyMetrics } from '#engine/ready-metrics.ts';
import { type ProbeReport, runProbe } from '#engine/run-probe.ts';
import { openCandidate } from './open-candidate.ts';
import type { PlannedTask } from './session.ts';
import type { TaskRunOptions } from './task-run.ts';
import { withTaskState } from './task-state.ts';

export interface ProbeTaskOptions extends TaskRunOptions {
  /** Id of the probe. */
  readonly probe: string;
  /** Name of a rung, or id of a candidate in the store; the first rung where absent. */
  readonly candidate?: string;
  readonly options: JsonObject;
  /** The folder that paths in options are relative to. */
  readonly folder: string;
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
  return withTaskState(task, (state) => probeWith(probe, plan, state, options));
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
    const { manifest, approach, tuned } = await openCandidate(shown, preparing, options.plugins);
    const report = await runProbe({
      ...{ probe, task, concurrency, run, stopping, abort },
      candidate: await approach.restore(manifest, { model: (reference) => run.models.callable(reference), artefacts: open.artefacts }),
      metrics: ready.metrics,
      examples: probedExamples(plan),
      options: options.options,
      tuning: await probedTuning(manifest, tuned, preparing),
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
