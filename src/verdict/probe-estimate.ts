import type { Estimate } from '#core/estimate.ts';
import type { CandidateEvidence } from '#core/evidence.ts';
import type { Goal } from '#core/goal.ts';
import { clustersOf, designEffect } from '#statistics/clusters.ts';
import { meanEstimate } from '#statistics/mean.ts';
import { rowsToLeaveBound } from '#statistics/power.ts';
import { exactEstimate, exactInterval, shareEstimate } from '#statistics/proportion.ts';
import { scoreEstimate } from '#statistics/scores.ts';
import { isRightWrong } from './estimates.ts';

interface EstimateOptions {
  readonly confidence: number;
  readonly seed: number;
  /** Asks for bounds that never err more often than stated. */
  readonly claim: boolean;
}

/**
 * The measure of a probe that a goal names, from the outcomes of one candidate, groups as clusters; of the fixed sample,
 * since probes are not looked at before their end. Undefined where the probe was not put to it or judged nothing.
 */
export function probeEstimate(
  goal: Goal,
  candidate: CandidateEvidence,
  { confidence, seed, claim }: EstimateOptions,
): Estimate | undefined {
  const { scores, clusters } = outcomesOf(goal, candidate);
  if (scores.length === 0) return undefined;
  if (goal.unit !== undefined) {
    const mean = meanEstimate(scores, confidence, clusters);
    return mean && { ...mean, low: Math.max(0, mean.low) };
  }
  if (!isRightWrong(scores)) return scoreEstimate(scores, { confidence, seed, clusters });
  return (claim ? exactEstimate : shareEstimate)(scores, { confidence, clusters });
}

/** Outcomes at which a share of right and wrong would leave the bound outside, in clusters as those there are; undefined where none would do. */
export function outcomesToDecide(goal: Goal, candidate: CandidateEvidence, confidence: number): number | undefined {
  const { scores, clusters } = outcomesOf(goal, candidate);
  const share = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const rows = rowsToLeaveBound(share, goal.bound, confidence, exactInterval);
  const outcomes = rows === undefined ? undefined : Math.ceil(rows * designEffect(scores, clusters, confidence));
  return outcomes !== undefined && Number.isFinite(outcomes) ? outcomes : undefined;
}

function outcomesOf({ measure, probe }: Goal, { probes = [] }: CandidateEvidence) {
  const outcomes = probes.find((findings) => findings.probe === probe)?.outcomes.filter((outcome) => outcome.measure === measure) ?? [];
  return { scores: Float64Array.from(outcomes, ({ score }) => score), clusters: clustersOf(outcomes.map(({ group }) => group)) };
}
