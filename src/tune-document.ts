import { type ExitCode, exitCodes } from '#core/errors.ts';
import type { GuardResult } from '#core/guard.ts';
import type { JobEvent, JobRecord } from '#core/job.ts';
import type { JsonObject } from '#core/json.ts';
import { toDollars } from '#core/money.ts';
import type { TrainingState } from '#core/trainer.ts';
import type { Verdict } from '#core/verdict.ts';
import type { Standing } from '#jobs/successive-halving.ts';
import type { MendStep } from './tune-mend.ts';

interface TuneStep {
  readonly step: number;
  /** Absent where only an evaluation tells of the step. */
  readonly trainLoss?: number;
  readonly learningRate?: number;
  readonly tokenAccuracy?: number;
  readonly validationLoss?: number;
  readonly metrics?: Readonly<Record<string, number>>;
}

/** How far one configuration of a sweep came. */
interface SweepStep {
  readonly settings: JsonObject;
  readonly metric?: number;
  readonly validationLoss?: number;
  /** Round in which it was dropped; absent for the one that was tuned to its end. */
  readonly dropped?: number;
}

/** The document of `rung tune start|watch|show --json`. */
export interface TuneDocument {
  readonly job: string;
  readonly trainer: string;
  readonly status: TrainingState;
  /** The service's own word for the state. */
  readonly rawState?: string;
  /** The name of the tuned model, or that of its base with `adapter` beside; null before success. */
  readonly model: string | null;
  readonly adapter?: string;
  readonly base: string;
  readonly method: string;
  readonly rung?: string;
  readonly candidate?: string;
  readonly rows: JobRecord['rows'];
  readonly hyperparameters: JsonObject;
  readonly steps: readonly TuneStep[];
  readonly best: { readonly step: number } | null;
  readonly guards: readonly GuardResult[];
  /** The settings that were tried, the best first; absent where none were. */
  readonly sweep?: readonly SweepStep[];
  /** What was tried where a guard stood in the way, one remedy over another; absent where that was not asked for. */
  readonly mended?: readonly MendStep[];
  readonly error?: JobRecord['error'];
  readonly spent: { readonly dollars: number; readonly seconds: number } & Partial<Verdict['spent']>;
}

/** A job as a document; `spent` is that of a run, else what the job itself took. */
export function tuneDocument(
  record: JobRecord,
  events: readonly JobEvent[],
  {
    candidate,
    spent,
    sweep,
    mended,
  }: {
    readonly candidate?: string;
    readonly spent?: TuneDocument['spent'];
    readonly sweep?: readonly Standing<JsonObject>[];
    readonly mended?: readonly MendStep[];
  } = {},
): TuneDocument {
  const { id, trainer, state, rawState, model, base, method, metadata = {}, rows, hyperparameters, bestStep, guards = [], error } = record;
  const rung = metadata['rung'];
  return {
    job: id,
    trainer,
    status: state,
    ...(rawState !== undefined && { rawState }),
    model: model?.model ?? null,
    ...(model?.adapter !== undefined && { adapter: model.adapter }),
    base: base.model,
    method,
    ...(typeof rung === 'string' && { rung }),
    ...(candidate !== undefined && { candidate }),
    rows,
    hyperparameters,
    steps: stepsOf(record, events),
    best: bestStep === undefined ? null : { step: bestStep },
    guards,
    ...(sweep !== undefined && {
      sweep: sweep.map(({ configuration, metric, validationLoss, dropped }) => ({
        settings: configuration,
        ...(metric !== undefined && { metric: jobMetric(record).value(metric) }),
        validationLoss,
        dropped,
      })),
    }),
    ...(mended !== undefined && { mended }),
    ...(error !== undefined && { error }),
    spent: spent ?? { dollars: toDollars(record.cost), seconds: record.seconds ?? 0 },
  };
}

/** 3 where a guard failed, 4 where one is undecided and none failed. */
export function exitCodeOfGuards(guards: readonly Pick<GuardResult, 'status'>[]): ExitCode {
  if (guards.some(({ status }) => status === 'failed')) return exitCodes.goalsNotMet;
  return guards.some(({ status }) => status === 'undecided') ? exitCodes.undecided : exitCodes.done;
}

/** The name of the metric that a job's checkpoints were judged by, and its scores as that metric writes them. */
export function jobMetric({ metadata = {} }: Pick<JobRecord, 'metadata'>): { readonly name: string; value(score: number): number } {
  const { metric, better } = metadata;
  return { name: typeof metric === 'string' ? metric : 'metric', value: (score) => (better === 'lower' ? -score : score) };
}

function stepsOf(record: JobRecord, events: readonly JobEvent[]): readonly TuneStep[] {
  const metric = jobMetric(record);
  const steps = new Map<number, TuneStep>();
  for (const { event } of events) {
    if (event.type === 'message') continue;
    const before = steps.get(event.step);
    if (event.type === 'step') {
      const { step, trainLoss, learningRate, tokenAccuracy } = event;
      steps.set(step, { ...before, step, trainLoss, learningRate, tokenAccuracy });
    } else {
      const metrics = event.metric === undefined ? undefined : { [metric.name]: metric.value(event.metric) };
      steps.set(event.step, { step: event.step, ...before, validationLoss: event.validationLoss, metrics });
    }
  }
  return [...steps.values()];
}
