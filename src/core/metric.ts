import type { Answer } from './candidate.ts';
import type { Example } from './example.ts';
import type { TaskBrief } from './task-brief.ts';

/** `value` is null where the metric does not apply to this example: such rows are left out, never counted as zero. */
export interface Score {
  readonly value: number | null;
  readonly reason?: string;
}

export interface MetricContext {
  readonly task: TaskBrief;
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
  /** Score of a row that brought no answer; null leaves it out. */
  readonly onError: number | null;
  /** Rows are scored one at a time where this is set. */
  score?(example: Example, answer: Answer, context: MetricContext): Score;
  /** Metrics of the whole set, as macro-F1, summarise (expected, answered) label pairs instead; resampled for the interval. */
  summarise?(pairs: readonly { expected: string; answered: string | undefined }[]): number;
}

export function defineMetric(metric: Metric): Metric {
  return metric;
}
