import type { ArtefactStore } from '#core/approach.ts';
import { inputError, RungError } from '#core/errors.ts';
import type { JobRecord } from '#core/job.ts';
import type { JsonObject } from '#core/json.ts';
import type { ModelReference } from '#core/model.ts';
import type { NanoDollars } from '#core/money.ts';
import { pluginById } from '#core/plugins.ts';
import type { BaseModel, Trainer, TrainerSite, TrainingEstimate, TrainingEvent, TrainingJob, TrainingOutcome } from '#core/trainer.ts';
import type { PlaceOfRow } from '#core/training-row-error.ts';
import type { JudgedCheckpoint } from '#jobs/job-run.ts';
import type { Jobs } from '#jobs/jobs.ts';
import { outcomeOf, runJob } from '#jobs/run-job.ts';
import type { Budget } from './budget.ts';
import { InterruptedError } from './interrupt.ts';

/** What is needed to find a trainer and to ask it about a job. */
export interface TrainingSiteOptions {
  readonly trainers: readonly Trainer[];
  readonly base: BaseModel;
  /** Trainer → its settings in the task. */
  readonly settings: Readonly<Record<string, JsonObject>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly taskFolder: string;
  readonly artefacts: ArtefactStore;
  readonly signal: AbortSignal;
  readonly onRows?: TrainerSite['onRows'];
}

export interface TrainOptions extends TrainingSiteOptions {
  readonly jobs: Jobs;
  readonly budget: Budget;
  /** Fingerprint of the base model: other weights under the same name are another job. */
  readonly fingerprint?: string;
  /** Kept with the job. */
  readonly metadata?: JsonObject;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  onEvent(event: TrainingEvent): void;
  /** By this a refused row is named by file and line. */
  readonly placeOf?: PlaceOfRow;
  /** Absent where checkpoints are not judged by the task. */
  evaluate?(model: ModelReference): Promise<JudgedCheckpoint>;
  /** What the evaluations cost so far, in nano-dollars. */
  spent(): NanoDollars;
}

/** A training with what it took. */
export interface Trained {
  readonly outcome: TrainingOutcome;
  /** The cost besides that of this run's evaluations: what its service charged, and earlier runs; the seconds of all its runs. */
  readonly shared: { readonly cost: NanoDollars; readonly seconds: number };
}

/** Runs a job on the trainer that can tune its base model, to the end. An interrupted job goes on from its checkpoint. */
export async function train(job: TrainingJob, options: TrainOptions): Promise<Trained> {
  const { artefacts, jobs, metadata, budget } = options;
  const trainer = trainerFor(job, options);
  const site = siteFor(trainer, options);
  const before = options.spent();
  const record = await runJob(job, {
    ...{ jobs, trainer, site, metadata, now: options.now, identity: options.fingerprint },
    keep: (folder) => artefacts.put(folder),
    ...(options.evaluate && { evaluate: (model: ModelReference) => options.evaluate!(model) }),
    spent: () => options.spent(),
    reserve: async (estimate) => reserve(budget.limitsCost ? await estimate() : undefined, trainer, budget),
    onEvent: (event) => options.onEvent(event),
    placeOf: options.placeOf,
  });
  if (record.state === 'succeeded') {
    const outcome = await outcomeOf(record, jobs);
    return { outcome, shared: { cost: Math.max(0, record.cost - (options.spent() - before)), seconds: record.seconds ?? 0 } };
  }
  if (options.signal.aborted) throw new InterruptedError();
  throw notTrained(record);
}

/** The trainer that the job names, else the first that can tune its base by its method. Throws a usage error where there is none. */
export function trainerFor(
  job: Pick<TrainingJob, 'trainer' | 'method'>,
  { trainers, base }: Pick<TrainingSiteOptions, 'trainers' | 'base'>,
): Trainer {
  const able = trainers.filter((trainer) => trainer.canTune(base) && trainer.methods.includes(job.method));
  const trainer = job.trainer === undefined ? able.find(({ onlyByName }) => !onlyByName) : able.find(({ id }) => id === job.trainer);
  if (trainer !== undefined) return trainer;
  if (job.trainer !== undefined) pluginById('trainer', trainers, job.trainer);
  throw inputError({
    code: 'no-trainer',
    message: `${job.trainer === undefined ? 'No trainer here' : `The trainer ${job.trainer}`} can${job.trainer === undefined ? '' : 'not'} tune ${base.name} by the method ${job.method}.`,
    hint:
      able.length > 0
        ? `Name one that can, with --trainer or in the ladder: ${able.map(({ id }) => id).join(', ')}.`
        : `None of the trainers can: ${trainers.map(({ id }) => id).join(', ')}. Take the rung off the ladder, or tune another model.`,
  });
}

/** Where a trainer takes a job. */
export function siteFor({ id }: Trainer, options: TrainingSiteOptions): TrainerSite {
  const { base, settings, environment, taskFolder, artefacts, signal, onRows } = options;
  const adapterFolder = (artefact: string) => artefacts.path(artefact);
  return {
    base,
    settings: settings[id] ?? {},
    environment,
    taskFolder,
    adapterFolder,
    signal,
    ...(onRows && { onRows }),
  };
}

function reserve(estimate: TrainingEstimate | undefined, { id }: Trainer, budget: Budget): (charged: NanoDollars | undefined) => void {
  if (estimate?.cost === null && budget.limitsCost) {
    throw inputError({
      code: 'price-unknown',
      message: `A budget in dollars cannot be kept: what ${id} charges for this training is not known (${estimate.method}).`,
      hint: 'Nothing was uploaded: run it without --budget, or tune another model.',
    });
  }
  const settle = budget.reserveTraining(estimate?.cost ?? 0, estimate?.method ?? 'nothing is charged');
  return (charged) => settle(charged === undefined ? { kind: 'uncertain' } : { kind: 'answered', cost: charged });
}

function notTrained({ id, state, error }: JobRecord): RungError {
  const why = error === undefined ? '' : `: ${error.message.replace(/[.!]+$/, '')}`;
  if (state === 'cancelled') {
    return new RungError({
      code: 'training-cancelled',
      message: `The training ${id} was cancelled.`,
      hint: 'Start it again: on this machine it goes on where it was, at a service it begins anew.',
    });
  }
  return new RungError({
    code: state === 'paused' ? 'training-paused' : 'training-failed',
    message: `The training ${id} ${state === 'paused' ? 'is paused' : 'failed'}${why}.`,
    hint: error?.hint ?? 'Run the same command again to try once more, or take the rung off the ladder.',
  });
}
