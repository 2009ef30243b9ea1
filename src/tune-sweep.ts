import { inputError } from '#core/errors.ts';
import type { JobRecord } from '#core/job.ts';
import { contentHash, isJsonObject, type Json, type JsonObject } from '#core/json.ts';
import type { ProgressEvent } from '#core/progress.ts';
import type { Trainer, TrainingEvent } from '#core/trainer.ts';
import { defaultConcurrency } from '#engine/climb.ts';
import { InterruptedError } from '#engine/interrupt.ts';
import type { Models } from '#engine/models.ts';
import { openRun } from '#engine/open-run.ts';
import type { PlannedRung } from '#engine/plan.ts';
import { prepare } from '#engine/prepare.ts';
import { withReadyMetrics } from '#engine/ready-metrics.ts';
import { spentOf } from '#engine/run-spent.ts';
import { trainerFor } from '#engine/training.ts';
import { knownModels, tunedReference } from '#engine/tuned-reference.ts';
import type { Jobs } from '#jobs/jobs.ts';
import { type Progress, type Standing, successiveHalving } from '#jobs/successive-halving.ts';
import type { PlannedTask } from './session.ts';
import type { TaskRunOptions } from './task-run.ts';
import { withTaskState } from './task-state.ts';
import type { TuneReport } from './tune-task.ts';

/** Option of the rung → the values to try. */
export type Sweep = Readonly<Record<string, readonly Json[]>>;

/** What may be swept: what changes the training and not what it is for. */
const sweepable = ['learningRate', 'rank', 'alpha', 'epochs', 'batchSize', 'warmupRatio', 'dropout', 'weightDecay', 'beta'];
const mostConfigurations = 64;
/** Evaluations that every configuration gets: the first alone says little. */
const firstEvaluations = 2;

/** Every combination of the values, in the order of the options. Throws a usage error for an option that cannot be swept, and for too many. */
function sweepConfigurations(sweep: Sweep): readonly JsonObject[] {
  const unknown = Object.keys(sweep).find((name) => !sweepable.includes(name));
  if (unknown !== undefined) {
    throw inputError({
      code: 'sweep-option',
      message: `The option ${JSON.stringify(unknown)} cannot be swept.`,
      hint: `Take some of: ${sweepable.join(', ')}.`,
    });
  }
  const configurations = Object.entries(sweep).reduce<readonly JsonObject[]>(
    (before, [name, values]) => before.flatMap((configuration) => values.map((value) => ({ ...configuration, [name]: value }))),
    [{}],
  );
  if (configurations.length <= mostConfigurations) return configurations;
  throw inputError({
    code: 'sweep-too-large',
    message: `The sweep has ${configurations.length} configurations; ${mostConfigurations} are the most.`,
    hint: 'Give fewer values: the learning rate matters most, the rank least.',
  });
}

/** The number of configurations. Throws a usage error where one of them is none that the rung takes. */
export function checkedSweep({ approach, options }: PlannedRung, sweep: Sweep): number {
  const configurations = sweepConfigurations(sweep);
  for (const configuration of configurations) approach.checkOptions({ ...options, ...configuration });
  return configurations.length;
}

export interface SweepReport {
  /** The best first, which was trained to its end. */
  readonly standings: readonly Standing<JsonObject>[];
  /** The rung with the options of the best. */
  readonly rung: PlannedRung;
  readonly spent: TuneReport['spent'];
}

/**
 * Trains a rung with several settings and drops the worse half of them again and again (successive halving); each goes on
 * from its checkpoint, so nothing is trained twice, and the best ends as a tune of these settings alone would. All of it
 * counts towards one budget. Only for trainers that can be stopped and go on: a service bills every job whole.
 */
