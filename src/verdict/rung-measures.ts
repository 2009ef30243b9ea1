import type { Estimate } from '#core/estimate.ts';
import type { CandidateEvidence, EvidenceSet } from '#core/evidence.ts';
import type { ServiceGoal } from '#core/goal.ts';
import type { Metric } from '#core/metric.ts';
import { nanoDollarsPerDollar } from '#core/money.ts';
import type { Task } from '#core/task.ts';
import { withoutDust } from '#economics/break-even.ts';
import type { CandidateCost } from '#economics/horizon.ts';
import { meanEstimate, moments } from '#statistics/mean.ts';
import { proportionEstimate } from '#statistics/proportion.ts';
import { type QuantileEstimate, quantileEstimate, sortedNumbers } from '#statistics/quantile.ts';
import { scoreEstimate, setEstimate } from '#statistics/scores.ts';
import { labelPairs, pairsAt } from './label-pairs.ts';
import { measuredRows } from './measured-rows.ts';

/** An estimate whose ends may be unknown: null where the rows are too few to bound it on that side. */
export type ServiceEstimate = QuantileEstimate;

/** One rung that answered rows, in numbers. */
export interface RungMeasures {
  readonly evidence: CandidateEvidence;
  readonly rows: number;
  readonly failures: number;
  /** Metric id → estimate, in the order of the task; a metric without rows is absent. */
  readonly metrics: Readonly<Record<string, Estimate>>;
  readonly service: Readonly<Partial<Record<ServiceGoal, ServiceEstimate>>>;
  /** Absent where the price is not known or no row was billed. */
  readonly cost?: CandidateCost;
  readonly tokens?: { readonly input: number; readonly output: number };
}

/** Right/wrong metrics, and metrics of other scales whose every score is 0 or 1: both have exact methods. */
export function isRightWrong(metric: Metric, evidence: EvidenceSet): boolean {
  if (metric.summarise !== undefined && metric.score === undefined) return false;
  return evidence.candidates.every((candidate) =>
    (candidate.scores[metric.id] ?? new Float64Array()).every((score) => Number.isNaN(score) || score === 0 || score === 1),
  );
}

export function measureRung(candidate: CandidateEvidence, evidence: EvidenceSet, task: Task, metrics: readonly Metric[]): RungMeasures {
  const estimates: Record<string, Estimate> = {};
  for (const metric of metrics) {
    const estimate = metricEstimate(metric, candidate, evidence, task);
    if (estimate !== undefined) estimates[metric.id] = estimate;
  }
  const cost = moments(candidate.cost);
  const input = moments(candidate.inputTokens);
  const output = moments(candidate.outputTokens);
  return {
    evidence: candidate,
    rows: measuredRows(candidate),
    failures: candidate.failed.reduce((sum, failed) => sum + failed, 0),
    metrics: estimates,
    service: serviceEstimates(candidate, task.confidence),
    ...(candidate.priced && cost.n > 0
      ? { cost: { setup: candidate.setup.cost, perRequest: cost.mean, tuned: candidate.tuned } satisfies CandidateCost }
      : {}),
    ...(input.n > 0 && output.n > 0 ? { tokens: { input: withoutDust(input.mean), output: withoutDust(output.mean) } } : {}),
  };
}

function metricEstimate(metric: Metric, candidate: CandidateEvidence, evidence: EvidenceSet, task: Task): Estimate | undefined {
  const options = { confidence: task.confidence, seed: task.seed };
  const scores = candidate.scores[metric.id];
  if (scores === undefined) {
    const summarise = metric.summarise;
    const pairs = labelPairs(candidate, evidence);
    if (summarise === undefined || pairs.length === 0) return undefined;
    return setEstimate(pairs.length, (rows) => summarise(pairsAt(pairs, rows)), options);
  }
  if (!isRightWrong(metric, evidence)) return scoreEstimate(scores, options);
  const { n, mean } = moments(scores);
  return proportionEstimate(Math.round(mean * n), n, task.confidence);
}

function serviceEstimates(candidate: CandidateEvidence, confidence: number): Partial<Record<ServiceGoal, ServiceEstimate>> {
  const latencies = sortedNumbers(candidate.latencyMs);
  const p50 = quantileEstimate(latencies, 0.5, confidence);
  const p95 = quantileEstimate(latencies, 0.95, confidence);
  const cost = candidate.priced ? meanEstimate(candidate.cost, confidence) : undefined;
  const per1k = (perRequest: number) => withoutDust((Math.max(0, perRequest) * 1000) / nanoDollarsPerDollar);
  return {
    ...(p50 === undefined ? {} : { latencyP50Ms: p50 }),
    ...(p95 === undefined ? {} : { latencyP95Ms: p95 }),
    ...(cost === undefined ? {} : { costPer1k: { ...cost, value: per1k(cost.value), low: per1k(cost.low), high: per1k(cost.high) } }),
  };
}
