import type { CandidateEvidence } from '#core/evidence.ts';
import type { Metric } from '#core/metric.ts';
import { clustersAt } from '#statistics/clusters.ts';
import type { PairedDifference } from '#statistics/interval.ts';
import { calibrationCounts, correctedDifference } from '#statistics/judge.ts';
import { pairedShares } from '#statistics/paired-proportions.ts';
import { pairedSequence } from '#statistics/paired-sequence.ts';
import { pairedScores, pairedSets } from '#statistics/scores.ts';
import { isRightWrong } from './estimates.ts';
import type { Grounds } from './grounds.ts';
import { labelPairOf, pairsAt, sharedPairs } from './label-pairs.ts';

/**
 * Difference of two candidates on the rows that both answered, first minus second: mid-p McNemar with Newcombe's paired
 * interval for right/wrong, the paired bootstrap for everything else, a betting confidence sequence where one of them
 * was stopped early; of a judge that people marked too, the difference that people would see. Undefined without common
 * rows.
 */
export function pairedGain(
  first: CandidateEvidence,
  second: CandidateEvidence,
  metric: Metric,
  grounds: Grounds,
): PairedDifference | undefined {
  const { task, clusters } = grounds;
  const options = { confidence: task.confidence, seed: task.seed, clusters };
  const firstScores = first.scores[metric.id];
  const secondScores = second.scores[metric.id];
  if (firstScores !== undefined && secondScores !== undefined) {
    const stopped = first.stopped !== undefined || second.stopped !== undefined;
    const rightWrong = isRightWrong(firstScores) && isRightWrong(secondScores);
    const judged =
      (stopped ? pairedSequence(firstScores, secondScores, options) : undefined) ??
      (rightWrong ? pairedShares : pairedScores)(firstScores, secondScores, options);
    const calibration = task.calibration[metric.id];
    if (judged === undefined || calibration === undefined || !rightWrong) return judged;
    return correctedDifference({ judged, calibration: calibrationCounts(calibration) }, task.confidence) ?? judged;
  }
  const summarise = metric.summarise;
  if (summarise === undefined) return undefined;
  const common = grounds.examples.flatMap((_, row) => {
    const a = labelPairOf(first, grounds, row);
    const b = labelPairOf(second, grounds, row);
    return a === undefined || b === undefined ? [] : [{ row, a, b }];
  });
  if (common.length === 0) return undefined;
  const firstPairs = sharedPairs(common.map(({ a }) => a));
  const secondPairs = sharedPairs(common.map(({ b }) => b));
  const rows = common.map(({ row }) => row);
  return pairedSets(common.length, (drawn) => summarise(pairsAt(firstPairs, drawn)) - summarise(pairsAt(secondPairs, drawn)), {
    ...options,
    clusters: clustersAt(clusters, rows),
  });
}
