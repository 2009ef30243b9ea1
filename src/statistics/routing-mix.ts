import type { Estimate } from '#core/estimate.ts';
import { bootstrap, type Statistic } from './bootstrap.ts';
import type { PairedDifference } from './interval.ts';
import { pairedSets, setEstimate } from './scores.ts';

/** One cascade and its two parts on the same rows; no NaN. */
export interface MixedRows {
  readonly cascade: Float64Array;
  readonly cheap: Float64Array;
  readonly strong: Float64Array;
  /** 1 where the strong model was asked. */
  readonly passed: Float64Array;
  /** What each would cost, row by row; absent where a price is not known. */
  readonly costs?: { readonly cascade: Float64Array; readonly cheap: Float64Array; readonly strong: Float64Array };
}

export interface MixOptions {
  readonly confidence: number;
  readonly seed: number;
  readonly clusters?: Int32Array | undefined;
}

export interface MixComparison {
  /** Share of the random mix's calls that go to the strong model. */
  readonly share: number;
  /** What the mix has in common with the cascade. */
  readonly by: 'cost' | 'strong calls';
  readonly mix: Estimate;
  /** Cascade less random mix. */
  readonly gain: PairedDifference;
  /** Share of the gap between the cheap and the strong part; undefined where the strong part is no better. */
  readonly gapRecovered: Estimate | undefined;
}

/**
 * A cascade beside a mix that asks either model at random, so often the strong one that both cost the same. The mix asks one
 * model per request where the cascade may ask two, so at equal cost it asks the strong one more often. Without prices, or
 * where the strong part is no dearer, the strong calls are held equal. Its mean is that of the parts, weighted; the share
 * is computed anew in every resample. `n` is at least 1.
 */
export function compareWithRandom(rows: MixedRows, options: MixOptions): MixComparison {
  const n = rows.cascade.length;
  const all = Int32Array.from(rows.cascade.keys());
  const by = isDearer(rows, all) ? 'cost' : 'strong calls';
  const shareOf = (drawn: Int32Array) => (by === 'cost' ? shareAtCost(rows, drawn) : meanAt(rows.passed, drawn));
  const mixOf: Statistic = (drawn) => {
    const share = shareOf(drawn);
    return (1 - share) * meanAt(rows.cheap, drawn) + share * meanAt(rows.strong, drawn);
  };
  return {
    share: shareOf(all),
    by,
    mix: setEstimate(n, mixOf, options),
    gain: pairedSets(n, (drawn) => meanAt(rows.cascade, drawn) - mixOf(drawn), options),
    gapRecovered: gapRecovered(rows, options),
  };
}

function gapRecovered(rows: MixedRows, { confidence, seed, clusters }: MixOptions): Estimate | undefined {
  const n = rows.cascade.length;
  const all = Int32Array.from(rows.cascade.keys());
  const gapOf = (drawn: Int32Array) => meanAt(rows.strong, drawn) - meanAt(rows.cheap, drawn);
  if (gapOf(all) <= 0) return undefined;
  const statistic: Statistic = (drawn) => {
    const gap = gapOf(drawn);
    // a resample without a gap has nothing to recover: it counts as all of it
    return gap <= 0 ? 1 : (meanAt(rows.cascade, drawn) - meanAt(rows.cheap, drawn)) / gap;
  };
  const { value, low, high, varied } = bootstrap(n, statistic, { confidence, seed, clusters });
  return { value, low, high, n, method: varied ? 'bca bootstrap' : 'bca bootstrap, all resamples alike' };
}

function isDearer({ costs }: MixedRows, rows: Int32Array): boolean {
  return costs !== undefined && meanAt(costs.strong, rows) > meanAt(costs.cheap, rows);
}

function shareAtCost({ costs, passed }: MixedRows, drawn: Int32Array): number {
  if (costs === undefined) return meanAt(passed, drawn);
  const cheap = meanAt(costs.cheap, drawn);
  const spread = meanAt(costs.strong, drawn) - cheap;
  if (spread <= 0) return meanAt(passed, drawn);
  return Math.min(1, Math.max(0, (meanAt(costs.cascade, drawn) - cheap) / spread));
}

function meanAt(values: Float64Array, rows: Int32Array): number {
  let sum = 0;
  for (const row of rows) sum += values[row]!;
  return sum / rows.length;
}
