import { normalCritical, normalQuantile } from './distributions.ts';
import type { Interval } from './interval.ts';
import { wilsonInterval } from './proportion.ts';

/** More rows than anyone labels: what would need them is better called undecidable. */
const mostRows = 10_000_000;

interface PairedPower {
  /** Share of rows on which the two disagree. */
  readonly discordance: number;
  readonly confidence: number;
  readonly power: number;
  /** Rows that one independent row stands for where rows come in clusters; absent: 1. */
  readonly designEffect?: number;
}

/**
 * Pairs with which a paired difference of proportions is seen: (z + z')² (ψ − δ²) / δ², ψ being the share of rows on
 * which the two disagree (normal approximation with the unconditional variance; Lachin 1992, Statistics in Medicine
 * 11:1239-1251), rounded up. Undefined for no difference.
 */
export function pairsToSee(input: PairedPower & { readonly difference: number }): number | undefined {
  const squared = input.difference ** 2;
  if (squared === 0) return undefined;
  // the discordance can never be below the difference itself
  const variance = Math.max(input.discordance, Math.abs(input.difference)) - squared;
  const pairs = Math.max(1, Math.ceil((effort(input) * variance) / squared));
  return pairs > mostRows ? undefined : pairs;
}

/** The smallest difference that so many pairs show with that power: `pairsToSee` turned round. Undefined without pairs. */
export function detectableDifference(input: PairedPower & { readonly pairs: number }): number | undefined {
  if (input.pairs <= 0) return undefined;
  const needed = effort(input);
  const share = needed / (input.pairs + needed);
  // where the two disagree more seldom than that, they would have to disagree in one direction only
  return Math.max(share, Math.sqrt(share * input.discordance));
}

function effort({ confidence, power, designEffect = 1 }: PairedPower): number {
  return (normalCritical(confidence) + normalQuantile(power)) ** 2 * Math.max(1, designEffect);
}

/** Rows at which an interval (Wilson's by default) of this very share would leave the bound outside; undefined where no number of rows would do. */
export function rowsToLeaveBound(
  share: number,
  bound: number,
  confidence: number,
  interval: (successes: number, n: number, confidence: number) => Interval = wilsonInterval,
): number | undefined {
  const outside = (n: number) => {
    const { low, high } = interval(share * n, n, confidence);
    return share > bound ? low > bound : high < bound;
  };
  if (share === bound || !outside(mostRows)) return undefined;
  let low = 0;
  let high = mostRows;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (outside(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Rows at which an interval that shrinks with the square root of n would leave the bound outside. */
export function rowsToShrink(estimate: { value: number; low: number; high: number; n: number }, bound: number): number | undefined {
  const distance = Math.abs(estimate.value - bound);
  const reach = estimate.value > bound ? estimate.value - estimate.low : estimate.high - estimate.value;
  const rows = Math.ceil(estimate.n * (reach / distance) ** 2);
  return Number.isFinite(rows) && rows <= mostRows ? Math.max(rows, estimate.n + 1) : undefined;
}
