import type { Estimate } from '#core/estimate.ts';
import type { Goal } from '#core/goal.ts';
import { count, measureText, rangeText, scoreText } from './figures.ts';

/** "80.9 % (76.9–85.9 %, n 40)"; times and tokens in their unit, slopes as what they add per e-fold of the turn or the tokens. */
export function probeFigure(measure: string, { value, low, high, n }: Estimate, unit: Goal['unit']): string {
  const isSlope = measure.endsWith('Slope');
  if (!isSlope && unit === undefined) return `${scoreText(value)} (${rangeText({ low, high })}, n ${count(n)})`;
  const text = (each: number) => (isSlope ? slopeText(each, measure, unit) : measureText(measure, each, unit));
  return `${text(value)} (${text(low)} to ${text(high)}, n ${count(n)})`;
}

function slopeText(value: number, measure: string, unit: Goal['unit']): string {
  const size = unit === undefined ? Math.abs(value).toFixed(3) : measureText(measure, Math.abs(value), unit);
  return `${value < 0 ? '−' : '+'}${size}`;
}
