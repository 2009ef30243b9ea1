import type { EvidenceSet } from '#core/evidence.ts';
import type { Metric } from '#core/metric.ts';
import type { Task } from '#core/task.ts';
import { horizonCost } from '#economics/horizon.ts';
import { holmAdjusted } from '#statistics/holm.ts';
import { errorRates } from './error-rates.ts';
import { type JudgedGoal, judgeGoals, overallStatus } from './goals.ts';
import type { Grounds } from './grounds.ts';
import { blockingGuards } from './guarded.ts';
import { pairedGain } from './paired-gain.ts';
import { bestOf, improvement } from './plateau.ts';
import type { RungMeasures } from './rung-measures.ts';

export interface JudgedRung {
  readonly measures: RungMeasures;
  readonly goals: readonly JudgedGoal[];
}

/** What the evidence says, before it is put into words. */
export interface Choice {
  readonly kind: 'goals-met' | 'no-goals' | 'undecided' | 'blocked' | 'not-met' | 'below-floor' | 'all-failed' | 'no-scores';
  /** Every rung that was measured, in ladder order. */
  readonly judged: readonly JudgedRung[];
  readonly chosen?: JudgedRung;
  /** The rung with the best value of the first metric. */
  readonly best?: JudgedRung;
  /** Rungs that would do, the cheapest first. */
  readonly sufficient: readonly JudgedRung[];
  /** Rungs of which it is not known yet whether they would do, the cheapest first. */
  readonly open: readonly JudgedRung[];
  /** Rungs that miss a goal, or without goals are significantly worse than the best, in ladder order. */
  readonly missing: readonly JudgedRung[];
  /** Tuned rungs that would do, or may do, and that did not pass a guard; the cheapest first. */
  readonly blocked: readonly JudgedRung[];
}

/** Judges the goals of every rung, at error rates that all of them share. */
export function judgeRungs(rungs: readonly RungMeasures[], evidence: EvidenceSet, grounds: Grounds): JudgedRung[] {
  const rates = errorRates(grounds.task, rungs.length, evidence.lookedEarly);
  return rungs.map((measures) => ({ measures, goals: judgeGoals(measures.evidence, grounds, rates) }));
}

/**
 * The cheapest rung over the horizon among those whose goals are all met. Without goals: among those that are not
 * significantly worse than the best (paired test, Holm over the comparisons with the best). Without a price for every
 * rung in question the place on the ladder stands for the cost. A tuned rung that did not pass a guard is no candidate.
 * `judged` are in ladder order.
 */
export function choose(judged: readonly JudgedRung[], grounds: Grounds): Choice {
  const { task } = grounds;
  const metric = grounds.metrics[0];
  const rungs = judged.map(({ measures }) => measures);
  const bestMeasures = metric === undefined ? undefined : bestOf(rungs, metric);
  const best = judged.find(({ measures }) => measures === bestMeasures);
  const common = best === undefined ? { judged } : { judged, best };
  const nothing = { sufficient: [], open: [], missing: [], blocked: [] };
  if (rungs.every((rung) => rung.failures === rung.rows)) return { kind: 'all-failed', ...common, ...nothing };
  const isBlocked = ({ measures }: JudgedRung) => blockingGuards(measures.evidence).length > 0;
  if (task.goals.length === 0) return withoutGoals(judged, isBlocked, common, grounds);
  const withStatus = (wanted: string) =>
    cheapestFirst(
      judged.filter(({ goals }) => overallStatus(goals) === wanted),
      task,
    );
  const [would, may] = [withStatus('met'), withStatus('undecided')];
  const sufficient = would.filter((rung) => !isBlocked(rung));
  const open = may.filter((rung) => !isBlocked(rung));
  const blocked = [...would, ...may].filter(isBlocked);
  const missing = judged.filter(({ goals }) => overallStatus(goals) === 'not-met');
  const rest = { sufficient, open, missing, blocked };
  const chosen = sufficient[0];
  if (chosen !== undefined) return { kind: 'goals-met', chosen, ...common, ...rest };
  const isBelow = metric !== undefined && best !== undefined && belowFloor(best.measures, metric, task);
  if (isBelow) return { kind: 'below-floor', ...common, ...rest };
  if (open.length > 0) return { kind: 'undecided', ...common, ...rest };
  return { kind: blocked.length > 0 ? 'blocked' : 'not-met', ...common, ...rest };
}

/** The best is looked for among those that may be chosen: a rung that may not be is nothing to be held against. */
function withoutGoals(
  judged: readonly JudgedRung[],
  isBlocked: (rung: JudgedRung) => boolean,
  common: Pick<Choice, 'judged' | 'best'>,
  grounds: Grounds,
): Choice {
  const { task } = grounds;
  const metric = grounds.metrics[0];
  const nothing = { sufficient: [], open: [], missing: [], blocked: [] };
  if (metric === undefined || common.best === undefined) return { kind: 'no-scores', judged, ...nothing };
  if (belowFloor(common.best.measures, metric, task)) return { kind: 'below-floor', ...common, ...nothing };
  const [blocked, able] = [judged.filter(isBlocked), judged.filter((rung) => !isBlocked(rung))];
  const bestMeasures = bestOf(
    able.map(({ measures }) => measures),
    metric,
  );
  const best = able.find(({ measures }) => measures === bestMeasures);
  if (best === undefined) return { kind: 'blocked', ...common, ...nothing, blocked: cheapestFirst(blocked, task) };
  const sufficient = cheapestFirst(notWorse(able, best, metric, grounds), task);
  const missing = able.filter((rung) => !sufficient.includes(rung));
  return { kind: 'no-goals', judged, best, chosen: sufficient[0]!, sufficient, open: [], missing, blocked };
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

// a rung that was stopped as dominated was surely worse when it was: what was measured of it since cannot say otherwise
function notWorse(rungs: readonly JudgedRung[], best: JudgedRung, metric: Metric, grounds: Grounds): JudgedRung[] {
  const others = rungs.filter((rung) => rung !== best && rung.measures.metrics[metric.id] !== undefined);
  const gains = others.map((rung) => improvement(pairedGain(best.measures.evidence, rung.measures.evidence, metric, grounds), metric));
  const adjusted = holmAdjusted(gains.map((gain) => gain?.p ?? 1));
  const worse = new Set(others.filter((_, index) => (gains[index]?.value ?? 0) > 0 && adjusted[index]! < 1 - grounds.task.confidence));
  return rungs.filter(
    (rung) => rung === best || (others.includes(rung) && !worse.has(rung) && rung.measures.evidence.stopped?.reason !== 'dominated'),
  );
}
