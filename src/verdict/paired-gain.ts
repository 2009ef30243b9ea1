import type { CandidateEvidence, EvidenceSet } from '#core/evidence.ts';
import type { Metric } from '#core/metric.ts';
import type { Task } from '#core/task.ts';
import type { PairedDifference } from '#statistics/interval.ts';
import { countPairs, pairedProportions } from '#statistics/paired-proportions.ts';
import { pairedScores, pairedSets } from '#statistics/scores.ts';
import { labelPairOf, pairsAt, sharedPairs } from './label-pairs.ts';
import { isRightWrong } from './rung-measures.ts';

/**
 * Difference of two candidates on the rows that both answered, first minus second: mid-p McNemar with Newcombe's paired
 * interval for right/wrong, the paired bootstrap for everything else. Undefined without common rows.
 */
export function pairedGain(
  first: CandidateEvidence,
  second: CandidateEvidence,
  metric: Metric,
  evidence: EvidenceSet,
  task: Task,
): PairedDifference | undefined {
  const options = { confidence: task.confidence, seed: task.seed };
  const firstScores = first.scores[metric.id];
  const secondScores = second.scores[metric.id];
  if (firstScores !== undefined && secondScores !== undefined) {
    return isRightWrong(metric, evidence)
      ? pairedProportions(countPairs(firstScores, secondScores), task.confidence)
      : pairedScores(firstScores, secondScores, options);
  }
  const summarise = metric.summarise;
  if (summarise === undefined) return undefined;
  const common = evidence.examples.flatMap((_, row) => {
    const a = labelPairOf(first, evidence, row);
    const b = labelPairOf(second, evidence, row);
    return a === undefined || b === undefined ? [] : [{ a, b }];
  });
  if (common.length === 0) return undefined;
  const firstPairs = sharedPairs(common.map(({ a }) => a));
  const secondPairs = sharedPairs(common.map(({ b }) => b));
  return pairedSets(common.length, (rows) => summarise(pairsAt(firstPairs, rows)) - summarise(pairsAt(secondPairs, rows)), options);
}
