import type { JsonObject } from '#core/json.ts';
import type { NanoDollars } from '#core/money.ts';
import type {
  BaseModel,
  Hyperparameters,
  ServiceEnd,
  TrainerSample,
  TrainingData,
  TrainingJob,
  TrainingMethod,
  TrainingState,
} from '#core/trainer.ts';
import type { ServiceClient } from '#http/service-client.ts';

/** What a trainer's entry and its base's entry say, read and checked. */
export interface HostedSettings {
  /** Address of the tuning API. */
  readonly url: URL;
  readonly key: string | undefined;
  readonly keyVariable: string;
  readonly timeoutMs: number;
  /** True where the address is the service's own rather than another server that speaks like it. */
  readonly isVendor: boolean;
  /** Fireworks: the account under which data and jobs are kept. */
  readonly accountId?: string;
  /** Bedrock: the Lambda function that scores answers. */
  readonly grader?: string;
  /** Hours without an event or another state before a warning. */
  readonly quietHours?: number;
}

/** What a service is asked with. */
export interface HostedCall {
  readonly client: ServiceClient;
  readonly signal: AbortSignal;
  readonly settings: HostedSettings;
  readonly base: BaseModel;
  /** Reads an address that the service handed out, without the key. */
  download(url: string): Promise<string>;
  /** Brings a file here; `wanted` is asked anew for each attempt. */
  save(wanted: () => Promise<HostedAddress>, to: SaveOptions): Promise<void>;
}

/** A path of the tuning API, asked with the key, or an address that the service handed out, asked without. */
export type HostedAddress = { readonly path: string; readonly query: Readonly<Record<string, string>> } | { readonly url: string };

interface SaveOptions {
  readonly file: string;
  readonly mostBytes: number;
  onBytes(done: number, total: number | undefined): void;
}

/** A part of a tuned model's weights as the service hands it out. */
export interface HostedWeights {
  /** Name of the file; absent for an archive of all of them. */
  readonly name?: string;
  readonly address: HostedAddress;
}

/** Rows on this machine, ready to be sent. */
export interface HostedFile {
  readonly part: 'train' | 'validation';
  /** Known to nobody else, so that a file whose upload's reply was lost is found again by it. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly rows: number;
}

/** A job with what its files are called at the service. */
export interface HostedRequest {
  readonly job: TrainingJob;
  /** A word that only this job has. */
  readonly nonce: string;
  readonly train: string;
  readonly validation?: string;
}

/** A job as the service tells it. */
export interface HostedReport {
  readonly id: string;
  /** The service's own word. */
  readonly rawState: string;
  /** The tuned model's name at the service, once there is one. */
  readonly model?: string;
  /** Why it failed, in the service's words. */
  readonly error?: string;
  readonly trainedTokens?: number;
  readonly cost?: NanoDollars;
  /** Milliseconds since 1970. */
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly hyperparameters?: JsonObject;
  readonly totalSteps?: number;
  /** The reply itself. */
  readonly raw: Readonly<Record<string, unknown>>;
}

export type NewsEvent =
  | {
      readonly type: 'step';
      readonly step: number;
      readonly totalSteps?: number;
      readonly epoch?: number;
      readonly trainLoss: number;
      readonly learningRate?: number;
      readonly tokenAccuracy?: number;
      readonly gradientNorm?: number;
    }
  | {
      readonly type: 'evaluation';
      readonly step: number;
      readonly validationLoss?: number;
      readonly tokenAccuracy?: number;
      /** The task's, higher better. */
      readonly metric?: number;
      /** Name of the model at this step, where it answers under one. */
      readonly checkpoint?: string;
      /** True where that name is already the one by which the task asks for it. */
      readonly isWholeName?: boolean;
    }
  | { readonly type: 'message'; readonly level: 'info' | 'warning' | 'error'; readonly message: string };

/** Something that happened, with a key by which it is told once. */
export interface News {
  readonly key: string;
  readonly event: NewsEvent;
}

/** What a service accepts; what is absent it does not limit, or does not say. */
export interface HostedLimits {
  readonly fewestRows?: number;
  readonly mostRows?: number;
  readonly mostBytes?: number;
  readonly mostTokensPerRow?: number;
  readonly epochs?: readonly [least: number, most: number];
  readonly batchSize?: readonly [least: number, most: number];
  readonly rank?: readonly [least: number, most: number];
  /** Longest suffix; 0 where it takes none. */
  readonly suffix?: number;
  readonly source: string;
}

export interface HostedEnd extends ServiceEnd {
  /** All new jobs, those of customers who did not tune lately, or the models that were tuned. */
  readonly stops: 'jobs' | 'jobs of newcomers' | 'models';
  /** True where the day itself was announced, not only a month before which nothing ends. */
  readonly firm: boolean;
}

/** The part of a hosted trainer that is the service's own: its words, its limits, its wire. */
export interface HostedService {
  readonly id: string;
  readonly summary: string;
  readonly methods: readonly TrainingMethod[];
  readonly ends: readonly HostedEnd[];
  /** Host names of the service itself; announcements and lists of models hold for no other. */
  readonly host: RegExp;
  readonly keyVariable: string;
  /** Where it listens; undefined where each customer has an address of its own. */
  readonly baseUrl?: string;
  /** The address of the tuning API, from that of the chat API. */
  tuningUrl?(chatUrl: URL): URL;
  headers?(key: string | undefined): Readonly<Record<string, string>>;
  /** Further ids of providers whose models it tunes, besides `openai-compatible`. */
  readonly kinds?: readonly string[];
  /** Hosts that such a provider may have and that belong to another service. */
  readonly notHosts?: RegExp;
  /** Its word for a state → ours. */
  readonly states: Readonly<Record<string, TrainingState>>;
  readonly takes: readonly (keyof Hyperparameters)[];
  /** Epochs that it trains where none are asked for. */
  readonly usualEpochs: number;
  /** Name of a gpt-tokenizer encoding that counts its tokens; absent, four bytes are taken for one. */
  readonly encoding?: 'o200k_base';
  limits(job: TrainingJob): HostedLimits;
  /** Why the service cannot tune that model by that method, or what is not set; undefined where it can. */
  objection?(job: TrainingJob, base: BaseModel, settings: HostedSettings): { readonly message: string; readonly hint: string } | undefined;
  /** False where jobs of that method take no validation rows; they are then not sent. */
  validates?(method: TrainingMethod): boolean;
  /** One line of JSON per row. */
  line(row: TrainingData['train'][number], method: TrainingMethod): JsonObject;

