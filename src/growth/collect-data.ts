import { readAnswer } from '#approaches/read-answer.ts';
import type { Answer } from '#core/candidate.ts';
import type { DataRow } from '#core/data-row.ts';
import { turnText } from '#core/data-row.ts';
import { inputError, messageOf } from '#core/errors.ts';
import type { Example } from '#core/example.ts';
import type { Metric } from '#core/metric.ts';
import { toDollars } from '#core/money.ts';
import { rung } from '#data/formats/rung.ts';
import type { CollectedScore, CollectOptions } from '#data/grow/collect-plan.ts';
import { exampleOf } from '#data/split/mark-row.ts';
import { BudgetEndedError } from '#engine/budget.ts';
import { judgeRowWith } from '#engine/judge-row.ts';
import { type OpenRun, openRun } from '#engine/open-run.ts';
import { withReadyMetrics } from '#engine/ready-metrics.ts';
import { leadingMetric } from '#engine/score.ts';
import type { PlannedTask } from '../session.ts';
import type { TaskRunOptions } from '../task-run.ts';
import { withTaskState } from '../task-state.ts';

export interface ScorerOptions extends TaskRunOptions {
  /** Id of one of the task's metrics; the first that scores rows where absent. */
  readonly metric?: string;
  /** The least score, in the metric's own numbers; the most where lower is better. */
  readonly minimum: number;
}

export interface Scorer {
  readonly score: NonNullable<CollectOptions['score']>;
  /** True where the metric asks a model. */
  readonly asks: boolean;
  spent(): { readonly dollars: number; readonly calls: number; readonly cached: number };
  /** True once the budget ended: rows after that have no score. */
  ended(): boolean;
}

const defaultConcurrency = 16;

/**
 * Opens a task's metric for answers that came from elsewhere, as logs, and closes it when `use` is done. What a judge says is
 * kept in the task's store and never bought twice. Metrics that compare with an expected answer say nothing: a log has none.
 */
export async function withScorer<T>({ task, plan }: PlannedTask, options: ScorerOptions, use: (scorer: Scorer) => Promise<T>): Promise<T> {
  const metric = metricOf(plan.metrics, options.metric, task.file);
  return withTaskState(task, async (state) => {
    const one = { ...plan, metrics: [metric] };
    const run = openRun({ ...options, ...state, plan: one });
    try {
      const ready = (await withReadyMetrics(one, run.models)).metrics[0]!;
      return await use(scorerOf(ready, plan.task, run, options));
    } finally {
      await run.models.close();
    }
  });
}

function metricOf(metrics: readonly Metric[], wanted: string | undefined, file: string): Metric {
  const found = wanted === undefined ? leadingMetric(metrics) : metrics.find(({ id }) => id === wanted);
  if (found?.score !== undefined || found?.judge !== undefined) return found;
  throw inputError({
    code: 'metric-missing',
    message:
      wanted === undefined
        ? 'The task has no metric that scores an answer by itself.'
        : `The task has no metric ${JSON.stringify(wanted)} that scores an answer by itself.`,
    hint: `It has: ${metrics.map(({ id }) => id).join(', ')}. Add one, as judge, to its metrics.`,
    place: { file },
  });
}

function scorerOf(metric: Metric, task: PlannedTask['task'], { meter, budget }: OpenRun, options: ScorerOptions): Scorer {
  const never = new AbortController().signal;
  const { stopping = never, abort = never, concurrency = defaultConcurrency } = options;
  const sign = metric.better === 'lower' ? -1 : 1;
  const judge = judgeRowWith([metric], task, abort);
  let ended = false;
  const scoreOf = async (row: DataRow): Promise<CollectedScore> => {
    if (ended) return { value: null, reason: 'the budget ended first' };
    if (stopping.aborted) return { value: null, reason: 'interrupted' };
    const asked = answered(row, task);
    if (asked === undefined) return { value: null, reason: 'a task cannot read it' };
    try {
      const { example, answer } = asked;
      const score = judge === undefined ? metric.score?.(example, answer, { task }) : (await judge(example, answer))[metric.id];
      const value = score?.value ?? null;
      const reason = score?.reason === undefined ? {} : { reason: score.reason };
      return value === null || !Number.isFinite(value) ? { value: null, ...reason } : { value: sign * value, ...reason };
    } catch (error) {
      if (error instanceof BudgetEndedError) ended = true;
      else if (judge !== undefined) throw error;
      return { value: null, reason: ended ? 'the budget ended first' : messageOf(error) };
    }
  };
  return {
    score: {
      metric: metric.id,
      minimum: sign * options.minimum,
      async rate(rows, put) {
        const iterator = rows[Symbol.asyncIterator]();
        const work = async (): Promise<void> => {
          for (let next = await iterator.next(); !next.done; next = await iterator.next()) put(next.value, await scoreOf(next.value));
        };
        await Promise.all(Array.from({ length: concurrency }, work));
      },
    },
    asks: metric.judge !== undefined,
    spent: () => ({ dollars: toDollars(budget.spent), calls: budget.calls, cached: meter.cached }),
    ended: () => ended,
  };
}

/** A row of a log as a question without an expected answer, and the answer that was given. */
function answered(row: DataRow, task: PlannedTask['task']): { example: Example; answer: Answer } | undefined {
  const read = exampleOf(row, rung);
  const last = row.turns.at(-1);
  if (read === undefined || last?.role !== 'assistant') return undefined;
  const { expected: _expected, ...example } = read;
  const text = turnText(last);
  return { example, answer: { text, ...readAnswer(task.output, text), calls: [] } };
}
