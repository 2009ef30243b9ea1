import type { JsonObject } from './json.ts';
import type { Message } from './message.ts';
import type { ModelReference } from './model.ts';

/** A conversation whose assistant turns are learnt. */
export interface TrainingRow {
  readonly messages: readonly Message[];
}

/** The settings every trainer understands; what is absent is the trainer's own default. */
export interface Hyperparameters {
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly warmupRatio?: number;
  readonly rank?: number;
  readonly alpha?: number;
  readonly weightDecay?: number;
  /** Evaluations without improvement of the task's metric before training stops. */
  readonly patience?: number;
}

export interface TrainingJob {
  readonly base: ModelReference;
  readonly train: readonly TrainingRow[];
  readonly validation: readonly TrainingRow[];
  readonly hyperparameters: Hyperparameters;
  readonly seed: number;
}

/** The states of every trainer's jobs; a service's own word for its state is kept beside. */
export type TrainingState = 'queued' | 'validating' | 'running' | 'paused' | 'succeeded' | 'failed' | 'cancelled';

export type TrainingEvent =
  | {
      readonly type: 'step';
      readonly step: number;
      readonly totalSteps: number;
      readonly epoch: number;
      readonly trainLoss: number;
      readonly learningRate: number;
      readonly secondsLeft?: number;
    }
  | {
      readonly type: 'evaluation';
      readonly step: number;
      readonly validationLoss: number;
      readonly metric?: number;
      readonly best: boolean;
    }
  | { readonly type: 'message'; readonly level: 'info' | 'warning'; readonly message: string };

export interface TrainingOutcome {
  readonly model: ModelReference;
  readonly hyperparameters: JsonObject;
  readonly events: readonly TrainingEvent[];
  readonly bestStep: number;
  readonly seconds: number;
}

export interface TrainerContext {
  /** Folder that survives a kill, for checkpoints. */
  readonly scratchFolder: string;
  /** Keeps an adapter folder; gives its artefact id. */
  keep(folder: string): Promise<string>;
  adapterFolder(artefact: string): Promise<string>;
  /** The task's metric of a checkpoint, higher better. */
  evaluate?(model: ModelReference): Promise<number>;
  onEvent(event: TrainingEvent): void;
  readonly signal: AbortSignal;
}

/** What a started job is known by. Plain JSON, so that a poll from another process works. */
export interface TrainingHandle {
  readonly trainer: string;
  readonly job: string;
}

export interface TrainingStatus {
  readonly state: TrainingState;
  /** The service's own word for the state. */
  readonly rawState?: string;
  readonly outcome?: TrainingOutcome;
  readonly error?: string;
}

/** Turns rows into a tuned model. */
export interface Trainer {
  readonly id: string;
  readonly summary: string;
  /** True where this trainer can tune the model of that name. */
  canTune(model: string): boolean;
  /** Begins a job, or picks up the one that the same scratch folder already holds. */
  start(job: TrainingJob, context: TrainerContext): Promise<TrainingHandle>;
  /** The job's state now; waits at most `waitMs` for it to end. */
  poll(handle: TrainingHandle, options: { waitMs: number }): Promise<TrainingStatus>;
  cancel(handle: TrainingHandle): Promise<void>;
}

export function defineTrainer(trainer: Trainer): Trainer {
  return trainer;
}
