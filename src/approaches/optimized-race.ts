import type { MeasuredRow } from '#core/approach.ts';
import type { Estimate } from '#core/estimate.ts';
import { normalCdf, normalQuantile } from '#statistics/distributions.ts';
import type { PairedDifference } from '#statistics/interval.ts';
import { pairedShares } from '#statistics/paired-proportions.ts';
import { pairedSequence } from '#statistics/paired-sequence.ts';
import { proportionEstimate } from '#statistics/proportion.ts';
import { pairedScores, scoreEstimate } from '#statistics/scores.ts';
import type { Deck } from './optimized-deck.ts';
import type { PairedGain, Variant } from './optimized-history.ts';
import type { Ledger } from './optimized-ledger.ts';

/** Rows after which a trial is looked at, doubled until all are measured. */
const firstLook = 10;
/** Rows before which no version is kept, however well it does. */
const fewestToKeep = 20;
/** A version that will be kept with a smaller chance than this is dropped. */
const hopeless = 0.2;
/** Rows that the expectation of a change is worth. */
const expectedRows = 10;
/** Of the interval by which a version is kept early. */
const surelyAt = 0.95;
/** A version is kept where its gain is real with at least this chance, what is expected of such a change counted in. */
const keptFrom = 0.75;

export interface RaceOptions {
  readonly ledger: Ledger;
  readonly deck: Deck;
  readonly best: Variant;
  readonly tried: Variant;
  /** The gain that such a change is expected to bring, before its rows. */
  readonly expected: number;
  /** The smallest gain worth having. */
  readonly pays: number;
  /** Calls that are set aside for later. */
  readonly reserve: number;
  readonly seed: number;
}

export interface Race {
  readonly rows: readonly MeasuredRow[];
  readonly against: readonly MeasuredRow[];
  readonly gain: PairedDifference | undefined;
  readonly kept: boolean;
  readonly why: string;
}

/**
 * Measures a version beside the best one on fresh rows, in growing batches, and stops as soon as the rows say enough. A
 * version is kept where its gain is worth having and, what is expected of such a change counted in, real with a chance of
 * three in four. This chooses what to go on with and claims nothing: the held-back rows and the shown intervals do.
 */
export async function race(options: RaceOptions): Promise<Race> {
  const { ledger, deck, best, tried, expected, pays, reserve, seed } = options;
  const rows: MeasuredRow[] = [];
  const against: MeasuredRow[] = [];
  const told = (kept: boolean, why: string): Race => ({ rows, against, gain: pairedGain(rows, against, surelyAt, seed), kept, why });
  for (const upTo of looksUpTo(deck.size)) {
    const batch = deck.draw(upTo - rows.length);
    const calls = (await ledger.unknown(best, batch)) + (await ledger.unknown(tried, batch));
    if (calls > ledger.left - reserve) {
      const { kept, why } = lastWord(rows, against, expected, pays);
      if (kept && rows.length < Math.min(fewestToKeep, deck.size))
        return told(false, `ahead after ${rows.length} rows, but no calls were left for more`);
      return told(kept, `${why}; no calls were left for more rows`);
    }
    against.push(...(await ledger.measure(best, batch)));
    rows.push(...(await ledger.measure(tried, batch)));
    if (upTo === deck.size) break;
    const chance = chanceToBeKept(rows, against, { of: deck.size, expected, pays });
    if (chance < hopeless) return told(false, `after ${rows.length} of ${deck.size} rows it will hardly get ahead`);
    const sure = pairedGain(rows, against, surelyAt, seed);
    if (rows.length >= fewestToKeep && sure !== undefined && sure.low > pays) {
      return told(true, `after ${rows.length} of ${deck.size} rows it is clearly better`);
    }
  }
  const { kept, why } = lastWord(rows, against, expected, pays);
  return told(kept, why);
}

function looksUpTo(rows: number): readonly number[] {
  const looks: number[] = [];
  for (let look = firstLook; look < rows; look *= 2) looks.push(look);
  return [...looks, rows];
}

