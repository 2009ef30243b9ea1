import type { Estimate } from '#core/estimate.ts';
import type { RepeatedRow } from '#core/evidence.ts';
import { clustersAt } from './clusters.ts';
import { type ShareOptions, shareEstimate } from './proportion.ts';
import { scoreEstimate, setEstimate } from './scores.ts';

export interface RepeatOptions extends ShareOptions {
  readonly seed: number;
  /** Most answers to one row, as they were asked for. */
  readonly most: number;
}

export interface RepeatSummary {
  readonly rows: number;
  /** Share of rows whose answer would be the same if asked once more. */
  readonly agreement: Estimate;
  /** Share of rows of which k of k answers would be right, for k from 1; empty where the scores are not right or wrong. */
  readonly passHat: readonly ({ readonly k: number } & Estimate)[];
}

/**
 * What repeats say where every row was asked twice and only the rows that disagreed with themselves were asked further.
 * Counting a row's further answers with its first two would be biased: rows that waver would be seen wavering more often
 * than others are seen keeping still. So agreement is that of the first two answers alone. pass^k (Yao et al. 2024,
 * arXiv 2406.12045) is unbiased all the same, since p² − p^k = Σ p(1 − p)·p^j for j from 1 to k − 2: of a row with a
 * chance p of a right answer, half the rows that disagreed give p(1 − p), and their further answers, c right of n, give
 * p^j as C(c, j) / C(n, j). It ends at the k up to which every row that disagreed was asked. `clusters` are of the rows
 * that `RepeatedRow.row` counts. Undefined without a row that was asked twice.
 */
export function repeatSummary(rows: readonly RepeatedRow[], options: RepeatOptions): RepeatSummary | undefined {
  const asked = rows.filter(({ answers }) => answers.length >= 2);
  const same = Float64Array.from(asked, ({ answers }) => (answers[0] === answers[1] ? 1 : 0));
  const agreement = shareEstimate(same, { ...options, clusters: clustersAt(options.clusters, rowIndexes(asked)) });
  return agreement && { rows: asked.length, agreement, passHat: passHats(asked, options) };
}

function passHats(rows: readonly RepeatedRow[], options: RepeatOptions): ({ k: number } & Estimate)[] {
  const scored = rows.filter(({ scores }) => isMark(scores[0]) && isMark(scores[1]));
  if (scored.length === 0 || rows.some(({ scores }) => scores.some((score) => !Number.isNaN(score) && !isMark(score)))) return [];
  const most = scored.filter(wavers).reduce((fewest, row) => Math.min(fewest, 2 + furtherMarks(row).length), options.most);
  const clusters = clustersAt(options.clusters, rowIndexes(scored));
  return Array.from({ length: most }, (_, index) => {
    const k = index + 1;
    const shares = Float64Array.from(scored, (row) => allRight(row, k));
    return { k, ...passHat(shares, { ...options, clusters }) };
  });
}

function passHat(shares: Float64Array, options: RepeatOptions): Estimate {
  if (shares.every((share) => share === 0 || share === 1)) return shareEstimate(shares, options)!;
  if (shares.every((share) => share >= 0)) return scoreEstimate(shares, options)!;
  const mean = (rows: Int32Array) => Math.max(0, rows.reduce((sum, row) => sum + shares[row]!, 0) / rows.length);
  return setEstimate(shares.length, mean, options);
}

/** Unbiased for the chance that k of k answers to this row are right; of one row it may be under 0. */
function allRight(row: RepeatedRow, k: number): number {
  const [first, second] = [row.scores[0]!, row.scores[1]!];
  if (k === 1) return (first + second) / 2;
  if (!wavers(row)) return first * second;
  const further = furtherMarks(row);
  const right = further.reduce((sum, score) => sum + score, 0);
  let estimate = 0;
  let chance = 1;
  for (let j = 1; j <= k - 2; j++) {
    chance *= Math.max(0, right - j + 1) / (further.length - j + 1);
    estimate -= chance / 2;
  }
  return estimate;
}

function wavers({ scores }: RepeatedRow): boolean {
  return scores[0] !== scores[1];
}

function furtherMarks({ scores }: RepeatedRow): readonly number[] {
  return scores.slice(2).filter((score) => !Number.isNaN(score));
}

function isMark(score: number | undefined): boolean {
  return score === 0 || score === 1;
}

function rowIndexes(rows: readonly RepeatedRow[]): readonly number[] {
  return rows.map(({ row }) => row);
}
