import type { Estimate } from '#core/estimate.ts';
import { type ShareOptions, shareEstimate } from './proportion.ts';
import { scoreEstimate } from './scores.ts';

type Preference = 'first' | 'second' | 'tie';

/** Which of two candidates a judge preferred, by candidate and not by place: once with the first shown first, once last. */
export interface JudgedOrders {
  readonly firstOrder: Preference;
  readonly secondOrder: Preference;
}

const wins: Readonly<Record<Preference, number>> = { first: 1, tie: 0.5, second: 0 };

/**
 * What a judge asked in both orders says: how often it keeps to its word when the places are swapped, and how often the
 * first candidate wins, a row on which it does not being a tie (Zheng et al. 2023, arXiv 2306.05685, section 3.4).
 * Undefined without rows.
 */
export function bothOrders(
  rows: readonly JudgedOrders[],
  options: ShareOptions & { readonly seed: number },
): { consistency: Estimate; winRate: Estimate } | undefined {
  const steady = rows.map(({ firstOrder, secondOrder }) => firstOrder === secondOrder);
  const consistency = shareEstimate(
    Float64Array.from(steady, (kept) => (kept ? 1 : 0)),
    options,
  );
  const winRate = scoreEstimate(
    Float64Array.from(rows, ({ firstOrder }, row) => (steady[row] ? wins[firstOrder] : 0.5)),
    options,
  );
  return consistency === undefined || winRate === undefined ? undefined : { consistency, winRate };
}
