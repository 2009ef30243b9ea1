import type { GuardResult } from './guard.ts';
import type { JsonObject } from './json.ts';
import type { ModelReference } from './model.ts';
import type { NanoDollars } from './money.ts';
import type { TrainerSample, TrainingEvent, TrainingHandle, TrainingMethod, TrainingState } from './trainer.ts';

/** A training job as it stands: one JSON file, replaced whole at every change. */
export interface JobRecord {
  readonly schema: 'rung.job/1';
  /** `ft_` and the first 12 hexadecimal digits of the hash of what was asked. */
  readonly id: string;
  readonly trainer: string;
  readonly method: TrainingMethod;
  readonly base: ModelReference;
  readonly state: TrainingState;
  /** The service's own word for the state. */
  readonly rawState?: string;
  /** As they were asked for; after success as they came to be. */
  readonly hyperparameters: JsonObject;
  readonly seed: number;
  readonly suffix?: string;
  readonly rows: { readonly train: number; readonly validation: number };
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** What the trainer knows the job by, once it was started. */
  readonly handle?: TrainingHandle;
  readonly model?: ModelReference;
  readonly bestStep?: number;
  /** Training alone, all runs of a resumed job together. */
  readonly seconds?: number;
  /** What the trainer's service charged and what evaluations cost, so far. */
  readonly cost: NanoDollars;
  readonly trainedTokens?: number;
  readonly samples?: readonly TrainerSample[];
  readonly error?: { readonly message: string; readonly hint?: string };
  readonly guards?: readonly GuardResult[];
  /** Whoever started it: the rung of a climb, a file of the jobs API. */
  readonly metadata?: JsonObject;
}

/** An event of a job as it is kept: numbered from 1, with the time at which it was told. */
export interface JobEvent {
  readonly n: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly event: TrainingEvent;
}
