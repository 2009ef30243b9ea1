import { inputError, RungError } from '#core/errors.ts';
import type { JobEvent, JobRecord } from '#core/job.ts';
import type { JsonObject } from '#core/json.ts';
import type { PreparedCandidate } from '#core/run.ts';
import type { Store } from '#core/store.ts';
import type { Verdict } from '#core/verdict.ts';
import { defaultConcurrency } from '#engine/climb.ts';
import { openRun } from '#engine/open-run.ts';
import type { Plan, PlannedRung } from '#engine/plan.ts';
import { type PrepareOptions, prepare } from '#engine/prepare.ts';
import { withReadyMetrics } from '#engine/ready-metrics.ts';
import { runGuards } from '#engine/run-guards.ts';
import { spentOf } from '#engine/run-spent.ts';
import { skipReason } from '#engine/rung-input.ts';
import { knownModels, type TunedReference, tunedReference } from '#engine/tuned-reference.ts';
import type { PlannedTask } from './session.ts';
import type { TaskRunOptions } from './task-run.ts';
import { type TaskState, withTaskState } from './task-state.ts';

export interface TuneTaskOptions extends TaskRunOptions {
  /** The rung to tune. */
  readonly rung: PlannedRung;
  /** Kept with the training jobs. */
  readonly jobMetadata?: JsonObject;
}

/** A tuned rung: the job that made it, and what guards found. */
export interface TuneReport {
  readonly candidate: string;
  /** The job, the guards' findings in it. */
  readonly record: JobRecord;
  readonly events: readonly JobEvent[];
  readonly spent: Readonly<Verdict['spent']>;
}

/**
 * Tunes a rung of a planned task as a climb would, so that a later climb finds the candidate, and holds it against the
 * guards. Goes on with what was interrupted.
 */
export async function tuneTask({ task, plan }: PlannedTask, options: TuneTaskOptions): Promise<TuneReport> {
  return withTaskState(task, (state) => tuneWith(plan, state, options));
}

async function tuneWith(plan: Plan, state: TaskState, options: TuneTaskOptions): Promise<TuneReport> {
  const never = new AbortController().signal;
  const { rung, stopping = never, abort = never, concurrency = defaultConcurrency, progress = () => {} } = options;
  const run = openRun({ ...options, ...state, plan, stopping });
  const begun = run.clock.elapsed();
  try {
    const why = skipReason(rung, plan, run.models);
    if (why !== undefined) {
      throw inputError({
        code: 'rung-skipped',
        message: `There is nothing to tune on this task: ${why}`,
        hint: 'Add examples with an expected answer, or give the training split a larger share under split: in the task file.',
        place: { file: plan.task.examplesFile },
      });
    }
    refuseOneLabel(plan);
    progress({ type: 'plan', task: plan.task.name, rungs: [{ rung: rung.name, rows: 0 }] });
    const ready = await withReadyMetrics(plan, run.models);
    const preparing = {
      ...{ plan: ready, ...run, ...state, trainers: options.plugins.trainers, jobMetadata: options.jobMetadata },
      ...{ concurrency, stopping, abort, progress },
    };
    const { prepared, tuned, job } = await preparedWithJob(rung, preparing);
    const training = await state.store.training(prepared.id);
    const showSpent = () => {
      const { dollars, calls, cached, retries } = spentOf(run, begun);
      progress({ type: 'spent', dollars, calls, cached, retries });
    };
    const guards = await runGuards(
      { rung: rung.name, approach: rung.approach, manifest: prepared.manifest, tuned, training },
      { ...preparing, showSpent, probes: options.plugins.probes },
    );
    const record = await run.jobs.change(job.id, { guards });
    const spent = spentOf(run, begun);
    progress({ type: 'rung-done', rung: rung.name, candidate: prepared.id });
    showSpent();
    return { candidate: prepared.id, record, events: await run.jobs.events(job.id), spent };
  } finally {
    await run.models.close();
  }
}

/** A model that has seen one label only learns to say it whatever it is asked. */
export function refuseOneLabel({ task, splits }: Plan): void {
  const labels = new Set(splits.train.flatMap(({ expected }) => (typeof expected === 'string' ? [expected] : [])));
  if (task.output.kind !== 'labels' || labels.size !== 1) return;
  throw inputError({
    code: 'one-label',
    message: `Every training row has the label ${JSON.stringify([...labels][0])}: there is nothing to tell apart.`,
    hint: `Add rows with the other labels: ${task.output.labels.filter((label) => !labels.has(label)).join(', ')}.`,
    place: { file: task.examplesFile },
  });
}

interface Tuned {
  readonly prepared: PreparedCandidate;
  readonly tuned: TunedReference;
  readonly job: JobRecord;
}

/** The candidate and the job that made it; it is made anew where its job is not known any more. */
async function preparedWithJob(rung: PlannedRung, options: PrepareOptions): Promise<Tuned> {
  for (const store of [options.store, forgetful(options.store)]) {
    const prepared = await prepare(rung, { ...options, store });
    const tuned = tunedReference(prepared.manifest, await options.jobs.list(), knownModels(rung, options.plan, options.models));
    const job = tuned?.jobs[0];
    if (tuned !== undefined && job !== undefined) return { prepared, tuned, job };
  }
  throw new RungError({
    code: 'nothing-tuned',
    message: `The rung ${rung.name} trains no model on this task.`,
    hint: 'Name one that does: fine-tuned, preference-tuned, pretrained or hybrid.',
  });
}

/** The store, but no candidate was prepared before. */
export function forgetful(store: Store): Store {
  return new Proxy(store, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (name === 'prepared') return async () => undefined;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
