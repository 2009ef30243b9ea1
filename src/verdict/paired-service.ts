import type { Estimate } from '#core/estimate.ts';
import type { CandidateEvidence } from '#core/evidence.ts';
import { nanoDollarsPerDollar } from '#core/money.ts';
import { withoutDust } from '#economics/break-even.ts';
import { asymptoticInterval } from '#statistics/asymptotic-sequence.ts';
import { meanEstimate } from '#statistics/mean.ts';
import { quantileOfRows } from '#statistics/quantile.ts';
import { quantileSequence } from '#statistics/quantile-sequence.ts';
import type { Grounds } from './grounds.ts';

/** What a rung costs and takes over another, row by row. A figure that is not known or cannot be bounded is absent. */
interface ServiceDifference {
  readonly costPer1k?: Estimate;
  readonly latencyMs?: Estimate;
}

/**
 * Differences of two candidates on the rows that both answered, first minus second: the mean of the cost, by Student's
 * t, and the median of the latency, by order statistics, which a few slow answers do not move; confidence sequences
 * where one of the two was stopped early.
 */
export function pairedService(first: CandidateEvidence, second: CandidateEvidence, grounds: Grounds): ServiceDifference {
  const options = { confidence: grounds.task.confidence, clusters: grounds.clusters };
  const stopped = first.stopped !== undefined || second.stopped !== undefined;
  const mean = (values: Float64Array) =>
    stopped ? asymptoticInterval(values, options) : meanEstimate(values, options.confidence, options.clusters);
  const cost = first.priced && second.priced ? mean(differences(first.cost, second.cost)) : undefined;
  const latency = (stopped ? quantileSequence : quantileOfRows)(differences(first.latencyMs, second.latencyMs), 0.5, options);
  const per1k = (perRequest: number) => withoutDust((perRequest * 1000) / nanoDollarsPerDollar);
  return {
    ...(cost !== undefined && { costPer1k: { ...cost, value: per1k(cost.value), low: per1k(cost.low), high: per1k(cost.high) } }),
    ...(latency !== undefined && isBounded(latency) && { latencyMs: latency }),
  };
}

function differences(first: Float64Array, second: Float64Array): Float64Array {
  return first.map((value, row) => value - (second[row] ?? Number.NaN));
}

function isBounded(estimate: { low: number | null; high: number | null }): estimate is Estimate {
  return estimate.low !== null && estimate.high !== null;
}
