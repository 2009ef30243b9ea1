import type { Estimate } from '#core/estimate.ts';
import type { GuardInput, GuardResult, GuardStatus } from '#core/guard.ts';
import { clustersOf } from '#statistics/clusters.ts';
import type { PairedDifference } from '#statistics/interval.ts';
import { pairedLoss } from '#statistics/paired-loss.ts';
import { rowsToShrink } from '#statistics/power.ts';
import { scoreEstimate } from '#statistics/scores.ts';
import { count, lossText, points, share } from './words.ts';

/** The same questions before and after training; NaN or null where there is no score. Higher is better. */
export interface BeforeAfter {
  readonly before: readonly (number | null)[];
  readonly after: readonly (number | null)[];
  /** Rows of one group are not independent. */
  readonly groups?: readonly (string | undefined)[];
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
 * two-sided at the task's confidence, so that a bound of it errs half as often as that leaves room for.
 */
export function judgeLoss(judgement: LossJudgement, input: Pick<GuardInput, 'confidence' | 'seed'>): GuardResult {
  const { id, measure, limit, blocks, suggestions, cases } = judgement;
  const common = { id, measure, limit, better: 'lower' as const, blocks, ...(cases === undefined ? {} : { cases }) };
  const [first, second] = judgement.sides ?? ['before', 'after'];
  const { before, after, loss } = lossOf(judgement, input);
  if (loss === undefined) {
    return { ...common, status: 'undecided', why: `None of the ${judgement.row}s was scored before and after training.`, suggestions };
  }
  const status = statusOf(loss, limit);
  const figures = before === undefined || after === undefined ? '' : `; ${share(before.value)} ${first}, ${share(after.value)} ${second}`;
  const text = `The ${measure} is ${lossText(loss, input.confidence)}${figures}. ${standing(status, loss, limit, judgement.row)}${judgement.note ?? ''}`;
  const { value, low, high, n, method } = loss;
  return {
    ...{ ...common, status, value, low, high, n, method, why: text },
    ...(judgement.sides !== undefined || before === undefined ? {} : { before }),
    ...(judgement.sides !== undefined || after === undefined ? {} : { after }),
    ...(status === 'passed' ? {} : { suggestions: [...moreRows(status, loss, limit, judgement.row), ...suggestions] }),
  };
}

/** Both levels and what was lost between them, over the rows that have both scores. */
export function lossOf(
  { before, after, groups }: BeforeAfter,
  { confidence, seed }: Pick<GuardInput, 'confidence' | 'seed'>,
): { readonly before?: Estimate; readonly after?: Estimate; readonly loss?: PairedDifference } {
  const common = before.map((score, row) => isNumber(score) && isNumber(after[row]));
  const column = (scores: BeforeAfter['before']) => Float64Array.from(scores, (score, row) => (common[row] ? score! : Number.NaN));
  const [first, second] = [column(before), column(after)];
  const clusters = groups === undefined ? undefined : clustersOf(groups);
  const options = { confidence, seed, clusters };
  const loss = pairedLoss(first, second, options);
  const [levelBefore, levelAfter] = [scoreEstimate(first, options), scoreEstimate(second, options)];
  return {
    ...(levelBefore === undefined ? {} : { before: levelBefore }),
    ...(levelAfter === undefined ? {} : { after: levelAfter }),
    ...(loss === undefined ? {} : { loss }),
  };
}

function isNumber(score: number | null | undefined): boolean {
  return typeof score === 'number' && Number.isFinite(score);
}

export function statusOf({ low, high }: { readonly low: number; readonly high: number }, limit: number): GuardStatus {
  if (high <= limit) return 'passed';
  return low > limit ? 'failed' : 'undecided';
}

/** What the figures mean, in a sentence. */
function standing(status: GuardStatus, estimate: Omit<Estimate, 'method'>, limit: number, row: string): string {
  if (status === 'passed') return `Its upper bound is within the limit of ${points(limit)}.`;
  if (status === 'failed') return `All of it is above the limit of ${points(limit)}.`;
  const rows = rowsNeeded(estimate, limit);
  const more =
    rows === undefined ? `no reasonable number of ${row}s would decide it` : `about ${count(rows)} ${row}s in all would decide it`;
  return `The limit of ${points(limit)} lies within the interval: ${more} if the value stays.`;
}

function moreRows(status: GuardStatus, estimate: Omit<Estimate, 'method'>, limit: number, row: string): string[] {
  const rows = status === 'undecided' && estimate.value <= limit ? rowsNeeded(estimate, limit) : undefined;
  return rows === undefined ? [] : [`about ${count(rows - estimate.n)} more ${row}s, since there are too few to tell`];
}

function rowsNeeded(estimate: Omit<Estimate, 'method'>, limit: number): number | undefined {
  return estimate.value === limit ? undefined : rowsToShrink(estimate, limit);
}
