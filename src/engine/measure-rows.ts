import type { MeasuredRow } from '#core/approach.ts';
import type { Candidate } from '#core/candidate.ts';
import type { Example } from '#core/example.ts';
import type { Metric, Score } from '#core/metric.ts';
import type { Row } from '#core/run.ts';
import type { TaskBrief } from '#core/task-brief.ts';
import { type ExecuteOptions, execute, type Judged } from './execute.ts';
import { judgeRowWith } from './judge-row.ts';
import { leadingMetric } from './score.ts';

interface MeasureRowsOptions extends Pick<ExecuteOptions, 'store' | 'clock' | 'concurrency' | 'stopping' | 'abort'> {
  readonly task: TaskBrief;
  readonly metrics: readonly Metric[];
}

/** Runs a candidate over examples outside the measured split, and gives what each came to, in their order. */
export async function measureRows(candidate: Candidate, examples: readonly Example[], options: MeasureRowsOptions): Promise<MeasuredRow[]> {
  const { task, metrics, store, clock, concurrency, stopping, abort } = options;
  const metric = leadingMetric(metrics);
  const judge = judgeRowWith(metric === undefined ? [] : [metric], task, abort);
  const measured = new Array<MeasuredRow>(examples.length);
  await execute({
    ...{ candidate, store, clock, concurrency, stopping, abort },
    examples,
    split: 'validation',
    judge,
    onRow(index, row, _fromStore, judged) {
      measured[index] = measuredRow(examples[index]!, row, metric, task, judged);
    },
  });
  return measured;
}

function measuredRow(example: Example, row: Row, metric: Metric | undefined, task: TaskBrief, judged: Judged | undefined): MeasuredRow {
  const { answer, failure, latencyMs } = row;
  if (answer === undefined) {
    const { message: reason, modelAbsent } = failure ?? {};
    return { example, score: signed(metric, metric?.onError ?? null), reason, ...(modelAbsent && { modelAbsent }), latencyMs };
  }
  const score = metric === undefined ? undefined : scoreOf(metric, example, answer, task, judged);
  const { value = null, reason } = score ?? {};
  return { example, answer, score: signed(metric, value), ...(reason === undefined ? {} : { reason }), latencyMs };
}

function scoreOf(
  metric: Metric,
  example: Example,
  answer: NonNullable<Row['answer']>,
  task: TaskBrief,
  judged: Judged | undefined,
): Score | undefined {
  if (metric.judge !== undefined) return judged?.[metric.id];
  try {
    const score = metric.score?.(example, answer, { task });
    return score !== undefined && score.value !== null && !Number.isFinite(score.value) ? { value: null } : score;
  } catch {
    // a user's metric that throws costs its score of the row; the climb itself says why
    return undefined;
  }
}

/** Higher better, whatever the metric's own direction. */
function signed(metric: Metric | undefined, value: number | null): number | null {
  return value === null || metric?.better !== 'lower' ? value : -value;
}
