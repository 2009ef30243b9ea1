import type { Place } from './errors.ts';
import type { Json, JsonObject } from './json.ts';
import type { Message } from './message.ts';
import type { ModelReference } from './model.ts';
import type { NanoDollars } from './money.ts';
import type { RowOfJob } from './training-row-error.ts';

/** A turn of a training row; an assistant's turn of weight 0 is shown and not learnt. */
export interface TrainingMessage extends Message {
  readonly weight?: 0 | 1;
}

/** A conversation whose assistant turns are learnt. */
export interface TrainingRow {
  readonly messages: readonly TrainingMessage[];
}

/** Two answers to one conversation. */
export interface PreferenceRow {
  /** The conversation up to where the answer begins. */
  readonly messages: readonly Message[];
  readonly chosen: string;
  readonly rejected: string;
}

/** Raw text, all of which is learnt. */
export interface TextRow {
  readonly text: string;
}

/** Which rows a trainer learns from, and how. */
export type TrainingData =
  | { readonly method: 'supervised'; readonly train: readonly TrainingRow[]; readonly validation: readonly TrainingRow[] }
  /** Direct preference optimisation (Rafailov et al. 2023, arXiv:2305.18290). */
  | { readonly method: 'preference'; readonly train: readonly PreferenceRow[]; readonly validation: readonly PreferenceRow[] }
  /** Continued pre-training: next-token prediction over raw text. */
  | { readonly method: 'pretraining'; readonly train: readonly TextRow[]; readonly validation: readonly TextRow[] };

export type TrainingMethod = TrainingData['method'];

/** Where a row was made from: an example of the task by its id, or a line of a file. */
export type RowOrigin = { readonly example: string } | Place;

/** Where the rows of a job come from, in their order; beside the job, so that its name does not hang on it. */
export type RowOrigins = Readonly<Record<RowOfJob['part'], readonly (RowOrigin | undefined)[]>>;

/** The settings every trainer understands; what is absent is the trainer's own default. */
export interface Hyperparameters {
  readonly epochs?: number;
  /** Rows per optimiser step. */
  readonly batchSize?: number;
  readonly learningRate?: number;
  /** For services that choose the rate themselves and take a factor. */
  readonly learningRateMultiplier?: number;
  readonly warmupRatio?: number;
  readonly rank?: number;
  readonly alpha?: number;
  readonly dropout?: number;
  readonly weightDecay?: number;
  /** How strongly a preference tune is held to where it began. */
  readonly beta?: number;
  /** Evaluations without improvement of the task's metric before training stops. */
  readonly patience?: number;
  /** Steps between evaluations. */
  readonly evaluateEvery?: number;
  /** The base model's weights in four bits (QLoRA, Dettmers et al. 2023, arXiv:2305.14314). */
  readonly quantization?: 'nf4';
}

/** What is asked of a trainer: plain JSON, so that its hash names the job. */
export type TrainingJob = TrainingData & {
  /** With an adapter, training goes on from it. */
  readonly base: ModelReference;
  readonly hyperparameters: Hyperparameters;
  readonly seed: number;
  /** Id of the trainer; the first that can tune the base where absent. */
  readonly trainer?: string;
  /** A part of the tuned model's name, where the trainer names models. */
  readonly suffix?: string;
};

/** A job that learns conversations. */
export type SupervisedJob = Extract<TrainingJob, { readonly method: 'supervised' }>;

/** The states of every trainer's jobs; a service's own word for its state is kept beside. */
export type TrainingState = 'queued' | 'validating' | 'running' | 'paused' | 'succeeded' | 'failed' | 'cancelled';

