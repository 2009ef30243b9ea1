import type { Estimate } from '#core/estimate.ts';
import { meanEstimate } from '#statistics/mean.ts';
import { proportionEstimate, shareEstimate } from '#statistics/proportion.ts';
import { drawsOf } from './draws.ts';

const confidence = 0.95;

/** A share of simulated cases with its Monte Carlo interval; undefined where there is no case. Cases of one world are one group. */
export function shareOf<Case>(
  cases: readonly Case[],
  holds: (one: Case) => boolean,
  worldOf?: (one: Case) => object,
): Estimate | undefined {
  if (worldOf === undefined) return proportionEstimate(cases.filter(holds).length, cases.length, confidence);
  const worlds = new Map<object, number>();
  const clusters = Int32Array.from(cases, (one) => {
    const world = worldOf(one);
    const index = worlds.get(world) ?? worlds.size;
    worlds.set(world, index);
    return index;
  });
  return shareEstimate(
    Float64Array.from(cases, (one) => (holds(one) ? 1 : 0)),
    { confidence, clusters },
  );
}

export function shareFigure(count: number, of: number): Estimate | undefined {
  return proportionEstimate(count, of, confidence);
}

/** A mean over simulated cases with its Monte Carlo interval. */
export function meanOf(values: readonly number[]): Estimate | undefined {
  return meanEstimate(Float64Array.from(values), confidence);
}

/** Sum of one column over the sum of another, with a percentile interval from resampling the cases. */
export function ratioOf(cases: readonly { readonly part: number; readonly whole: number }[], seed: number): Estimate | undefined {
  const ratio = (drawn: readonly { readonly part: number; readonly whole: number }[]) =>
    drawn.reduce((sum, { part }) => sum + part, 0) / drawn.reduce((sum, { whole }) => sum + whole, 0);
  const value = ratio(cases);
  if (!Number.isFinite(value)) return undefined;
  const draws = drawsOf(seed, 0);
  const resampled = Array.from({ length: 1000 }, () => ratio(cases.map(() => draws.pick(cases)))).sort((a, b) => a - b);
  return { value, low: resampled[25]!, high: resampled[974]!, n: cases.length, method: 'resampled worlds' };
}

/** "4.1 % (3.6–4.7)". */
export function percentText(figure: Estimate | undefined, digits = 1): string {
  if (figure === undefined) return '–';
  const text = (share: number) => (share * 100).toFixed(digits);
  return `${text(figure.value)} % (${text(figure.low)}–${text(figure.high)})`;
}

/** "$1,204 (1,010–1,398)". */
export function dollarText(figure: Estimate | undefined): string {
  if (figure === undefined) return '–';
  const text = (amount: number) => Math.round(amount).toLocaleString('en-US');
  return `$${text(figure.value)} (${text(figure.low)}–${text(figure.high)})`;
}
