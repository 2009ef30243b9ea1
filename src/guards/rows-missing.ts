import type { Estimate } from '#core/estimate.ts';
import type { GuardInput, GuardStatus } from '#core/guard.ts';
import { clustersOf } from '#statistics/clusters.ts';
import { pairedProportionsInterval } from '#statistics/paired-proportions.ts';
import { rowsToShrink } from '#statistics/power.ts';
import { wilsonInterval } from '#statistics/proportion.ts';
import { leastMore } from './least-more.ts';
import { isScore, statusOf } from './status-of.ts';
import { count, points } from './words.ts';

/** What was compared, as in `LossJudgement`. */
interface Judged {
  readonly before: readonly (number | null)[];
  readonly after: readonly (number | null)[];
  readonly groups?: readonly (string | undefined)[];
  readonly isShare?: true;
  readonly row: string;
}

/** What the figures mean, in a sentence; how many rows would decide where they do not. */
export function standing(
  status: GuardStatus,
  estimate: Omit<Estimate, 'method'>,
  limit: number,
  judged: Judged,
  input: Pick<GuardInput, 'confidence'>,
): string {
  if (status === 'passed') return `Its upper bound is within the limit of ${points(limit)}.`;
  if (status === 'failed') return `All of it is above the limit of ${points(limit)}.`;
  const { more, isExact } = rowsMissing(estimate, limit, judged, input);
  const needed =
    more === undefined
      ? `no reasonable number of ${judged.row}s would decide it`
      : `${isExact ? '' : 'about '}${count(more)} more ${judged.row}s (${count(estimate.n + more)} in all) would decide it`;
  return `The limit of ${points(limit)} lies within the interval: ${needed} if the value stays.`;
}

/** As something to try: nothing where more rows of this kind would end in a failure. */
export function moreRows(
  status: GuardStatus,
  estimate: Omit<Estimate, 'method'>,
  limit: number,
  judged: Judged,
  input: Pick<GuardInput, 'confidence'>,
): string[] {
  if (status !== 'undecided' || estimate.value > limit) return [];
  const { more, isExact } = rowsMissing(estimate, limit, judged, input);
  return more === undefined ? [] : [`${isExact ? '' : 'about '}${count(more)} more ${judged.row}s, since there are too few to tell`];
}

/** Exact where the interval is Newcombe's of so many pairs of this kind; else as the width shrinks with the root of the rows. */
function rowsMissing(
  estimate: Omit<Estimate, 'method'>,
  limit: number,
  { before, after, groups, isShare }: Judged,
  { confidence }: Pick<GuardInput, 'confidence'>,
): { readonly more?: number; readonly isExact: boolean } {
  if (estimate.value === limit) return { isExact: false };
  const pairs = before.flatMap((score, row) => (isScore(score) && isScore(after[row]) ? [[score!, after[row]!] as const] : []));
  const isExact = pairs.every((pair) => pair.every((score) => score === 0 || score === 1)) && clustersOf(groups ?? []) === undefined;
  if (!isExact) {
    const rows = rowsToShrink(estimate, limit);
    return rows === undefined ? { isExact } : { more: rows - estimate.n, isExact };
  }
  const share = (first: number, second: number) => pairs.filter(([a, b]) => a === first && b === second).length / pairs.length;
  const [both, onlyFirst, onlySecond, neither] = [share(1, 1), share(1, 0), share(0, 1), share(0, 0)];
  const decides = (rows: number) => {
    const counts = { both: both * rows, onlyFirst: onlyFirst * rows, onlySecond: onlySecond * rows, neither: neither * rows };
    const interval = isShare ? wilsonInterval(counts.onlyFirst, rows, confidence) : pairedProportionsInterval(counts, confidence);
    return statusOf(interval, limit) !== 'undecided';
  };
  const more = leastMore((added) => decides(estimate.n + added));
  return more === undefined ? { isExact } : { more, isExact };
}
