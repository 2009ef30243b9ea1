import type { TokenizerFiles } from './chat-tokenizer.ts';
import type { GradientRequest } from './gradient-chunks.ts';
import type { ComingTokens, InferenceResult, InferenceTask } from './inference-task.ts';
import type { LlamaConfig } from './llama-config.ts';
import type { GradientResult } from './lora-gradient.ts';
import type { RawWeights } from './model-weights.ts';

/** What a worker is started with. Weights lie in shared memory: every worker reads the same copy. */
export interface WorkerStart {
  readonly config: LlamaConfig;
  readonly weights: RawWeights;
  /** For stop strings. */
  readonly tokenizerFiles: TokenizerFiles;
  readonly prefixCacheBytes: number;
}

/** What a worker has in memory, for the curious and for tests. */
export interface WorkerUsage {
  /** Bytes held by weights, buffers and the prefix cache. */
  readonly bytesInUse: number;
  /** Bytes taken from the system, which includes freed blocks kept for reuse. */
  readonly bytesReserved: number;
  readonly prefixCacheBytes: number;
}

/** Every request a worker answers, with its answer. */
export interface WorkerCalls {
  infer: { request: InferenceTask; response: InferenceResult };
  gradient: { request: GradientRequest; response: GradientResult };
  usage: { request: { readonly type: 'usage' }; response: WorkerUsage };
}

export type WorkerRequest = WorkerCalls[keyof WorkerCalls]['request'];
export type WorkerResponse = WorkerCalls[keyof WorkerCalls]['response'];

export type ToWorker =
  | { readonly type: 'call'; readonly id: number; readonly request: WorkerRequest }
  | { readonly type: 'abort'; readonly id: number };

/** A worker that fails ends: what it was asked is then refused, and another one is started. */
export type FromWorker =
  | { readonly id: number; readonly coming: ComingTokens }
  | { readonly id: number; readonly response: WorkerResponse };
