import type { Answer, Manifest } from './candidate.ts';
import type { SplitName } from './example.ts';
import type { ModelResponse } from './model.ts';
import type { ModelErrorKind } from './model-error.ts';
import type { NanoDollars } from './money.ts';

/** A call to a model that brought an answer, or a local model's refusal of what it cannot read: recorded once, never made again. */
export interface RecordedCall {
  readonly key: string;
  readonly model: string;
  /** With `tooLong` it is no answer: the request does not fit into the model's context. */
  readonly response: ModelResponse & { readonly tooLong?: { readonly message: string; readonly hint?: string } };
  readonly cost: NanoDollars;
  /** Null where it is not known. */
  readonly latencyMs: number | null;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Why a row has no answer. */
export interface RowFailure {
  readonly code: string;
  readonly kind?: ModelErrorKind;
  readonly message: string;
  /** Where the service says that it has no such model. */
  readonly modelAbsent?: true;
}

/** One candidate on one example: an answer or a failure, never both. */
export interface Row {
  readonly candidate: string;
  readonly example: string;
  readonly sample: number;
  readonly split: SplitName;
  readonly answer?: Answer;
  readonly failure?: RowFailure;
  /** Null where it is not known. */
  readonly latencyMs: number | null;
  readonly at: number;
}

/** What preparing a candidate took. */
export interface Setup {
  readonly cost: NanoDollars;
  readonly seconds: number;
}

export interface PreparedCandidate {
  readonly id: string;
  readonly manifest: Manifest;
  readonly setup: Setup;
}

/** What was registered before the first answer of a task. */
export interface Registration {
  /** Hash of metrics, goals, confidence, output and instructions. */
  readonly criteriaHash: string;
  /** Hash of the frozen split. */
  readonly splitHash: string;
  readonly at: number;
}

/** What a run spent. Calls are requests sent, failed attempts included. */
export interface Spent {
  readonly cost: NanoDollars;
  readonly calls: number;
  /** Answers taken from the store. */
  readonly cached: number;
  /** Attempts after the first. */
  readonly retries: number;
  /** Rows without an answer at the end. */
  readonly failures: number;
  readonly seconds: number;
}
