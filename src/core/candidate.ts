import type { Input } from './example.ts';
import { contentHash, type Json, type JsonObject } from './json.ts';
import type { ModelReference, ModelRequest, ModelResponse, ScoredAnswer, ScoreRequest } from './model.ts';
import type { NanoDollars, Usage } from './money.ts';
import type { Routed } from './routing.ts';

/** What a candidate is, completely: with its artefacts this gives the same answers on another machine. */
export interface Manifest {
  readonly schema: 'rung.candidate/1';
  /** Id of the approach that made it and can restore it. */
  readonly approach: string;
  /** Name of its ladder entry. */
  readonly name: string;
  /** Null where no model is asked. */
  readonly model: ModelReference | null;
  /** The approach's own: prompt, examples, thresholds. */
  readonly state: JsonObject;
  /** Role → artefact id. */
  readonly artefacts: Readonly<Record<string, string>>;
}

/** `c_` and the first 12 hexadecimal digits of the manifest's hash. */
export function candidateId(manifest: Manifest): string {
  return `c_${contentHash(manifest).slice(0, 12)}`;
}

/** `p_` and 12 hexadecimal digits: what a candidate is, whatever its ladder entry is called. */
export function partId(manifest: Manifest): string {
  return `p_${contentHash({ ...manifest, name: '' }).slice(0, 12)}`;
}

/** One call as it was billed and timed. */
export interface ModelCall {
  readonly model: string;
  /** Null where the tokens are not known. */
  readonly usage: Usage | null;
  readonly cost: NanoDollars;
  /** Null where it is not known. */
  readonly latencyMs: number | null;
  /** Until the first token came; absent where it is not known. */
  readonly firstTokenMs?: number;
  /** True where the answer came from the store. */
  readonly cached: boolean;
}

export interface Answer {
  readonly text: string;
  /** The text read as the task's output; undefined where it holds none. */
  readonly value: Json | undefined;
  /** True where the text is the output and nothing else. */
  readonly strict: boolean;
  readonly calls: readonly ModelCall[];
  /** Probability that the candidate gives its own answer, where it knows one. */
  readonly confidence?: number;
  /** Of the text's tokens, where the model was asked for it: the sum of their ln p. */
  readonly logProbability?: { readonly sum: number; readonly tokens: number };
  /** Present where a cascade gave it. */
  readonly routed?: Routed;
  readonly recordedScores?: Readonly<Record<string, number>>;
  /** Ids of the passages that stood in the prompt, the best first; absent where nothing was looked up. */
  readonly retrieved?: readonly string[];
  /** What was answered on the way, where the answer came in steps. */
  readonly steps?: readonly AnswerStep[];
}

/** One step of a chain: its reasoning, a vote, a part of the work. */
export interface AnswerStep {
  readonly name: string;
  readonly text: string;
  /** Why this step cannot be used, where it cannot. */
  readonly fault?: string;
}

/** A model as a candidate sees it: limited, retried, recorded and billed by whoever runs the candidate. */
export interface CallableModel {
  readonly name: string;
  readonly can: { readonly jsonSchema?: boolean; readonly logProbabilities?: boolean };
  readonly contextLength?: number;
  /** Path of rows of what the model learnt before, to mix into a tune of it. */
  readonly replay?: string;
  /** Tokens of a text, without the chat template around it; absent where its tokenizer is not at hand. */
  countTokens?(text: string): number;
  /** One vector per text, recorded and billed as one call; absent where the model makes none. */
  embed?(
    texts: readonly string[],
    options: { signal: AbortSignal },
  ): Promise<{ readonly vectors: readonly Float32Array[]; readonly call: ModelCall }>;
  /** ln p of given answers, recorded and billed as one call; absent where the model tells none. */
  score?(
    request: ScoreRequest,
    options: { signal: AbortSignal },
  ): Promise<{ readonly scores: readonly ScoredAnswer[]; readonly call: ModelCall }>;
  generate(request: ModelRequest, options: { signal: AbortSignal }): Promise<{ response: ModelResponse; call: ModelCall }>;
}

export interface AnswerOptions {
  readonly signal: AbortSignal;
  /** Which repeat of the same row; 0 for the first. */
  readonly sample?: number;
}

/** A frozen, ready-to-ask rung. The evaluation and the gateway run this same `answer`. */
export interface Candidate {
  readonly id: string;
  readonly manifest: Manifest;
  answer(input: Input, options: AnswerOptions): Promise<Answer>;
}
