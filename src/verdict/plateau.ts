import type { CandidateEvidence } from '#core/evidence.ts';
import type { Metric } from '#core/metric.ts';
import type { Task } from '#core/task.ts';
import type { Verdict } from '#core/verdict.ts';
import type { PairedDifference } from '#statistics/interval.ts';
import { countPairs } from '#statistics/paired-proportions.ts';
import { detectableDifference, pairsToSee } from '#statistics/power.ts';
import { wilsonInterval } from '#statistics/proportion.ts';
import { isRightWrong } from './estimates.ts';
import { count, measureText, percent, points, pointsRange } from './figures.ts';
import type { Grounds } from './grounds.ts';
import { labelPairs } from './label-pairs.ts';
import { pairedGain } from './paired-gain.ts';
import type { RungMeasures } from './rung-measures.ts';

/** Share of rows from which on, with the whole interval above it, a fault of form or of willingness is a sign. Ours: one row in twenty. */
const signShare = 0.05;
/** Power at which rows that would settle a gain, and gains that rows would show, are given. */
const power = 0.8;

type Plateau = Verdict['plateau'];
type Sign = Plateau['looked'][number];

/**
 * Whether prompting has stopped gaining: the upper end of what the last prompting rung gains over the best one before it,
 * on the same model, is under the smallest gain that matters; and which of the five signs of its limit were seen. Rungs
 * are in ladder order.
 */
export function plateauOf(rungs: readonly RungMeasures[], metric: Metric, grounds: Grounds): Plateau {
  const prompting = promptingRungs(rungs).filter((rung) => rung.metrics[metric.id] !== undefined);
  const best = bestOf(prompting, metric);
  const gained = stillGaining(prompting, metric, grounds);
  const looked = best === undefined ? [] : [gained.sign, ...otherSigns(best, metric, grounds)];
  const signs = looked.filter(({ seen }) => seen === true).map(({ sign }) => sign);
  return { reached: gained.at !== null, at: gained.at, signs, why: gained.sign.why, looked };
}

function stillGaining(prompting: readonly RungMeasures[], metric: Metric, grounds: Grounds): { at: string | null; sign: Sign } {
  const sign = (seen: boolean | null, why: string, at: string | null = null) => ({ at, sign: { sign: 'plateau' as const, seen, why } });
  const last = prompting.at(-1);
  const before = bestOf(prompting.slice(0, -1), metric);
  if (last === undefined) return sign(null, 'No prompting rung was measured.');
  if (before === undefined) return sign(null, 'Only one prompting rung was measured, so no gain is known.');
  const { task } = grounds;
  const gain = improvement(pairedGain(last.evidence, before.evidence, metric, grounds), metric);
  const names = `${last.evidence.rung} over ${before.evidence.rung}`;
  if (gain === undefined) return sign(null, `The gain of ${names} is not known: they share no rows.`);
  const measured = `${points(gain.value)} (${percent(task.confidence)} interval ${pointsRange(gain)}, n ${count(gain.n)})`;
  const matters = `${points(task.minimumGain)} that matter`;
  if (gain.high < task.minimumGain) {
    const why = `Prompting has stopped gaining: ${names} changes ${metric.id} by ${measured}: less than the ${matters}.`;
    return sign(true, why, before.evidence.rung);
  }
  if (gain.low > 0) return sign(false, `Prompting still gains: ${names} changes ${metric.id} by ${measured}.`);
  const rows = rowsToSettle(last, before, metric, task);
  const stopped = last.evidence.stopped !== undefined || before.evidence.stopped !== undefined;
  const needed = rows === undefined || rows <= gain.n ? '' : ` About ${count(rows)} rows would show a gain of that size.`;
  const wanted = stopped ? `${needed} A rung stopped early: --all asks its other rows.` : needed;
  return sign(null, `Not clear yet: ${names} changes ${metric.id} by ${measured}, which may or may not reach the ${matters}.${wanted}`);
}

