import type { LoraAdapter } from './lora-adapter.ts';
import type { SamplingOptions } from './sampler.ts';

/** Continue `tokens`; what `generate` becomes for a worker. */
interface GenerateTask {
  readonly type: 'generate';
  readonly tokens: readonly number[];
  readonly maxOutputTokens: number;
  readonly sampling: SamplingOptions;
  readonly stop: readonly string[];
  readonly logProbabilities: boolean;
  /** Its tokens are told as they come. */
  readonly told: boolean;
  readonly adapter?: LoraAdapter;
}

/** Log-probability of each token from `from` on, given those before it. */
interface ScoreTask {
  readonly type: 'score';
  readonly tokens: readonly number[];
  readonly from: number;
  readonly adapter?: LoraAdapter;
}

/** Logits after every token. */
interface LogitsTask {
  readonly type: 'logits';
  readonly tokens: readonly number[];
  readonly adapter?: LoraAdapter;
}

export type InferenceTask = GenerateTask | ScoreTask | LogitsTask;

/** Tokens of an answer that is not whole yet. */
export interface ComingTokens {
  readonly tokens: readonly number[];
  /** Empty where they were not asked for. */
  readonly logProbabilities: readonly number[];
}

export interface InferenceResult {
  /** The tokens generated, or scored. */
  readonly tokens: number[];
  readonly logProbabilities: number[];
  /** Of scored tokens: ln p less that of the likeliest other token. */
  readonly margins: number[];
  readonly logits: Float32Array[];
  readonly finishReason: 'stop' | 'length';
  /** Tokens of the prompt that were not computed again. */
  readonly cachedTokens: number;
  /** Milliseconds from the first token that was generated to the last; 0 where none was. */
  readonly afterFirstTokenMs: number;
}
