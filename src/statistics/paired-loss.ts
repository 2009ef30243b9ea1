import type { PairedDifference } from './interval.ts';
import { pairedShares } from './paired-proportions.ts';
import { pairedScores } from './scores.ts';

interface LossOptions {
  readonly confidence: number;
  readonly seed: number;
  /** Index of every row's cluster, where rows share one. */
  readonly clusters?: Int32Array | undefined;
}

/**
 * Mean of what rows lost, before minus after, over the rows where both are numbers; undefined without such rows. Newcombe's
 * paired interval where all scores are 0 or 1, the paired bootstrap for others: see `pairedShares` and `pairedScores`.
 */
export function pairedLoss(before: Float64Array, after: Float64Array, options: LossOptions): PairedDifference | undefined {
  const isRightWrong = [before, after].every((scores) => scores.every((score) => Number.isNaN(score) || score === 0 || score === 1));
  return isRightWrong ? pairedShares(before, after, options) : pairedScores(before, after, options);
}
