import { surelyBelow } from './betting.ts';
import { matchedMarginP } from './matched-margin.ts';
import { seededRandom } from './random.ts';

/** Rows on which a threshold is chosen. None of them may have had a part in making the confidence. */
export interface RiskRows {
  /** How sure an answer is; NaN is never accepted. */
  readonly confidence: Float64Array;
  /** What accepting costs, in [−1, 1]: less than 0 where it gains. */
  readonly loss: Float64Array;
  readonly clusters?: Int32Array | undefined;
}

export interface RiskLimit {
  /** The mean loss over all rows, those not accepted counting 0, is to stay at or under this. */
  readonly bound: number;
  /** The most that the chance of going beyond the bound may be. */
  readonly error: number;
  /** Of the order in which bets are placed: files may be sorted, bets need rows in random order. */
  readonly seed: number;
  /** Thresholds in the order to be tried, the strictest first; fixed without looking at the rows. */
  readonly grid: readonly number[];
}

export interface SafeThreshold {
  /** Accept from this confidence on; undefined where not even the strictest can be shown to hold the bound. */
  readonly threshold: number | undefined;
  /** Share of the rows that are accepted. */
  readonly accepted: number;
  /** Mean loss on the rows. */
  readonly loss: number;
}

/**
 * The loosest threshold whose mean loss is shown to be under a bound: Learn then Test (Angelopoulos, Bates, Candès, Jordan
 * and Lei 2021, arXiv:2110.01052) by fixed-sequence testing. Thresholds are tried from the strictest on, each against
 * "the mean loss is above the bound" at the whole error rate, and the first that cannot be shown ends the trying, so no
 * share of the rate is lost to their number. Where a row can only lose, win or change nothing and no rows belong together,
 * each test is the exact one for matched pairs; else a bet (Waudby-Smith and Ramdas 2024), valid for any bounded loss and
 * with groups, which takes about twice the rows.
 */
export function safeThreshold(rows: RiskRows, { bound, error, grid, seed }: RiskLimit): SafeThreshold {
  const { confidence, loss, clusters } = inRandomOrder(rows, seed);
  let last: SafeThreshold = { threshold: undefined, accepted: 0, loss: 0 };
  let before = 0;
  for (const threshold of grid) {
    const accepted = confidence.map((value) => (value >= threshold ? 1 : 0));
    const count = accepted.reduce((sum, value) => sum + value, 0);
    // the same rows give the same test
    if (count === before) continue;
    const lost = loss.map((value, row) => (Number.isNaN(value) ? Number.NaN : accepted[row] === 1 ? value : 0));
    if (!isShown(lost, { bound, error }, clusters)) return last;
    before = count;
    last = { threshold, accepted: count / confidence.length, loss: meanOf(lost) };
  }
  return last;
}

function inRandomOrder({ confidence, loss, clusters }: RiskRows, seed: number): RiskRows {
  const random = seededRandom(seed);
  const order = Int32Array.from(confidence.keys());
  // Fisher and Yates
  for (let at = order.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  const shuffled = (values: Float64Array) => Float64Array.from(order, (row) => values[row]!);
  return { confidence: shuffled(confidence), loss: shuffled(loss), clusters: clusters && Int32Array.from(order, (row) => clusters[row]!) };
}

/** True where the mean loss is shown to be under the bound. */
function isShown(lost: Float64Array, { bound, error }: Pick<RiskLimit, 'bound' | 'error'>, clusters: Int32Array | undefined): boolean {
  const numbers = lost.filter((value) => !Number.isNaN(value));
  const isMatched = clusters === undefined && bound > 0 && bound < 1 && numbers.every((value) => value === 0 || Math.abs(value) === 1);
  if (!isMatched)
    return surelyBelow(
      lost.map((value) => (value + 1) / 2),
      (bound + 1) / 2,
      error,
      clusters,
    );
  const counts = { lost: numbers.filter((value) => value === 1).length, won: numbers.filter((value) => value === -1).length };
  return matchedMarginP({ ...counts, n: numbers.length }, bound) <= error;
}

/** Rows without any loss that it takes to show the bound: fewer can show nothing. Infinity for a bound of 0. */
export function fewestRows(bound: number, error: number): number {
  if (bound <= 0) return Number.POSITIVE_INFINITY;
  let few = 0;
  let enough = 1;
  const shows = (rows: number) => isShown(new Float64Array(rows), { bound, error }, undefined);
  while (!shows(enough)) {
    few = enough;
    enough *= 2;
    if (enough > 1_000_000) return enough;
  }
  while (enough - few > 1) {
    const middle = Math.floor((few + enough) / 2);
    if (shows(middle)) enough = middle;
    else few = middle;
  }
  return enough;
}

function meanOf(values: Float64Array): number {
  const numbers = values.filter((value) => !Number.isNaN(value));
  return numbers.length === 0 ? 0 : numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}
