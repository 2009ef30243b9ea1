import type { CandidateEvidence } from '#core/evidence.ts';
import type { ServiceGoal } from '#core/goal.ts';
import type { Metric } from '#core/metric.ts';
import { nanoDollarsPerDollar } from '#core/money.ts';
import { withoutDust } from '#economics/break-even.ts';
import { asymptoticInterval } from '#statistics/asymptotic-sequence.ts';
import { bettingInterval } from '#statistics/betting.ts';
import { clustersAt, designEffect } from '#statistics/clusters.ts';
import { type CalibrationCounts, calibrationCounts, correctedRate } from '#statistics/judge.ts';
import { correctedSequence } from '#statistics/judge-sequence.ts';
import { meanEstimate, moments } from '#statistics/mean.ts';
import { exactEstimate, shareEstimate } from '#statistics/proportion.ts';
import { type QuantileEstimate, quantileOfRows } from '#statistics/quantile.ts';
import { quantileSequence } from '#statistics/quantile-sequence.ts';
import { scoreEstimate, setEstimate } from '#statistics/scores.ts';
import type { Grounds } from './grounds.ts';
import { labelPairsWithRows, pairsAt } from './label-pairs.ts';

/** An estimate whose ends may be unknown: null where the rows are too few to bound it on that side. */
export type MeasureEstimate = QuantileEstimate;

/** True where every number of the column is 0 or 1: right/wrong, for which there are exact methods. */
export function isRightWrong(scores: Float64Array): boolean {
  return scores.every((score) => Number.isNaN(score) || score === 0 || score === 1);
}

/**
 * A metric of one candidate at that confidence; undefined without rows. Where measuring stopped early the interval is a
 * confidence sequence, valid however often it was looked at; else it is of the fixed sample. Where people marked some of
 * a judge's answers, the judged rate is corrected by them. `claim` asks for bounds that never err more often than stated,
 * to judge a goal by; without it the interval is the usual one, to be shown.
 */
export function metricEstimate(
  metric: Metric,
  candidate: CandidateEvidence,
  grounds: Grounds,
  { confidence, claim = false }: { readonly confidence: number; readonly claim?: boolean },
): MeasureEstimate | undefined {
  const { task, clusters } = grounds;
  const options = { confidence, seed: task.seed, clusters };
  const scores = candidate.scores[metric.id];
  if (scores === undefined) {
    const summarise = metric.summarise;
    const { pairs, rows } = labelPairsWithRows(candidate, grounds);
    if (summarise === undefined || pairs.length === 0) return undefined;
    return setEstimate(pairs.length, (drawn) => summarise(pairsAt(pairs, drawn)), { ...options, clusters: clustersAt(clusters, rows) });
  }
  const calibration = task.calibration[metric.id];
  if (calibration !== undefined && isRightWrong(scores)) {
    const corrected = correctedEstimate(scores, calibrationCounts(calibration), candidate, { confidence, clusters });
    if (corrected !== undefined) return corrected;
  }
  if (candidate.stopped !== undefined) {
    const sequence = bettingInterval(scores, { confidence, clusters });
    if (sequence !== undefined) return sequence;
  }
  if (!isRightWrong(scores)) return scoreEstimate(scores, options);
  return claim ? exactEstimate(scores, options) : shareEstimate(scores, options);
}

function correctedEstimate(
  scores: Float64Array,
  calibration: CalibrationCounts,
  { stopped }: CandidateEvidence,
  options: { readonly confidence: number; readonly clusters?: Int32Array },
): MeasureEstimate | undefined {
  if (stopped !== undefined) return correctedSequence(scores, calibration, options);
  const { n, mean } = moments(scores);
  const effect = designEffect(scores, options.clusters, options.confidence);
  return correctedRate({ judged: { right: Math.round(mean * n), n, designEffect: effect }, calibration }, options.confidence);
}

/** What the service delivered: milliseconds, or US dollars per 1,000 requests. Undefined where it is not known. */
export function serviceEstimate(
  goal: ServiceGoal,
  candidate: CandidateEvidence,
  grounds: Grounds,
  confidence: number,
): MeasureEstimate | undefined {
  const { clusters } = grounds;
  const stopped = candidate.stopped !== undefined;
  if (goal !== 'costPer1k') {
    const probability = goal === 'latencyP95Ms' ? 0.95 : 0.5;
    const quantile = stopped ? quantileSequence : quantileOfRows;
    return quantile(candidate.latencyMs, probability, { confidence, clusters });
  }
  if (!candidate.priced) return undefined;
  const cost = stopped ? asymptoticInterval(candidate.cost, { confidence, clusters }) : meanEstimate(candidate.cost, confidence, clusters);
  if (cost === undefined) return undefined;
  const per1k = (perRequest: number) => withoutDust((Math.max(0, perRequest) * 1000) / nanoDollarsPerDollar);
  return { ...cost, value: per1k(cost.value), low: per1k(cost.low), high: per1k(cost.high) };
}
