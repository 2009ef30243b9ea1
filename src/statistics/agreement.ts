import type { Estimate } from '#core/estimate.ts';
import { clusterSpread, clustersAt } from './clusters.ts';
import { normalCritical } from './distributions.ts';
import { cohenKappa } from './judge.ts';
import { shareEstimate } from './proportion.ts';

export interface AgreementOptions {
  readonly confidence: number;
  /** Index of every row's cluster, where rows share one. */
  readonly clusters?: Int32Array | undefined;
  /** Of each column: scores of at least this are one mark, lower ones the other. */
  readonly cuts: readonly [number, number];
}

/** How far two ways of scoring the same rows agree on which side of their cuts they fall. */
export interface Agreement {
  /** Share of rows on which they agree. */
  readonly raw: Estimate;
  /** The same beyond chance (Cohen 1960); undefined where both only ever give one and the same mark. */
  readonly kappa: Estimate | undefined;
}

/**
 * Agreement of two columns of scores over the rows where both are numbers. Wilson's interval for the share; for kappa
 * that of Fleiss, Cohen and Everitt (1969, Psychological Bulletin 72:323-327), which is the variance of a mean over rows,
 * so that rows in clusters widen it by their design effect. Undefined where no row has both.
 */
export function agreementOf(one: Float64Array, other: Float64Array, options: AgreementOptions): Agreement | undefined {
  const { confidence, cuts } = options;
  const rows = Int32Array.from(one.keys()).filter((row) => !Number.isNaN(one[row]!) && !Number.isNaN(other[row]!));
  const clusters = clustersAt(options.clusters, rows);
  const pairs = Array.from(rows, (row) => ({ judge: one[row]! >= cuts[0] ? 1 : 0, human: other[row]! >= cuts[1] ? 1 : 0 }));
  const raw = shareEstimate(
    Float64Array.from(pairs, ({ judge, human }) => (judge === human ? 1 : 0)),
    { confidence, clusters },
  );
  if (raw === undefined) return undefined;
  const plain = cohenKappa(pairs, { confidence });
  return { raw, kappa: plain && clusters ? clusteredKappa(plain, raw, pairs, clusters, confidence) : plain };
}

type Pair = { readonly judge: number; readonly human: number };

function clusteredKappa(plain: Estimate, raw: Estimate, pairs: readonly Pair[], clusters: Int32Array, confidence: number): Estimate {
  const n = pairs.length;
  const share = (side: keyof Pair) => pairs.reduce((sum, pair) => sum + pair[side], 0) / n;
  const [first, second] = [share('judge'), share('human')];
  const chance = first * second + (1 - first) * (1 - second);
  const method = `${plain.method}, ${new Set(clusters).size} clusters`;
  // rows that all agree have no spread: the ends of the share say how sure that is
  if (raw.value === 1) return { ...plain, low: Math.max(-1, 1 - (1 - raw.low) / (1 - chance)), method };
  const terms = pairs.map(({ judge, human }) => {
    const margins = (human === 1 ? first : 1 - first) + (judge === 1 ? second : 1 - second);
    return (judge === human ? 1 : 0) - margins * (1 - plain.value);
  });
  const { variance } = clusterSpread(Float64Array.from(terms), clusters);
  // one cluster says nothing of how the next would differ
  if (Number.isNaN(variance)) return { ...plain, low: -1, high: 1, method };
  const reach = Math.max((normalCritical(confidence) * Math.sqrt(variance)) / (1 - chance), (plain.high - plain.low) / 2);
  return { ...plain, low: Math.max(-1, plain.value - reach), high: Math.min(1, plain.value + reach), method };
}
