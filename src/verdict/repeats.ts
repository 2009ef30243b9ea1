import type { CandidateEvidence } from '#core/evidence.ts';
import type { Task } from '#core/task.ts';
import type { VerdictRung } from '#core/verdict.ts';
import { repeatSummary } from '#statistics/repeats.ts';

/**
 * How often a rung's answers to the same row agree, and how often k of k are right, at the task's confidence; undefined
 * where no row was answered twice. `clusters`: index of every row's cluster, where rows share one.
 */
export function repeatsOf(candidate: CandidateEvidence, task: Task, clusters?: Int32Array): VerdictRung['repeats'] {
  if (candidate.repeats === undefined) return undefined;
  const { confidence, seed } = task;
  const summary = repeatSummary(candidate.repeats.rows, { confidence, seed, most: task.repeats, clusters });
  if (summary === undefined) return undefined;
  return { rows: summary.rows, agreement: summary.agreement, passHat: [...summary.passHat] };
}
