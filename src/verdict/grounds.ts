import type { EvidenceSet } from '#core/evidence.ts';
import type { Metric } from '#core/metric.ts';
import type { Task } from '#core/task.ts';
import { clustersOf } from '#statistics/clusters.ts';

/** What every judgement over a set of rows needs besides the numbers. */
export interface Grounds {
  readonly task: Task;
  /** The task's metrics, in its order; the first one leads. */
  readonly metrics: readonly Metric[];
  readonly examples: EvidenceSet['examples'];
  /** Which rows belong together; undefined where every row stands alone. */
  readonly clusters: Int32Array | undefined;
}

export function groundsOf(task: Task, metrics: readonly Metric[], examples: EvidenceSet['examples']): Grounds {
  return { task, metrics, examples, clusters: clustersOf(examples.map(({ group }) => group)) };
}