  /** Sends a file; gives its id. */
  upload(call: HostedCall, file: HostedFile): Promise<string>;
  /** The id of a file that an earlier upload may have brought. */
  findFile(call: HostedCall, file: HostedFile): Promise<string | undefined>;
  /** False while the service still reads the file. */
  isReady?(call: HostedCall, id: string): Promise<boolean>;
  /** What the service itself says that the job will cost, before it is created. */
  quote?(call: HostedCall, request: HostedRequest): Promise<{ readonly allowed: boolean; readonly message: string }>;
  create(call: HostedCall, request: HostedRequest): Promise<HostedReport>;
  /** A job that an earlier attempt may have created of the same files. */
  findJob(call: HostedCall, request: HostedRequest): Promise<HostedReport | undefined>;
  read(call: HostedCall, id: string, job: Pick<TrainingJob, 'method'>): Promise<HostedReport>;
  /** What happened so far, oldest first; may leave out what lies before a key that is known. */
  news(call: HostedCall, report: HostedReport, job: TrainingJob, known: (key: string) => boolean): Promise<readonly News[]>;
  /** What is to be had only after success. */
  results?(call: HostedCall, report: HostedReport, told: readonly number[]): Promise<readonly News[]>;
  /** Answers of the final model by the trainer's own library, where the service leaves them. */
  samples?(call: HostedCall, report: HostedReport): Promise<readonly TrainerSample[] | undefined>;
  cancel(call: HostedCall, id: string, job: TrainingJob): Promise<void>;
  /** Lets a paused job go on. */
  resume?(call: HostedCall, id: string, job: TrainingJob): Promise<void>;
  /** Rejects with status 404 where the tuned model is gone. */
  look(call: HostedCall, report: HostedReport): Promise<void>;
  /** True where checkpoints answer as soon as the job has ended, so that the task's metric can choose among them. */
  readonly checkpointsAnswer?: boolean;
  /** Where the adapter of a job that has succeeded lies; absent where the service hands out none. */
  weights?(call: HostedCall, report: HostedReport): Promise<readonly HostedWeights[]>;
  /** That it hands out no weights, with the source: a sentence. */
  readonly withholds?: string;
  /** What must be done before the tuned model answers. */
  readonly toServe?: string;
}