export type TrainingEvent =
  | {
      readonly type: 'step';
      readonly step: number;
      readonly totalSteps: number;
      readonly epoch: number;
      /** Mean of −ln p over the learnt tokens of the step; of a preference step the mean of −ln σ(margin). */
      readonly trainLoss: number;
      /** Absent where a service does not tell it. */
      readonly learningRate?: number;
      /** Share of learnt tokens that the model itself would have written. */
      readonly tokenAccuracy?: number;
      /** Before clipping. */
      readonly gradientNorm?: number;
      readonly tokensPerSecond?: number;
      /** Largest amount held so far. */
      readonly memoryBytes?: number;
      readonly secondsLeft?: number;
    }
  | {
      readonly type: 'evaluation';
      readonly step: number;
      /** Absent where there are no validation rows. */
      readonly validationLoss?: number;
      readonly tokenAccuracy?: number;
      /** The task's, higher better. */
      readonly metric?: number;
      readonly best: boolean;
      /** Share of the task's answers that copy training answers where the true answers do not; absent where nothing can be copied. */
      readonly copied?: number;
      /** The model as it was at this step, where it was kept. */
      readonly checkpoint?: ModelReference;
    }
  | { readonly type: 'message'; readonly level: 'info' | 'warning' | 'error'; readonly message: string };

/** An answer of the tuned model as the trainer's own library gives it, to hold a server against. */
export interface TrainerSample {
  /** What was asked. */
  readonly messages: readonly Message[];
  /** The greedy answer. */
  readonly text: string;
  /** Sum of ln p over the answer's tokens, the end token included. */
  readonly logProbability: number;
  readonly tokens: number;
  /** The end token's part of it, which some servers tell nothing of. */
  readonly endLogProbability?: number;
  /** The prompt as the trainer's chat template rendered it. */
  readonly rendered?: string;
  /** Tokens of that prompt, as a server that renders it likewise counts them. */
  readonly promptTokens?: number;
  /** How near another answer was: the least, over the answer's tokens, of ln p of the token less that of the likeliest other one. */
  readonly margin?: number;
}

/** Samples that a trainer gives at most, and that are asked for of a server. */
export const mostSamples = 8;

export interface TrainingOutcome {
  /** An adapter on the base, or the name under which a service answers with the tuned model. */
  readonly model: ModelReference;
  /** As they came to be, defaults filled in. */
  readonly hyperparameters: JsonObject;
  readonly events: readonly TrainingEvent[];
  readonly bestStep: number;
  readonly seconds: number;
  /** What the trainer's service charged; absent where nothing is charged or it is not known. */
  readonly cost?: NanoDollars;
  readonly trainedTokens?: number;
  readonly samples?: readonly TrainerSample[];
}

/** A base model as the task names it, and where it comes from. */
export interface BaseModel {
  /** `provider/model`, as the task names it. */
  readonly name: string;
  /** Id of its provider. */
  readonly kind: string;
  /** The part after the provider's or the entry's name. */
  readonly model: string;
  /** The entry of `providers:`, without `kind` and `price`. */
  readonly settings: JsonObject;
}

/** Where a job takes place. */
export interface TrainerSite {
  readonly base: BaseModel;
  /** The entry of `trainers:` in the task: the Python to use, a server's address. */
  readonly settings: JsonObject;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder against which relative paths in settings are read. */
  readonly taskFolder: string;
  /** The path of an adapter that an earlier job made. */
  adapterFolder(artefact: string): Promise<string>;
  readonly signal: AbortSignal;
  /** Told in a sentence what is waited for before a job begins, as an installation. */
  note?(message: string): void;
  /** Told now and then how many rows a look at many of them has come to. */
  onRows?(done: number, total: number): void;
}

export interface TrainerContext extends TrainerSite {
  /** Folder that survives a kill, for checkpoints. */
  readonly scratchFolder: string;
  /** Keeps an adapter folder; gives its artefact id. */
  keep(folder: string): Promise<string>;
  /** The task's metric of a checkpoint, higher better; undefined where its service has no such model to ask, which is told. */
  evaluate?(model: ModelReference): Promise<number | undefined>;
  onEvent(event: TrainingEvent): void;
  /** True once its cancelling was asked for: what `start` has not done by then need not be done. */
  isCancelWanted?(): boolean;
}

