import type { MeasuredRow } from '#core/approach.ts';
import type { Example } from '#core/example.ts';
import type { HeldBack, Trial, Variant } from './optimized-history.ts';
import type { Ledger } from './optimized-ledger.ts';
import { pairedGain, shownGain } from './optimized-race.ts';

/** A trial with the version that it tried. */
export interface Tried {
  readonly trial: Trial;
  readonly variant: Variant;
}

interface WinnerOptions {
  readonly ledger: Ledger;
  readonly pays: number;
  readonly confidence: number;
  readonly seed: number;
}

/** Trials that no other beats in quality, tokens and time at once. */
export function paretoFront(tried: readonly Tried[]): readonly number[] {
  const measured = tried.filter(({ trial }) => trial.value !== null);
  const numbers = ({ trial }: Tried) => [trial.value?.value ?? 0, -(trial.tokens ?? 0), -(trial.latencyMs ?? 0)];
  const beats = (a: Tried, b: Tried) => {
    const [one, other] = [numbers(a), numbers(b)];
    return one.every((value, at) => value >= other[at]!) && one.some((value, at) => value > other[at]!);
  };
  return measured.filter((each) => !measured.some((other) => beats(other, each))).map(({ trial }) => trial.n);
}

/** Of the interval over all rows by which a winner stands though the few held-back rows do not favour it. */
const rescueAt = 0.5;

/**
 * The best version of a search; where another that costs fewer tokens cannot be told from it on common rows, and is not
 * behind by more than what is worth having, that one.
 */
export async function cheapestOfTheBest(
  best: Tried,
  tried: readonly Tried[],
  { ledger, pays, confidence, seed }: WinnerOptions,
): Promise<Tried> {
  const own = await ledger.all(best.variant);
  let chosen = best;
  for (const other of tried) {
    if ((other.trial.tokens ?? Number.POSITIVE_INFINITY) >= (chosen.trial.tokens ?? 0)) continue;
    const [mine, theirs] = common(own, await ledger.all(other.variant));
    if (mine.length < own.length / 2) continue;
    const ahead = pairedGain(mine, theirs, confidence, seed);
    if (ahead !== undefined && ahead.low <= 0 && ahead.value < pays) chosen = other;
  }
  return chosen;
}

/**
 * Holds the winner against the baseline on rows that took no part in the search. Where it is not better there, and on
 * all rows together not better with a chance of three in four, the latest earlier version that is better on the held-back rows is chosen, or the
 * baseline.
 */
export async function holdBack(
  lineage: readonly Tried[],
  held: readonly Example[],
  { ledger, confidence, seed }: WinnerOptions,
): Promise<{ chosen: Tried; held: HeldBack | null }> {
  const winner = lineage.at(-1) as Tried;
  const baseline = lineage[0] as Tried;
  const nothing = { chosen: winner, held: null };
  if (held.length === 0 || lineage.length === 1) return nothing;
  if ((await ledger.unknown(winner.variant, held)) + (await ledger.unknown(baseline.variant, held)) > ledger.left) return nothing;
  const base = await ledger.measure(baseline.variant, held);
  const gainOf = async ({ variant }: Tried) => {
    const rows = await ledger.measure(variant, held);
    return { gain: shownGain(rows, base, confidence, seed), value: pairedGain(rows, base, confidence, seed)?.value ?? 0 };
  };
  const { gain, value } = await gainOf(winner);
  const about = { rows: held.length, winner: winner.trial.n, gain };
  if (value > 0) return { chosen: winner, held: { ...about, passed: true, chosen: winner.trial.n, why: 'it is better there, too' } };
  const [all, allBase] = common(await ledger.all(winner.variant), await ledger.all(baseline.variant));
  if ((pairedGain(all, allBase, rescueAt, seed)?.low ?? 0) > 0) {
    const why = 'it is not better there, but on all rows together';
    return { chosen: winner, held: { ...about, passed: true, chosen: winner.trial.n, why } };
  }
  for (const earlier of lineage.slice(1, -1).reverse()) {
    if ((await ledger.unknown(earlier.variant, held)) > ledger.left) continue;
    if ((await gainOf(earlier)).value <= 0) continue;
    const why = `it is not better than the baseline there, version ${earlier.trial.n} is: that one is chosen`;
    return { chosen: earlier, held: { ...about, passed: false, chosen: earlier.trial.n, why } };
  }
  const why = 'it is not better than the baseline there: the baseline is chosen';
  return { chosen: baseline, held: { ...about, passed: false, chosen: baseline.trial.n, why } };
}

function common(first: readonly MeasuredRow[], second: readonly MeasuredRow[]): [MeasuredRow[], MeasuredRow[]] {
  const other = new Map(second.map((row) => [row.example.id, row]));
  const shared = first.filter(({ example }) => other.has(example.id));
  return [shared, shared.map(({ example }) => other.get(example.id) as MeasuredRow)];
}
