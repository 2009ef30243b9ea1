import type { Answer, CallableModel } from './candidate.ts';
import type { Example } from './example.ts';
import type { ModelReference } from './model.ts';
import type { TaskBrief } from './task-brief.ts';

/** `value` is null where the metric does not apply to this example: such rows are left out, never counted as zero. */
export interface Score {
  readonly value: number | null;
  readonly reason?: string;
  /** Scores that this one was made of, by name, so that their agreement can be told. */
  readonly parts?: Readonly<Record<string, number>>;
}

export interface MetricContext {
  readonly task: TaskBrief;
}

/** What a metric may learn from before the first row is scored. */
export interface MetricInput {
  readonly task: TaskBrief;
  readonly train: readonly Example[];
  /** Role of `models:` → model name. */
  readonly roles: Readonly<Record<string, string>>;
  readonly seed: number;
}

/** What a metric asks a model is limited, recorded and billed to the run, not to the candidate. */
export interface MetricModels {
  model(reference: ModelReference): Promise<CallableModel>;
}

/**
 * Scores one answer. `scale` says how scores are summarised: `proportion` scores are 0 or 1 and get a Wilson
 * interval, `mean` scores are numbers in [0, 1].
 */
export interface Metric {
  readonly id: string;
  readonly summary: string;
  readonly better: 'higher' | 'lower';
  readonly scale: 'proportion' | 'mean';
  /** Part → the score from which on it says yes, for telling how far parts agree; 0.5 where absent. */
  readonly cuts?: Readonly<Record<string, number>>;
  /** Score of a row that brought no answer; null leaves it out. */
  readonly onError: number | null;
  /** What marking one answer asks of the model in a role, where the task names one: tokens of a call besides those of the answer and its question. */
  readonly asks?: { readonly role: string; readonly calls: number; readonly inputTokens: number; readonly outputTokens: number };
  /** Makes it ready for one task: a classifier is trained, a judge is opened. The id stays the same. */
  ready?(input: MetricInput, models: MetricModels): Promise<Metric>;
  /** Rows are scored one at a time where this or `judge` is set. */
  score?(example: Example, answer: Answer, context: MetricContext): Score;
  /** Scores a row by asking a model; takes the place of `score`. A row that cannot be judged is a score of null with its reason. */
  judge?(example: Example, answer: Answer, context: MetricContext & { readonly signal: AbortSignal }): Promise<Score>;
  /** Metrics of the whole set, as macro-F1, summarise (expected, answered) label pairs instead; resampled for the interval. */
  summarise?(pairs: readonly { expected: string; answered: string | undefined }[]): number;
}

export function defineMetric(metric: Metric): Metric {
  return metric;
}
