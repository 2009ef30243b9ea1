import { moments } from './mean.ts';
import { skewNormalAbove } from './skew-normal.ts';

/** How likely a model finds a secret, and others that could as well have been drawn: ln p of each. */
export interface RankedSecret {
  readonly own: number;
  /** At least two. */
  readonly others: readonly number[];
}

/**
 * Exposure of secrets in bits: log2 of how many there are less log2 of the rank of this one by its probability (Carlini et al.
 * 2019, arXiv:1802.08232). The rank among all is estimated as there, by a skew-normal distribution of ln p over secrets that
 * were not learnt: mean and deviation of each secret's own alternatives, and one skewness of all, since the third moment of
 * a few is mostly noise. From 0 to `bits`, log2 of how many secrets there are. A secret that was not learnt has x bits or more
 * with a chance of 2^-x, 1.44 bits on average.
 */
export function exposures(secrets: readonly RankedSecret[], bits: number): number[] {
  const spreads = secrets.map(({ others }) => moments(Float64Array.from(others)));
  const skewness = skewnessOf(secrets.flatMap(({ others }, at) => others.map((each) => standardised(each, spreads[at]!))));
  return secrets.map(({ own }, at) => {
    const above = skewNormalAbove(standardised(own, spreads[at]!), skewness);
    return above <= 2 ** -bits ? bits : Math.max(0, -Math.log2(above));
  });
}

function standardised(value: number, { mean, deviation }: { readonly mean: number; readonly deviation: number }): number {
  // where all others are alike, one beyond them is beyond all, and one like them is in their middle
  if (deviation === 0) return value === mean ? 0 : Math.sign(value - mean) * Number.MAX_SAFE_INTEGER;
  return (value - mean) / deviation;
}

/** Mean cube of values that were standardised. */
function skewnessOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value ** 3, 0) / Math.max(1, values.length);
}
