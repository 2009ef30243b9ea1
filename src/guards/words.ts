import type { Estimate } from '#core/estimate.ts';

/** 0.123 → "12.3 %". */
export function share(value: number): string {
  return `${trimmed(value * 100)} %`;
}

/** 0.123 → "12.3 points". */
export function points(value: number): string {
  const text = trimmed(Math.abs(value) * 100);
  return `${value < 0 && text !== '0' ? '−' : ''}${text} ${text === '1' ? 'point' : 'points'}`;
}

/** "12.3 points (95 % interval 4 to 20 points, n 98)". */
export function lossText({ value, low, high, n }: Omit<Estimate, 'method'>, confidence: number): string {
  const end = (bound: number) => points(bound).replace(/ points?$/, '');
  return `${points(value)} (${share(confidence)} interval ${end(low)} to ${points(high)}, n ${count(n)})`;
}

export function count(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** Outside text on one line, cut. */
export function shown(text: string, longest = 80): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return JSON.stringify(line.length > longest ? `${line.slice(0, longest - 1)}…` : line);
}

function trimmed(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 }).replace(/^-0$/, '0');
}
