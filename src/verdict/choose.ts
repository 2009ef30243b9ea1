import type { EvidenceSet } from '#core/evidence.ts';
import type { Metric } from '#core/metric.ts';
import type { Task } from '#core/task.ts';
import { horizonCost } from '#economics/horizon.ts';
import { holmAdjusted } from '#statistics/holm.ts';
import { type JudgedGoal, judgeGoals, overallStatus } from './goals.ts';
import { pairedGain } from './paired-gain.ts';
import { bestOf, improvement } from './plateau.ts';
import type { RungMeasures } from './rung-measures.ts';

export interface JudgedRung {
  readonly measures: RungMeasures;
  readonly goals: readonly JudgedGoal[];
}

/** What the evidence says, before it is put into words. */
export interface Choice {
  readonly kind: 'goals-met' | 'no-goals' | 'undecided' | 'not-met' | 'below-floor' | 'all-failed' | 'no-scores';
  readonly chosen?: JudgedRung;
  /** The rung with the best value of the first metric. */
  readonly best?: JudgedRung;
  /** Rungs that would do, the cheapest first. */
  readonly sufficient: readonly JudgedRung[];
  /** Rungs of which it is not known yet whether they would do, the cheapest first. */
  readonly open: readonly JudgedRung[];
  /** Rungs that miss a goal, or without goals are significantly worse than the best, in ladder order. */
  readonly missing: readonly JudgedRung[];
}

/**
 * The cheapest rung over the horizon among those whose goals are all met. Without goals: among those that are not
 * significantly worse than the best (paired test, Holm over the comparisons with the best). Without a price for every
 * rung in question the place on the ladder stands for the cost. `rungs` are in ladder order.
 */
export function choose(rungs: readonly RungMeasures[], metric: Metric | undefined, evidence: EvidenceSet, task: Task): Choice {
  const judged = rungs.map((measures) => ({ measures, goals: judgeGoals(task, measures) }));
  const bestMeasures = metric === undefined ? undefined : bestOf(rungs, metric);
  const best = judged.find(({ measures }) => measures === bestMeasures);
  const common = best === undefined ? {} : { best };
  if (rungs.every((rung) => rung.failures === rung.rows)) return { kind: 'all-failed', ...common, sufficient: [], open: [], missing: [] };
  if (task.goals.length === 0) {
    if (metric === undefined || best === undefined) return { kind: 'no-scores', sufficient: [], open: [], missing: [] };
    if (belowFloor(best.measures, metric, task)) return { kind: 'below-floor', best, sufficient: [], open: [], missing: [] };
    const sufficient = cheapestFirst(notWorse(judged, best, metric, evidence, task), task);
    const missing = judged.filter((rung) => !sufficient.includes(rung));
    return { kind: 'no-goals', chosen: sufficient[0]!, best, sufficient, open: [], missing };
  }
  const withStatus = (wanted: string) =>
    cheapestFirst(
      judged.filter(({ goals }) => overallStatus(goals) === wanted),
      task,
    );
  const sufficient = withStatus('met');
  const open = withStatus('undecided');
  const missing = judged.filter(({ goals }) => overallStatus(goals) === 'not-met');
  const rest = { sufficient, open, missing };
  const chosen = sufficient[0];
  if (chosen !== undefined) return { kind: 'goals-met', chosen, ...common, ...rest };
  const isBelow = metric !== undefined && best !== undefined && belowFloor(best.measures, metric, task);
  if (isBelow) return { kind: 'below-floor', best, ...rest };
  return { kind: open.length > 0 ? 'undecided' : 'not-met', ...common, ...rest };
}

/** True where even the upper end of the best rung is under the floor; only for metrics of which more is better. */
export function belowFloor(rung: RungMeasures, metric: Metric, task: Task): boolean {
  const estimate = rung.metrics[metric.id];
  return metric.better === 'higher' && estimate !== undefined && estimate.high < task.floor;
}

/** By cost over the horizon; by place on the ladder where costs are equal or a price is not known. */
export function cheapestFirst(rungs: readonly JudgedRung[], task: Task): JudgedRung[] {
  if (rungs.some(({ measures }) => measures.cost === undefined)) return [...rungs];
  const costs = new Map(rungs.map((rung) => [rung, horizonCost(rung.measures.cost!, task.traffic)]));
  return [...rungs].sort((a, b) => costs.get(a)! - costs.get(b)!);
}

function notWorse(rungs: readonly JudgedRung[], best: JudgedRung, metric: Metric, evidence: EvidenceSet, task: Task): JudgedRung[] {
  const others = rungs.filter((rung) => rung !== best && rung.measures.metrics[metric.id] !== undefined);
  const gains = others.map((rung) =>
    improvement(pairedGain(best.measures.evidence, rung.measures.evidence, metric, evidence, task), metric),
  );
  const adjusted = holmAdjusted(gains.map((gain) => gain?.p ?? 1));
  const worse = new Set(others.filter((_, index) => (gains[index]?.value ?? 0) > 0 && adjusted[index]! < 1 - task.confidence));
  return rungs.filter((rung) => rung === best || (others.includes(rung) && !worse.has(rung)));
}
