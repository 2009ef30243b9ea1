import { pairedBettingInterval, pairedSurelyAbove } from './betting.ts';
import type { PairedDifference } from './interval.ts';

const steps = 40;
/** Smaller p-values are not told apart. */
const smallestP = 1e-12;

/**
 * Difference of mean scores in [0, 1] on the same rows, first minus second, valid however often it was looked at, with an
 * anytime-valid p-value: the reciprocal of the largest capital of a bet against "no difference", both sides counted
 * (Ramdas, Grünwald, Vovk and Shafer 2023, Statistical Science 38:576-601). Undefined without common rows and where a
 * score lies outside [0, 1].
 */
export function pairedSequence(
  first: Float64Array,
  second: Float64Array,
  options: { readonly confidence: number; readonly clusters?: Int32Array },
): PairedDifference | undefined {
  const interval = pairedBettingInterval(first, second, options);
  if (interval === undefined) return undefined;
  const [better, worse] = interval.value >= 0 ? [first, second] : [second, first];
  const shown = (error: number) => pairedSurelyAbove(better, worse, 0, error, options.clusters);
  let low = Math.log(smallestP);
  let high = 0;
  for (let step = 0; step < steps; step++) {
    const middle = (low + high) / 2;
    if (shown(Math.exp(middle))) high = middle;
    else low = middle;
  }
  return { ...interval, p: Math.min(1, 2 * Math.exp(high)) };
}