export async function sweepTask(
  { task, plan }: PlannedTask,
  rung: PlannedRung,
  sweep: Sweep,
  options: TaskRunOptions & {
    readonly jobMetadata?: JsonObject;
    readonly onRound?: (round: number, standings: readonly Standing<JsonObject>[]) => void;
  },
): Promise<SweepReport> {
  const never = new AbortController().signal;
  const { stopping = never, abort = never, concurrency = defaultConcurrency, progress = () => {} } = options;
  const rungOf = (configuration: JsonObject): PlannedRung => ({ ...rung, options: { ...rung.options, ...configuration } });
  checkedSweep(rung, sweep);
  const configurations = sweepConfigurations(sweep);
  return withTaskState(task, async (state) => {
    const run = openRun({ ...options, ...state, plan, stopping });
    const begun = run.clock.elapsed();
    try {
      refuseHosted(rung, run.models, options.plugins.trainers);
      const ready = await withReadyMetrics(plan, run.models);
      const preparing = {
        plan: ready,
        ...run,
        ...state,
        trainers: options.plugins.trainers,
        concurrency,
        abort,
      };
      const standings = await successiveHalving(configurations, {
        first: firstEvaluations,
        onRound: options.onRound,
        async run(configuration, evaluations) {
          const rung = rungOf(configuration);
          const jobMetadata = { ...options.jobMetadata, configuration };
          const before = await jobsOf(rung.name, configuration, run.jobs);
          let told = (await evaluationsOf(before, run.jobs)).length;
          // what an earlier run of the sweep has seen is not trained, nor judged, again
          if (told >= evaluations) return reachedAfter(evaluations, before, run.jobs);
          const enough = new AbortController();
          const listen = (event: ProgressEvent): void => {
            progress(event);
            if (event.type === 'training' && event.event.type === 'evaluation' && ++told >= evaluations) enough.abort();
          };
          const signal = AbortSignal.any([stopping, enough.signal]);
          try {
            const { manifest } = await prepare(rung, { ...preparing, jobMetadata, stopping: signal, progress: listen });
            const tuned = tunedReference(manifest, await run.jobs.list(), knownModels(rung, preparing.plan, run.models));
            return await reachedAfter(evaluations, tuned?.jobs ?? [], run.jobs);
          } catch (error) {
            if (!(error instanceof InterruptedError) || stopping.aborted) throw error;
            return reachedAfter(evaluations, await jobsOf(rung.name, configuration, run.jobs), run.jobs);
          }
        },
      });
      return { standings, rung: rungOf(standings[0]?.configuration ?? {}), spent: spentOf(run, begun) };
    } finally {
      await run.models.close();
    }
  });
}

/** The trainings of a configuration, as an interrupted sweep left them. */
async function jobsOf(rung: string, configuration: JsonObject, jobs: Jobs): Promise<readonly JobRecord[]> {
  const wanted = contentHash({ rung, configuration });
  return (await jobs.list()).filter(({ metadata = {} }) => {
    const { rung: name, configuration: settings } = metadata;
    return typeof name === 'string' && isJsonObject(settings) && contentHash({ rung: name, configuration: settings }) === wanted;
  });
}

type Evaluation = Extract<TrainingEvent, { readonly type: 'evaluation' }>;

async function evaluationsOf(records: readonly JobRecord[], jobs: Jobs): Promise<readonly Evaluation[]> {
  const oldestFirst = [...records].sort((one, other) => one.createdAt - other.createdAt);
  const events = await Promise.all(oldestFirst.map(({ id }) => jobs.events(id)));
  return events.flat().flatMap(({ event }) => (event.type === 'evaluation' ? [event] : []));
}

/** The best of the first evaluations, whatever came after them: a sweep that was interrupted ranks as one that was not. */
async function reachedAfter(evaluations: number, records: readonly JobRecord[], jobs: Jobs): Promise<Progress> {
  const all = await evaluationsOf(records, jobs);
  const seen = all.slice(0, evaluations);
  const best = (values: readonly (number | undefined)[], of: (...numbers: number[]) => number) => {
    const known = values.filter((value) => value !== undefined);
    return known.length === 0 ? undefined : of(...known);
  };
  return {
    metric: best(
      seen.map(({ metric }) => metric),
      Math.max,
    ),
    validationLoss: best(
      seen.map(({ validationLoss }) => validationLoss),
      Math.min,
    ),
    ended: all.length <= evaluations && records.length > 0 && records.every(({ state }) => state === 'succeeded'),
  };
}

/** A service would train every configuration to its end and bill it. */
function refuseHosted({ model, options: { trainer } }: PlannedRung, models: Models, trainers: readonly Trainer[]): void {
  const named = typeof trainer === 'string' ? { trainer } : {};
  const { id, hosted } = trainerFor({ ...named, method: 'supervised' }, { trainers, base: models.baseOf(models.nameOf(model)) });
  if (!hosted) return;
  throw inputError({
    code: 'sweep-at-a-service',
    message: `${id} cannot be stopped half-way without paying for the whole job, which a sweep would do again and again.`,
    hint: 'Sweep on a trainer of this machine, or start the settings that you want one by one.',
  });
}
