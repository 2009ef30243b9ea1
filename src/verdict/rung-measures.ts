import type { Estimate } from '#core/estimate.ts';
import type { CandidateEvidence } from '#core/evidence.ts';
import { type ServiceGoal, serviceGoals } from '#core/goal.ts';
import type { Metric } from '#core/metric.ts';
import { withoutDust } from '#economics/break-even.ts';
import { candidateCost } from '#economics/candidate-cost.ts';
import type { CandidateCost } from '#economics/horizon.ts';
import { moments } from '#statistics/mean.ts';
import { type MeasureEstimate, metricEstimate, serviceEstimate } from './estimates.ts';
import type { Grounds } from './grounds.ts';
import { measuredRows } from './measured-rows.ts';

/** One rung that answered rows, in numbers. */
export interface RungMeasures {
  readonly evidence: CandidateEvidence;
  readonly rows: number;
  readonly failures: number;
  /** Metric id → estimate, in the order of the task, and then what probes measured; what has no rows is absent. */
  readonly metrics: Readonly<Record<string, Estimate>>;
  readonly service: Readonly<Partial<Record<ServiceGoal, MeasureEstimate>>>;
  /** Absent where the price is not known or no row was billed. */
  readonly cost?: CandidateCost;
  readonly tokens?: { readonly input: number; readonly output: number };
}

/** Everything that is measured of one candidate, at the task's confidence. */
export function measureRung(candidate: CandidateEvidence, grounds: Grounds, trainingRows: number): RungMeasures {
  const { task, metrics } = grounds;
  const estimates: Record<string, Estimate> = {};
  for (const metric of metrics) {
    const estimate = metricEstimate(metric, candidate, grounds, { confidence: task.confidence });
    if (estimate !== undefined && isBounded(estimate)) estimates[metric.id] = estimate;
  }
  for (const { metrics: ofProbe } of candidate.probes ?? []) {
    for (const [id, estimate] of Object.entries(ofProbe)) if (!metrics.some((metric) => metric.id === id)) estimates[id] = estimate;
  }
  const service: Partial<Record<ServiceGoal, MeasureEstimate>> = {};
  for (const goal of serviceGoals) {
    const estimate = serviceEstimate(goal, candidate, grounds, task.confidence);
    if (estimate !== undefined) service[goal] = estimate;
  }
  const input = moments(candidate.inputTokens);
  const output = moments(candidate.outputTokens);
  const cost = costOfCandidate(candidate, grounds, trainingRows);
  return {
    evidence: candidate,
    rows: measuredRows(candidate),
    failures: candidate.failed.reduce((sum, failed) => sum + failed, 0),
    metrics: estimates,
    service,
    ...(cost === undefined ? {} : { cost }),
    ...(input.n > 0 && output.n > 0 ? { tokens: { input: withoutDust(input.mean), output: withoutDust(output.mean) } } : {}),
  };
}

/** What a candidate costs at any volume, with the work that the task prices; undefined where its price is not known. */
export function costOfCandidate(candidate: CandidateEvidence, grounds: Grounds, trainingRows: number): CandidateCost | undefined {
  const perRequest = moments(candidate.cost);
  if (!candidate.priced || perRequest.n === 0) return undefined;
  const lead = leadOf(candidate, grounds);
  const right = lead === undefined ? Number.NaN : moments(candidate.scores[lead.id]!).mean;
  return candidateCost(
    {
      name: candidate.rung,
      setup: candidate.setup.cost,
      perRequest: perRequest.mean,
      tuned: candidate.tuned,
      labelledRows: candidate.tuned || candidate.model === null ? trainingRows : 0,
      wrongShare: right >= 0 && right <= 1 ? 1 - right : 0,
    },
    grounds.task.costs,
  );
}

/** The metric whose mean is the share of right answers: the first that scores rows and of which more is better. */
export function leadOf(candidate: CandidateEvidence, { metrics }: Pick<Grounds, 'metrics'>): Metric | undefined {
  return metrics.find((metric) => candidate.scores[metric.id] !== undefined && metric.better === 'higher');
}

function isBounded(estimate: MeasureEstimate): estimate is Estimate {
  return estimate.low !== null && estimate.high !== null;
}
