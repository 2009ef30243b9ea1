import type { EvidenceSet } from '#core/evidence.ts';
import type { Metric } from '#core/metric.ts';
import type { Task } from '#core/task.ts';
import { horizonCost } from '#economics/horizon.ts';
import { belowFloor, type Choice, type JudgedRung } from './choose.ts';
import { count, goalText, percent } from './figures.ts';
import { bestOf, promptingRungs } from './plateau.ts';
import type { RungMeasures } from './rung-measures.ts';

/** What a reader of the verdict should know besides: the run's own warnings first. */
export function warningsOf(
  rungs: readonly RungMeasures[],
  choice: Choice | undefined,
  metric: Metric | undefined,
  evidence: EvidenceSet,
  task: Task,
): string[] {
  const warnings = [...evidence.warnings];
  if (evidence.criteriaChanged) {
    warnings.push('Metrics, goals or the split were changed after the first answer: the numbers were not registered beforehand.');
  }
  if (evidence.split !== 'test' && rungs.length > 0) {
    warnings.push(`These are figures of the ${evidence.split} split, on which choices were made: the test split confirms them.`);
  }
  for (const { evidence: candidate, failures, rows } of rungs) {
    if (failures > 0) warnings.push(`${candidate.rung}: ${count(failures)} of ${count(rows)} rows brought no answer.`);
  }
  const unpriced = rungs.filter((rung) => rung.cost === undefined && rung.failures < rung.rows).map((rung) => rung.evidence.rung);
  if (unpriced.length > 0) {
    warnings.push(`No price is known for ${unpriced.join(', ')}: where costs cannot be compared, the place on the ladder decides.`);
  }
  if (metric !== undefined && choice?.chosen !== undefined)
    warnings.push(...floorWarning(rungs, metric, task), ...openWarnings(choice, task));
  return warnings;
}

function floorWarning(rungs: readonly RungMeasures[], metric: Metric, task: Task): string[] {
  const best = bestOf(promptingRungs(rungs), metric);
  if (best === undefined || !belowFloor(best, metric, task)) return [];
  return [
    `Every prompt stayed under ${percent(task.floor)} ${metric.id} (best: ${best.evidence.rung}): check the task and its labels, a tune learns their faults too.`,
  ];
}

/** Cheaper rungs that may do as well, with the rows that would tell. */
function openWarnings({ chosen, open }: Choice, task: Task): string[] {
  return open
    .filter((rung) => isCheaper(rung, chosen!, task))
    .map((rung) => {
      const pending = rung.goals.filter(({ status }) => status === 'undecided');
      const rows = pending.map(({ moreRows }) => moreRows ?? Number.POSITIVE_INFINITY);
      const most = Math.max(...rows);
      const wanted = Number.isFinite(most) ? `; about ${count(most)} more rows would tell` : '';
      return `${rung.measures.evidence.rung} costs less and may do as well: ${pending.map(({ goal }) => goalText(goal)).join(' and ')} is not decided${wanted}.`;
    });
}

function isCheaper(rung: JudgedRung, chosen: JudgedRung, task: Task): boolean {
  const [a, b] = [rung.measures.cost, chosen.measures.cost];
  return a !== undefined && b !== undefined && horizonCost(a, task.traffic) < horizonCost(b, task.traffic);
}
