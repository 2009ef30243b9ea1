import { normalCdf } from './distributions.ts';

/** Of any skew-normal distribution, |skewness| stays below 0.9953: a sample beyond it is taken for one that is nearly there. */
const mostSkewness = 0.95;
/** Where the density is gone, in standard deviations. */
const reach = 12;
/** Of Simpson's rule; even. */
const steps = 2400;

/**
 * Chance that a skew-normal variable of mean 0, variance 1 and that skewness lies at `x` or above (Azzalini 1985,
 * Scandinavian Journal of Statistics 12:171-178; parameters by the method of moments). Integrated, since the closed form
 * loses the thin tail to cancellation.
 */
export function skewNormalAbove(x: number, skewness: number): number {
  const { shape, scale, location } = parametersOf(skewness);
  const from = (x - location) / scale;
  if (from <= -reach) return 1;
  const to = Math.max(from, 0) + reach;
  const step = (to - from) / steps;
  let sum = 0;
  for (let at = 0; at <= steps; at++) {
    const weight = at === 0 || at === steps ? 1 : at % 2 === 1 ? 4 : 2;
    const t = from + at * step;
    sum += weight * Math.exp(-0.5 * t * t) * normalCdf(shape * t);
  }
  return Math.min(1, (2 / Math.sqrt(2 * Math.PI)) * sum * (step / 3));
}

function parametersOf(skewness: number): { shape: number; scale: number; location: number } {
  const size = Math.min(mostSkewness, Math.abs(skewness)) ** (2 / 3);
  const delta = Math.sign(skewness) * Math.sqrt(((Math.PI / 2) * size) / (size + ((4 - Math.PI) / 2) ** (2 / 3)));
  const shape = delta / Math.sqrt(1 - delta * delta);
  const scale = 1 / Math.sqrt(1 - (2 * delta * delta) / Math.PI);
  return { shape, scale, location: -scale * delta * Math.sqrt(2 / Math.PI) };
}
