import type { Json } from './json.ts';
import type { Message } from './message.ts';
import type { NanoDollars, Price, Usage } from './money.ts';

/** One chat request. What is absent is the service's own default; `temperature` absent means 0. */
export interface ModelRequest {
  readonly messages: readonly Message[];
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  /** Ask the service to hold its answer to this JSON schema; only where `can.jsonSchema`. */
  readonly jsonSchema?: Json;
  readonly logProbabilities?: boolean;
  /** Which of several answers to the same request: repeats are separate calls to the store. */
  readonly sample?: number;
}

export type FinishReason = 'stop' | 'length' | 'content-filter' | 'other';

export interface ModelResponse {
  readonly text: string;
  readonly finishReason: FinishReason;
  /** Null where the tokens are not known, as with recorded answers. */
  readonly usage: Usage | null;
  /** Natural logarithms, one per output token. */
  readonly logProbabilities?: readonly { readonly token: string; readonly logProbability: number }[];
  /** Where the service itself says how long it computed; absent, the engine's clock is used; null where no clock can tell. */
  readonly latencyMs?: number | null;
  /** Until the first token came, where the answer was streamed or the service says it. */
  readonly firstTokenMs?: number;
  /** Where the service itself says what it charged; else usage × price. */
  readonly cost?: NanoDollars;
  /** What was recorded with the answer (`replay`): metric name → score. */
  readonly recordedScores?: Readonly<Record<string, number>>;
}

export interface ModelAbilities {
  readonly logProbabilities?: boolean;
  readonly jsonSchema?: boolean;
  readonly tools?: boolean;
  /** Trainers that can tune this model, by id. */
  readonly trainers?: readonly string[];
}

/** A thing that answers chat requests. Opened by a Provider; called through the engine, which limits, retries and records. */
export interface Model {
  /** `provider/model`, as the task names it. */
  readonly name: string;
  /** Everything that decides the answers besides the request: part of the key of recorded answers. */
  readonly fingerprint: string;
  readonly price?: Price;
  /** True where the price was set by the task rather than published by the service. */
  readonly priceIsAssumed?: boolean;
  /** ISO date of the price book that the price was taken from, where it was. */
  readonly priceAsOf?: string;
  readonly contextLength?: number;
  readonly can: ModelAbilities;
  /** ISO date on which the service switches the model off. */
  readonly retiresOn?: string;
  /** Path of JSONL examples of what the model could do before any tuning: what a tune is held against for forgetting. */
  readonly generalSuite?: string;
  /** Path of rows of what the model learnt before: mixed into a tune, they keep those abilities. */
  readonly replay?: string;
  /** Requests in flight: where to begin and never to pass. */
  readonly concurrency: { readonly initial: number; readonly maximum: number };
  /** False for local and recorded answers: they are not retried, and a budget in dollars does without their price. */
  readonly remote: boolean;
  /** Throws ModelError for anything that is not a complete answer. */
  generate(request: ModelRequest, options: GenerateOptions): Promise<ModelResponse>;
  /** ln p of answers that are given rather than written; absent where the model tells none. Throws as `generate` does. */
  score?(request: ScoreRequest, options: GenerateOptions): Promise<ScoreResponse>;
  /** Tokens of a text, without the chat template around it; absent where its tokenizer is not at hand. */
  countTokens?(text: string): number;
  /** One vector per text, all of one length; absent where the model makes none. Throws as `generate` does. */
  embed?(texts: readonly string[], options: GenerateOptions): Promise<EmbeddingResponse>;
  close?(): Promise<void>;
}

/** Answers that a model is to judge by how likely it would be to write them, all to one conversation. */
export interface ScoreRequest {
  readonly messages: readonly Message[];
  /** At least one. */
  readonly answers: readonly string[];
}

export interface ScoredAnswer {
  /** Sum of ln p over the answer's tokens, the end token included. */
  readonly logProbability: number;
  readonly tokens: number;
}

export interface ScoreResponse {
  /** One for each answer, in their order. */
  readonly scores: readonly ScoredAnswer[];
  /** Null where the tokens are not known. */
  readonly usage: Usage | null;
}

export interface EmbeddingResponse {
  readonly vectors: readonly Float32Array[];
  /** Null where the tokens are not known. */
  readonly usage: Usage | null;
}

export interface GenerateOptions {
  readonly signal: AbortSignal;
  /** Told the answer piece by piece while it is made, before the whole is given; a model that answers whole tells nothing. */
  readonly onPiece?: (piece: ModelPiece) => void;
}

/** A part of an answer: text that stays as it is, and the tokens that it came with where log-probabilities were asked for. */
export interface ModelPiece {
  readonly text: string;
  readonly logProbabilities?: ModelResponse['logProbabilities'];
}

/** A model, possibly with an adapter that a trainer made of it. */
export interface ModelReference {
  readonly model: string;
  /** Artefact id of an adapter folder. */
  readonly adapter?: string;
}