/**
 * Chance that a version will be kept once all rows are measured: predictive power, normal approximation (Spiegelhalter,
 * Freedman and Blackburn 1986, Controlled Clinical Trials 7:8-17). What is expected of such a change weighs as much as ten
 * rows, so that a few unlucky ones do not end a promising trial. Two rows that differ by half are added to the spread, so
 * that rows alike do not pass for certain.
 */
function chanceToBeKept(
  rows: readonly MeasuredRow[],
  against: readonly MeasuredRow[],
  { of, expected, pays }: { readonly of: number; readonly expected: number; readonly pays: number },
): number {
  const { n, mean, variance } = gainsOf(rows, against);
  if (n === 0) return 1;
  const left = Math.max(1, of - rows.length);
  const coming = (n * mean + expectedRows * expected) / (n + expectedRows);
  const atTheEnd = (n * mean + left * coming) / (n + left);
  const all = n + left + expectedRows;
  const believed = (normalQuantile(keptFrom) * Math.sqrt(variance / all) * all - expectedRows * expected) / (n + left);
  const needed = Math.max(pays, believed);
  const spread = (left / (n + left)) * Math.sqrt(variance * (1 / (n + expectedRows) + 1 / left));
  return normalCdf((atTheEnd - needed) / spread);
}

/** The gains of the rows that both have a score for, with the spread that `chanceToBeKept` tells of. */
function gainsOf(rows: readonly MeasuredRow[], against: readonly MeasuredRow[]): { n: number; mean: number; variance: number } {
  const [one, other] = [scoresOf(rows), scoresOf(against)];
  const gains = one.map((score, row) => score - other[row]!).filter((gain) => !Number.isNaN(gain));
  const n = gains.length;
  const mean = n === 0 ? 0 : gains.reduce((sum, gain) => sum + gain, 0) / n;
  return { n, mean, variance: (gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) + 0.5) / (n + 2) };
}

function lastWord(rows: readonly MeasuredRow[], against: readonly MeasuredRow[], expected: number, pays: number) {
  const { n, mean, variance } = gainsOf(rows, against);
  if (n === 0) return { kept: false, why: 'no row could be scored' };
  if (mean < pays) return { kept: false, why: 'it brings no gain worth having' };
  const believed = (n * mean + expectedRows * expected) / (n + expectedRows);
  if (normalCdf(believed / Math.sqrt(variance / (n + expectedRows))) < keptFrom)
    return { kept: false, why: 'what it gains may well be chance' };
  return { kept: true, why: 'it is better on the same rows' };
}

/** First minus second on the rows where both have a score. */
export function pairedGain(
  first: readonly MeasuredRow[],
  second: readonly MeasuredRow[],
  confidence: number,
  seed: number,
): PairedDifference | undefined {
  const [one, other] = [scoresOf(first), scoresOf(second)];
  return isBinary(one) && isBinary(other) ? pairedShares(one, other, { confidence }) : pairedScores(one, other, { confidence, seed });
}

/** The same with an interval that holds however often the rows were looked at, where scores lie in [0, 1]. */
export function shownGain(
  rows: readonly MeasuredRow[],
  against: readonly MeasuredRow[],
  confidence: number,
  seed: number,
): PairedGain | null {
  const [one, other] = [scoresOf(rows), scoresOf(against)];
  return pairedSequence(one, other, { confidence }) ?? pairedScores(one, other, { confidence, seed }) ?? null;
}

/** The mean score with its interval; null without scores. */
export function meanScore(rows: readonly MeasuredRow[], confidence: number, seed: number): Estimate | null {
  const scores = scoresOf(rows);
  const numbers = scores.filter((score) => !Number.isNaN(score));
  if (isBinary(scores) && numbers.length > 0) {
    return proportionEstimate(
      numbers.reduce((sum, score) => sum + score, 0),
      numbers.length,
      confidence,
    ) as Estimate;
  }
  return scoreEstimate(scores, { confidence, seed }) ?? null;
}

function scoresOf(rows: readonly MeasuredRow[]): Float64Array {
  return Float64Array.from(rows, ({ score }) => score ?? Number.NaN);
}

function isBinary(scores: Float64Array): boolean {
  return scores.every((score) => Number.isNaN(score) || score === 0 || score === 1);
}
