import type { Estimate } from '#core/estimate.ts';
import type { GuardInput, GuardResult } from '#core/guard.ts';
import { clusterCount, clustersOf } from '#statistics/clusters.ts';
import type { PairedDifference } from '#statistics/interval.ts';
import { pairedLoss } from '#statistics/paired-loss.ts';
import { shareEstimate, wilsonInterval } from '#statistics/proportion.ts';
import { scoreEstimate } from '#statistics/scores.ts';
import { moreRows, standing } from './rows-missing.ts';
import { isScore, statusOf } from './status-of.ts';
import { count, lossText, points, share } from './words.ts';

/** The same questions before and after training; NaN or null where there is no score. Higher is better. */
export interface BeforeAfter {
  readonly before: readonly (number | null)[];
  readonly after: readonly (number | null)[];
  /** Rows of one group are not independent. */
  readonly groups?: readonly (string | undefined)[];
  /** True where `after` is nothing by definition: what is lost is a share of its own, and there are no two levels to tell of. */
  readonly isShare?: true;
}

export interface LossJudgement extends BeforeAfter {
  readonly id: string;
  /** What was lost, in words: "loss of accuracy on held-out rows". */
  readonly measure: string;
  /** What one row is called: "row", "question". */
  readonly row: string;
  readonly limit: number;
  readonly blocks: boolean;
  readonly suggestions: readonly string[];
  /** What the two levels are of; before and after training where absent. */
  readonly sides?: readonly [string, string];
  /** Said behind the figures. */
  readonly note?: string;
  readonly cases?: GuardResult['cases'];
}

/**
 * Holds the upper bound of a paired loss against a limit: passed where the whole interval is at most the limit, failed where
 * all of it is above, else undecided with the number of rows that would decide if the value stays. The interval is
 * two-sided at the task's confidence, so that a bound of it errs half as often as that leaves room for. Rows with one score
 * alone are in no pair: a loss passes only where it would too if all of those were lost.
 */
export function judgeLoss(judgement: LossJudgement, input: Pick<GuardInput, 'confidence' | 'seed'>): GuardResult {
  const { id, measure, limit, blocks, suggestions, cases } = judgement;
  const common = { id, measure, limit, better: 'lower' as const, blocks, ...(cases === undefined ? {} : { cases }) };
  const [first, second] = judgement.sides ?? ['before', 'after'];
  const { before, after, loss } = lossOf(judgement, input);
  if (loss === undefined) {
    return { ...common, status: 'undecided', why: `None of the ${judgement.row}s was scored before and after training.`, suggestions };
  }
  const missing = judgement.before.filter((score, row) => isScore(score) !== isScore(judgement.after[row])).length;
  const seen = statusOf(loss, limit);
  const status = seen === 'passed' && missing > 0 && statusOf(withAllLost(judgement, input), limit) !== 'passed' ? 'undecided' : seen;
  const { isShare } = judgement;
  const figures =
    isShare || before === undefined || after === undefined ? '' : `; ${share(before.value)} ${first}, ${share(after.value)} ${second}`;
  const stands =
    seen === status ? standing(status, loss, limit, judgement, input) : `Its upper bound is within the limit of ${points(limit)}.`;
  const notes = `${missingText(missing, status !== seen, judgement.row)}${floorText(judgement, before, limit)}${judgement.note ?? ''}`;
  const tellsLevels = judgement.sides === undefined && !isShare;
  const text = `The ${measure} is ${lossText(loss, input.confidence)}${figures}. ${stands}${notes}`;
  const { value, low, high, n, method } = loss;
  return {
    ...{ ...common, status, value, low, high, n, method, why: text },
    ...(tellsLevels && before !== undefined ? { before } : {}),
    ...(tellsLevels && after !== undefined ? { after } : {}),
    ...(status === 'passed' ? {} : { suggestions: [...moreRows(seen, loss, limit, judgement, input), ...suggestions] }),
  };
}

function withAllLost(
  { before, after, ...judged }: LossJudgement,
  input: Pick<GuardInput, 'confidence' | 'seed'>,
): { low: number; high: number } {
  const isHalf = before.map((score, row) => isScore(score) !== isScore(after[row]));
  const counted = {
    before: before.map((score, row) => (isHalf[row] ? 1 : score)),
    after: after.map((score, row) => (isHalf[row] ? 0 : score)),
  };
  return lossOf({ ...judged, ...counted }, input).loss ?? { low: -1, high: 1 };
}

function missingText(missing: number, decides: boolean, row: string): string {
  if (missing === 0) return '';
  const left = ` ${count(missing)} ${row}${missing === 1 ? ' has' : 's have'} an answer from one of the two models alone and ${missing === 1 ? 'is' : 'are'} left out`;
  return decides ? `${left}: were all of them lost, it would not be within the limit. A second run asks for them again.` : `${left}.`;
}

/** Nothing can be lost where there was nothing: passing then says little. */
function floorText({ sides, isShare }: LossJudgement, before: Estimate | undefined, limit: number): string {
  if (isShare || sides !== undefined || before === undefined || before.value > limit || before.value < 0) return '';
  return ` Before training it was ${share(before.value)}: there was hardly anything to lose.`;
}

/** Both levels and what was lost between them, over the rows that have both scores. */
export function lossOf(
  { before, after, groups, isShare }: BeforeAfter,
  { confidence, seed }: Pick<GuardInput, 'confidence' | 'seed'>,
): { readonly before?: Estimate; readonly after?: Estimate; readonly loss?: Estimate } {
  const common = before.map((score, row) => isScore(score) && isScore(after[row]));
  const column = (scores: BeforeAfter['before']) => Float64Array.from(scores, (score, row) => (common[row] ? score! : Number.NaN));
  const [first, second] = [column(before), column(after)];
  const clusters = groups === undefined ? undefined : clustersOf(groups);
  const options = { confidence, seed, clusters };
  const loss = isShare ? shareEstimate(first, options) : withUnseen(pairedLoss(first, second, options), confidence, clusters);
  const [levelBefore, levelAfter] = [scoreEstimate(first, options), scoreEstimate(second, options)];
  return {
    ...(levelBefore === undefined ? {} : { before: levelBefore }),
    ...(levelAfter === undefined ? {} : { after: levelAfter }),
    ...(loss === undefined ? {} : { loss }),
  };
}

/**
 * A few rows that lost much may just not have been drawn: the bootstrap knows only what it saw. As where all rows are alike, up
 * to the share that so many rows leave unseen (Wilson's bound of none) may lose everything. Newcombe's interval allows for that
 * itself.
 */
function withUnseen(
  loss: PairedDifference | undefined,
  confidence: number,
  clusters: Int32Array | undefined,
): PairedDifference | undefined {
  if (loss === undefined || !loss.method.startsWith('paired bca')) return loss;
  const rows = clusters === undefined ? loss.n : clusterCount(clusters);
  const high = Math.min(1, loss.value + wilsonInterval(0, rows, confidence).high);
  return high <= loss.high ? loss : { ...loss, high, method: `${loss.method}, as high as rows unseen allow` };
}
