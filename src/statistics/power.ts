import { normalCritical, normalQuantile } from './distributions.ts';
import { wilsonInterval } from './proportion.ts';

/** More rows than anyone labels: what would need them is better called undecidable. */
const mostRows = 10_000_000;

/**
 * Pairs with which a paired difference of proportions is seen: (z + z')² (ψ − δ²) / δ², ψ being the share of rows on
 * which the two disagree (normal approximation with the unconditional variance; Lachin 1992, Statistics in Medicine
 * 11:1239-1251). Undefined for no difference.
 */
export function pairsToSee(input: { difference: number; discordance: number; confidence: number; power: number }): number | undefined {
  const squared = input.difference ** 2;
  if (squared === 0) return undefined;
  const z = normalCritical(input.confidence) + normalQuantile(input.power);
  // the discordance can never be below the difference itself
  const variance = Math.max(input.discordance, Math.abs(input.difference)) - squared;
  const pairs = Math.max(1, Math.ceil((z * z * variance) / squared));
  return pairs > mostRows ? undefined : pairs;
}

/** Rows at which Wilson's interval of this very share would leave the bound outside; undefined where no number of rows would do. */
export function rowsToLeaveBound(share: number, bound: number, confidence: number): number | undefined {
  const outside = (n: number) => {
    const { low, high } = wilsonInterval(share * n, n, confidence);
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