/** The rungs that only prompt, on the model of the first of them: a change of model is not a gain of prompting. */
export function promptingRungs(rungs: readonly RungMeasures[]): RungMeasures[] {
  const untuned = rungs.filter(({ evidence }) => !evidence.tuned && evidence.model !== null && evidence.routing === undefined);
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

/** The signs besides the plateau itself, on the best prompting rung. */
function otherSigns(rung: RungMeasures, metric: Metric, grounds: Grounds): Sign[] {
  const { task } = grounds;
  const name = rung.evidence.rung;
  const shared = (sign: Sign['sign'], found: { share: number; n: number } | undefined, words: string, unknown: string): Sign => {
    if (found === undefined || found.n === 0) return { sign, seen: null, why: unknown };
    const seen = wilsonInterval(found.share, found.n, task.confidence).low > signShare;
    return { sign, seen, why: `${words} in ${count(found.share)} of ${count(found.n)} rows of ${name}.` };
  };
  return [
    shared(
      'format',
      misshapen(rung, metric),
      'The content is right and the form is not',
      'No metric of form was measured beside the content.',
    ),
    shared('inconsistent', wavering(rung), 'Asked again, the answer changes', 'No row was asked twice: set repeats in the task.'),
    shared('fights-training', unreadable(rung, grounds), 'No label can be read from the answer', 'The task has no labels to look for.'),
    tokenCost(rung, grounds),
  ];
}

function tokenCost(rung: RungMeasures, { task }: Grounds): Sign {
  const bar = task.goals.find(({ measure, operator }) => measure === 'costPer1k' && operator === '<=');
  const cost = rung.service.costPer1k;
  if (bar === undefined || cost === undefined)
    return { sign: 'token-cost', seen: null, why: 'There is no goal for the cost, or no price.' };
  const seen = cost.low !== null && cost.low > bar.bound;
  return {
    sign: 'token-cost',
    seen,
    why: `${rung.evidence.rung} costs ${measureText('costPer1k', cost.value)}, the goal is ${measureText('costPer1k', bar.bound)}.`,
  };
}

/** Rows whose content is right and whose form is not, as the metric `format` sees it. */
function misshapen(rung: RungMeasures, metric: Metric): { share: number; n: number } | undefined {
  const form = rung.evidence.scores['format'];
  const content = rung.evidence.scores[metric.id];
  if (form === undefined || content === undefined || metric.id === 'format') return undefined;
  const counts = countPairs(content, form);
  return { share: counts.onlyFirst, n: counts.both + counts.onlyFirst + counts.onlySecond + counts.neither };
}

/** Of the rows that were all asked a second time, those that did not answer the same. */
function wavering({ evidence: { repeats } }: RungMeasures): { share: number; n: number } | undefined {
  return repeats === undefined
    ? undefined
    : { share: repeats.rows.filter(({ answers }) => new Set(answers).size > 1).length, n: repeats.pilot };
}

function unreadable(rung: RungMeasures, grounds: Grounds): { share: number; n: number } | undefined {
  const pairs = labelPairs(rung.evidence, grounds);
  const without = pairs.filter((pair) => pair.answered === undefined).length - rung.failures;
  return { share: Math.max(0, without), n: pairs.length };
}

function rowsToSettle(last: RungMeasures, before: RungMeasures, metric: Metric, task: Task): number | undefined {
  const pairs = discordanceOf(last.evidence, before.evidence, metric);
  if (pairs === undefined) return undefined;
  return pairsToSee({ difference: task.minimumGain, discordance: pairs.discordance, confidence: task.confidence, power });
}

/** The smallest difference of two candidates that their common rows show with usual power; nothing where it is not of right and wrong. */
export function detectableOf(
  first: CandidateEvidence,
  second: CandidateEvidence,
  metric: Metric | undefined,
  task: Task,
): { readonly detectable?: number } {
  const found = metric === undefined ? undefined : discordanceOf(first, second, metric);
  if (found === undefined) return {};
  const detectable = detectableDifference({ ...found, confidence: task.confidence, power });
  return detectable === undefined || detectable >= 1 ? {} : { detectable };
}

/** The common rows of two candidates that are right or wrong, and the share on which they disagree; undefined without any. */
function discordanceOf(
  first: CandidateEvidence,
  second: CandidateEvidence,
  metric: Metric,
): { pairs: number; discordance: number } | undefined {
  const [a, b] = [first.scores[metric.id], second.scores[metric.id]];
  if (a === undefined || b === undefined || !isRightWrong(a) || !isRightWrong(b)) return undefined;
  const { both, onlyFirst, onlySecond, neither } = countPairs(a, b);
  const pairs = both + onlyFirst + onlySecond + neither;
  return pairs === 0 ? undefined : { pairs, discordance: (onlyFirst + onlySecond) / pairs };
}
