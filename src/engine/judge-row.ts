import { messageOf } from '#core/errors.ts';
import type { Metric } from '#core/metric.ts';
import type { TaskBrief } from '#core/task-brief.ts';
import { endsTheRun, type Judged, type JudgeRow } from './execute.ts';

/**
 * Scores answers with those metrics that ask a model; undefined where none does. A judge that fails on a row costs its
 * score of that row, with the reason; what ends the run is thrown.
 */
export function judgeRowWith(metrics: readonly Metric[], task: TaskBrief, signal: AbortSignal): JudgeRow | undefined {
  const judges = metrics.filter((metric) => metric.judge !== undefined);
  if (judges.length === 0) return undefined;
  return async (example, answer) => {
    const judged = judges.map(async (metric) => {
      try {
        return [metric.id, (await metric.judge?.(example, answer, { task, signal })) ?? { value: null }] as const;
      } catch (error) {
        if (endsTheRun(error, signal)) throw error;
        return [metric.id, { value: null, reason: messageOf(error) }] as const;
      }
    });
    return Object.fromEntries(await Promise.all(judged)) satisfies Judged;
  };
}
