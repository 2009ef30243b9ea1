import { canonicalJson, type Json } from '#core/json.ts';
import { binomialAtMost } from '#statistics/distributions.ts';

/** One distinct answer and how often it was given, in the order of first sight. */
export interface Tally {
  readonly value: Json;
  votes: number;
}

/** When voting ends before the last vote. */
export interface StopRule {
  /** `certain`: when the votes that are left cannot change the winner. `likely`: already when they hardly will. */
  readonly stop: 'certain' | 'likely';
  /** For `likely`: the chance at which the leader is taken for the winner. */
  readonly stopAt: number;
}

/** Counts votes by value; votes without a value count for nothing. */
export function tally(values: readonly (Json | undefined)[]): readonly Tally[] {
  const tallies = new Map<string, Tally>();
  for (const value of values) {
    if (value === undefined) continue;
    const key = canonicalJson(value);
    const known = tallies.get(key);
    if (known === undefined) tallies.set(key, { value, votes: 1 });
    else known.votes++;
  }
  return [...tallies.values()];
}

/** The answer with most votes, the first seen of equals; undefined where there is none. */
export function winnerOf(tallies: readonly Tally[]): Tally | undefined {
  let best: Tally | undefined;
  for (const candidate of tallies) if (best === undefined || candidate.votes > best.votes) best = candidate;
  return best;
}

/** True where so many further votes cannot change the winner, or hardly will where the rule says that this is enough. */
export function isDecided(tallies: readonly Tally[], left: number, rule: StopRule): boolean {
  const winner = winnerOf(tallies);
  if (winner === undefined || left === 0) return left === 0;
  const before = tallies.slice(0, tallies.indexOf(winner));
  // an answer seen before the winner wins a tie against it; one seen later, or not yet, loses it
  const certain =
    winner.votes >= left &&
    tallies.every((other) => other === winner || winner.votes >= other.votes + left + (before.includes(other) ? 1 : 0));
  return certain || (rule.stop === 'likely' && chanceOfMajority(tallies, winner) >= rule.stopAt);
}

/**
 * The chance that the leader is commoner than the runner-up, were votes drawn without end: 1 − I½(a + 1, b + 1) of the
 * Beta posterior from a uniform prior over a and b votes (Aggarwal et al. 2023, arXiv 2305.11860), which is
 * P(X ≤ a) for X from Binomial(a + b + 1, ½).
 */
function chanceOfMajority(tallies: readonly Tally[], winner: Tally): number {
  const second = Math.max(0, ...tallies.filter((other) => other !== winner).map(({ votes }) => votes));
  return binomialAtMost(winner.votes, winner.votes + second + 1, 0.5);
}