/** What a job will take, before anything is sent. */
export interface TrainingEstimate {
  /** Tokens that are gone through, all epochs together. */
  readonly tokens: number;
  /** Null where no price is known. */
  readonly cost: NanoDollars | null;
  readonly seconds?: number;
  /** How the figures were come by, in a sentence. */
  readonly method: string;
}

/** What a started job is known by. Plain JSON, so that a poll from another process works. */
export interface TrainingHandle {
  readonly trainer: string;
  readonly job: string;
  /** What else the trainer needs to find it again. */
  readonly state?: Json;
}

export interface TrainingStatus {
  readonly state: TrainingState;
  /** The service's own word for the state. */
  readonly rawState?: string;
  readonly outcome?: TrainingOutcome;
  readonly error?: string;
  /** What to do about the error. */
  readonly hint?: string;
}

/** The weights that a service tuned, to be brought to this machine. */
export interface WeightsOrder {
  readonly handle: TrainingHandle;
  readonly method: TrainingMethod;
  /** Folder to work in, which survives a kill: what is there already of the same job is not fetched again. */
  readonly folder: string;
  /** Bytes that are here of the file that is being fetched, and of how many; the latter is undefined where it is not known. */
  onBytes(done: number, total: number | undefined): void;
}

/** A day on which a service ends something, as it announced it. */
export interface ServiceEnd {
  /** ISO date. */
  readonly on: string;
  /** What ends: a sentence. */
  readonly what: string;
  readonly source: string;
}

/** A token of a training row as it is trained on. */
export interface RenderedToken {
  readonly text: string;
  readonly learnt: boolean;
}

/** Turns rows into a tuned model. */
export interface Trainer {
  readonly id: string;
  readonly summary: string;
  readonly methods: readonly TrainingMethod[];
  /** What its service has announced to end. */
  ends?(site: TrainerSite): readonly ServiceEnd[];
  /** True where this trainer can tune that model. */
  canTune(base: BaseModel): boolean;
  /** True where a service runs its jobs: they go on, and are billed, whatever becomes of this process. */
  readonly hosted?: boolean;
  /** True where a job must name it: it is never taken because it can tune a base. */
  readonly onlyByName?: boolean;
  /** What decides the outcome besides the job, as the content of a folder that the settings name: part of what the job is known by. */
  identity?(site: TrainerSite): Promise<string>;
  /**
   * Looks for whatever would make the job fail, before anything is spent: limits of the service, rows that do not fit, an
   * absent key or Python. Throws a usage error with a way out. Asks for nothing that is billed.
   */
  check?(job: TrainingJob, site: TrainerSite): Promise<void>;
  estimate?(job: TrainingJob, site: TrainerSite): Promise<TrainingEstimate>;
  /** The first training row through the chat template, token by token; absent where that cannot be seen. */
  renderFirstRow?(job: TrainingJob, site: TrainerSite): Promise<readonly RenderedToken[]>;
  /** Begins a job, or picks up the one that the same scratch folder already holds. */
  start(job: TrainingJob, context: TrainerContext): Promise<TrainingHandle>;
  /** The job's state now; waits at most `waitMs` for it to end. */
  poll(handle: TrainingHandle, options: { waitMs: number }): Promise<TrainingStatus>;
  cancel(handle: TrainingHandle): Promise<void>;
  /**
   * Brings the adapter of a job that has succeeded from its service; gives the folder with PEFT's two files, inside the order's.
   * Absent where a trainer keeps its adapters here, and where its service hands out none.
   */
  download?(order: WeightsOrder, site: TrainerSite): Promise<string>;
  /** That its service hands out no weights, with the source: a sentence. */
  readonly withholds?: string;
}

export function defineTrainer(trainer: Trainer): Trainer {
  return trainer;
}
