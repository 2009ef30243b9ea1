import type { EvidenceSet } from '#core/evidence.ts';
import type { Metric } from '#core/metric.ts';
import type { Task } from '#core/task.ts';
import type { PlateauSign, Verdict } from '#core/verdict.ts';
import type { PairedDifference } from '#statistics/interval.ts';
import { countPairs } from '#statistics/paired-proportions.ts';
import { pairsToSee } from '#statistics/power.ts';
import { wilsonInterval } from '#statistics/proportion.ts';
import { count, percent, points, pointsRange } from './figures.ts';
import { judgeGoals } from './goals.ts';
import { labelPairs } from './label-pairs.ts';
import { pairedGain } from './paired-gain.ts';
import { isRightWrong, type RungMeasures } from './rung-measures.ts';

/** Share of rows from which on, with the whole interval above it, a fault of form or of willingness is a sign. Ours: one row in twenty. */
const signShare = 0.05;
/** Power at which the number of rows that would settle an unclear gain is given. */
const power = 0.8;

/**
 * Whether prompting has stopped gaining: the upper end of what the last prompting rung gains over the best one before it,
 * on the same model, is under the smallest gain that matters. Rungs are in ladder order.
 */
export function plateauOf(rungs: readonly RungMeasures[], metric: Metric, evidence: EvidenceSet, task: Task): Verdict['plateau'] {
  const prompting = promptingRungs(rungs).filter((rung) => rung.metrics[metric.id] !== undefined);
  const last = prompting.at(-1);
  const before = bestOf(prompting.slice(0, -1), metric);
  if (last === undefined || before === undefined) {
    const why = prompting.length === 0 ? 'No prompting rung was measured.' : 'Only one prompting rung was measured, so no gain is known.';
    return { reached: false, at: null, signs: last === undefined ? [] : signsOf(last, metric, evidence, task), why };
  }
  const gain = improvement(pairedGain(last.evidence, before.evidence, metric, evidence, task), metric);
  const best = bestOf(prompting, metric)!;
  const signs = signsOf(best, metric, evidence, task);
  const names = `${last.evidence.rung} over ${before.evidence.rung}`;
  if (gain === undefined) {
    return { reached: false, at: null, signs, why: `The gain of ${names} is not known: they share no rows.` };
  }
  const measured = `${points(gain.value)} (${percent(task.confidence)} interval ${pointsRange(gain)}, n ${count(gain.n)})`;
  const matters = `${points(task.minimumGain)} that matter`;
  if (gain.high < task.minimumGain) {
    const why = `Prompting has stopped gaining: ${names} changes ${metric.id} by ${measured}: less than the ${matters}.`;
    return { reached: true, at: before.evidence.rung, signs: ['plateau', ...signs], why };
  }
  if (gain.low > 0) return { reached: false, at: null, signs, why: `Prompting still gains: ${names} changes ${metric.id} by ${measured}.` };
  const rows = rowsToSettle(last, before, metric, evidence, task);
  const wanted = rows === undefined || rows <= gain.n ? '' : ` About ${count(rows)} rows would show a gain of that size.`;
  const why = `Not clear yet: ${names} changes ${metric.id} by ${measured}, which may or may not reach the ${matters}.${wanted}`;
  return { reached: false, at: null, signs, why };
}

/** The rungs that only prompt, on the model of the first of them: a change of model is not a gain of prompting. */
export function promptingRungs(rungs: readonly RungMeasures[]): RungMeasures[] {
  const untuned = rungs.filter(({ evidence }) => !evidence.tuned && evidence.model !== null);
  return untuned.filter(({ evidence }) => evidence.model === untuned[0]?.evidence.model);
}

/** The best value of a metric; the earliest of equals. Undefined where no rung has it. */
export function bestOf(rungs: readonly RungMeasures[], metric: Metric): RungMeasures | undefined {
  const sign = metric.better === 'higher' ? 1 : -1;
  let best: RungMeasures | undefined;
  for (const rung of rungs) {
    const value = rung.metrics[metric.id]?.value;
    if (value === undefined) continue;
    if (best === undefined || sign * value > sign * best.metrics[metric.id]!.value) best = rung;
  }
  return best;
}

/** A difference turned so that more is better. */
export function improvement(gain: PairedDifference | undefined, metric: Metric): PairedDifference | undefined {
  if (gain === undefined || metric.better === 'higher') return gain;
  return { ...gain, value: -gain.value, low: -gain.high, high: -gain.low };
}

// "inconsistent" needs several answers per row, which evidence does not hold: it is never claimed without them
function signsOf(rung: RungMeasures, metric: Metric, evidence: EvidenceSet, task: Task): PlateauSign[] {
  const signs: PlateauSign[] = [];
  if (surely(rightButMisshapen(rung, metric), signShare)) signs.push('format');
  const pairs = labelPairs(rung.evidence, evidence);
  const unreadable = pairs.filter((pair) => pair.answered === undefined).length - rung.failures;
  if (surely({ share: Math.max(0, unreadable), n: pairs.length }, signShare)) signs.push('fights-training');
  if (judgeGoals(task, rung).some(({ goal, status }) => goal.measure === 'costPer1k' && status === 'not-met')) signs.push('token-cost');
  return signs;

  function surely({ share, n }: { share: number; n: number }, bound: number): boolean {
    return n > 0 && wilsonInterval(share, n, task.confidence).low > bound;
  }
}

/** Rows whose content is right and whose form is not, as the metric `format` sees it. */
function rightButMisshapen(rung: RungMeasures, metric: Metric): { share: number; n: number } {
  const form = rung.evidence.scores['format'];
  const content = rung.evidence.scores[metric.id];
  if (form === undefined || content === undefined || metric.id === 'format') return { share: 0, n: 0 };
  const counts = countPairs(content, form);
  return { share: counts.onlyFirst, n: counts.both + counts.onlyFirst + counts.onlySecond + counts.neither };
}

function rowsToSettle(last: RungMeasures, before: RungMeasures, metric: Metric, evidence: EvidenceSet, task: Task): number | undefined {
  const first = last.evidence.scores[metric.id];
  const second = before.evidence.scores[metric.id];
  if (first === undefined || second === undefined || !isRightWrong(metric, evidence)) return undefined;
  const { both, onlyFirst, onlySecond, neither } = countPairs(first, second);
  const discordance = (onlyFirst + onlySecond) / (both + onlyFirst + onlySecond + neither);
  return pairsToSee({ difference: task.minimumGain, discordance, confidence: task.confidence, power });
}
