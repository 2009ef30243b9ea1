import type { EvidenceSet } from '#core/evidence.ts';
import type { Metric } from '#core/metric.ts';
import type { Task } from '#core/task.ts';
import { horizonCost } from '#economics/horizon.ts';
import { normalCritical } from '#statistics/distributions.ts';
import { proportionEstimate } from '#statistics/proportion.ts';
import { belowFloor, type Choice, type JudgedRung } from './choose.ts';
import { count, estimateText, goalText, measureName, percent, points } from './figures.ts';
import type { Grounds } from './grounds.ts';
import { judgeNotes } from './judges.ts';
import { bestOf, promptingRungs } from './plateau.ts';
import type { RungMeasures } from './rung-measures.ts';
import { wantedText } from './undecided.ts';

/** What a reader of the verdict should know besides: the run's own warnings first. */
export function warningsOf(rungs: readonly RungMeasures[], choice: Choice | undefined, evidence: EvidenceSet, grounds: Grounds): string[] {
  const { task } = grounds;
  const metric = grounds.metrics[0];
  const warnings = [...evidence.warnings, ...judgeNotes(grounds)];
  if (evidence.criteriaChanged) {
    warnings.push('Metrics, goals or the split were changed after the first answer: the numbers were not registered beforehand.');
  }
  if (evidence.split !== 'test' && rungs.length > 0) {
    warnings.push(`These are figures of the ${evidence.split} split, on which choices were made: the test split confirms them.`);
  }
  warnings.push(...unlikeWarnings(rungs, evidence, task));
  warnings.push(...wearWarning(rungs, metric, evidence, task));
  for (const { evidence: candidate, failures, rows } of rungs) {
    if (failures === 0) continue;
    const { failure } = candidate;
    const why =
      failure === undefined ? '.' : failure.rows === failures ? `: ${failure.why}` : ` (${count(failure.rows)} of them: ${failure.why})`;
    warnings.push(`${candidate.rung}: ${count(failures)} of ${count(rows)} rows brought no answer${why}`);
  }
  for (const { rung, metricFaults = [] } of evidence.candidates) {
    for (const { metric, rows, why } of metricFaults) {
      warnings.push(`${rung}: the metric ${metric} gave no usable number for ${count(rows)} rows, which are left out (first: ${why}).`);
    }
  }
  warnings.push(...unprobedNotes(evidence), ...toldGuards(evidence));
  const unpriced = rungs.filter((rung) => rung.cost === undefined && rung.failures < rung.rows).map((rung) => rung.evidence.rung);
  if (unpriced.length > 0) {
    warnings.push(`No price is known for ${unpriced.join(', ')}: where costs cannot be compared, the place on the ladder decides.`);
  }
  if (metric !== undefined && choice?.chosen !== undefined)
    warnings.push(...floorWarning(rungs, metric, task), ...openWarnings(choice, task));
  return warnings;
}

/** Rungs that were not put to a probe, by the reason. */
function unprobedNotes({ candidates }: EvidenceSet): string[] {
  const reasons = new Map<string, string[]>();
  for (const { rung, unprobed = [], stopped } of candidates) {
    for (const { probe, why } of unprobed) {
      const isEarly = stopped?.reason === 'misses-goal' || stopped?.reason === 'dominated';
      const text = isEarly ? 'since measuring stopped early; --all probes every rung' : why;
      const key = isEarly ? text : `by the probe ${probe}: ${text}`;
      reasons.set(key, [...(reasons.get(key) ?? []), rung]);
    }
  }
  return [...reasons].map(([why, rungs]) => {
    const names = [...new Set(rungs)];
    return `${names.join(', ')} ${names.length === 1 ? 'was' : 'were'} not probed ${why}.`;
  });
}

/** Guards that did not pass and do not block: whoever ships the rung should know. */
function toldGuards({ candidates }: EvidenceSet): string[] {
  return candidates.flatMap(({ rung, guards = [] }) =>
    guards
      .filter(({ status, blocks }) => status === 'failed' && !blocks)
      .map(({ id }) => `${rung} did not pass the guard ${id}, which is told and does not keep it back.`),
  );
}

/** Where a rung does surely better or worse on the validation rows than on those it is judged by: the two parts differ in kind. */
function unlikeWarnings(rungs: readonly RungMeasures[], { learningCurves, split }: EvidenceSet, task: Task): string[] {
  if (split === 'validation') return [];
  return learningCurves.flatMap(({ rung, metric, points: measured }) => {
    const all = measured.filter(({ rows }) => rows === Math.max(...measured.map((point) => point.rows)));
    const mean = all.reduce((sum, { value }) => sum + value, 0) / all.length;
    const validation = proportionEstimate(mean * (all[0]?.n ?? 0), all[0]?.n ?? 0, task.confidence);
    const judged = rungs.find(({ evidence }) => evidence.rung === rung)?.metrics[metric];
    if (validation === undefined || judged === undefined) return [];
    if (validation.low <= judged.high && judged.low <= validation.high) return [];
    return [
      `${rung} reaches ${estimateText(validation, task.confidence)} of ${measureName(metric)} on the validation rows and ${estimateText(judged, task.confidence)} on the ${split} rows: the two parts differ in kind, so look at how they were labelled and drawn.`,
    ];
  });
}

/**
 * A test split that was looked at k times flatters the best of k by up to √(2 ln k) standard errors (the expected
 * largest of k normal numbers; Boucheron, Lugosi and Massart 2013, Concentration Inequalities, theorem 2.5): worn out
 * where that may be as much as the smallest gain that matters.
 */
function wearWarning(rungs: readonly RungMeasures[], metric: Metric | undefined, { testLooks }: EvidenceSet, task: Task): string[] {
  const best = metric === undefined ? undefined : bestOf(rungs, metric)?.metrics[metric.id];
  if (testLooks < 2 || best === undefined) return [];
  const standardError = (best.high - best.low) / (2 * normalCritical(task.confidence));
  const flattered = Math.sqrt(2 * Math.log(testLooks)) * standardError;
  if (flattered < task.minimumGain) return [];
  return [
    `The test split was looked at ${count(testLooks)} times with different candidates: the best figure may be flattered by as much as ${points(flattered)}, no less than the ${points(task.minimumGain)} that matter. Confirm on new test rows.`,
  ];
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
      const more = wantedText(rung);
      const wanted = more === undefined ? '' : `; ${more} would tell`;
      return `${rung.measures.evidence.rung} costs less and may do as well: ${pending.map(({ goal }) => goalText(goal)).join(' and ')} is not decided${wanted}.`;
    });
}

function isCheaper(rung: JudgedRung, chosen: JudgedRung, task: Task): boolean {
  const [a, b] = [rung.measures.cost, chosen.measures.cost];
  return a !== undefined && b !== undefined && horizonCost(a, task.traffic) < horizonCost(b, task.traffic);
}
