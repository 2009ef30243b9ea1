import type { Estimate } from '#core/estimate.ts';
import type { ProbeMeasure } from '#core/probe.ts';

type Interval = Pick<Estimate, 'low' | 'high'>;

const minus = '−';

function withSign(text: string, value: number, plus = ''): string {
  return value < 0 ? `${minus}${text}` : value > 0 ? `${plus}${text}` : text;
}

function fixed(value: number, digits: number): string {
  return Math.abs(value).toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A whole number with thousands separated. */
export function countText(value: number): string {
  return withSign(fixed(Math.round(value), 0), Math.round(value));
}

/** A number of no known unit, three significant digits. */
export function plainText(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return withSign(Math.abs(value).toLocaleString('en-US', { maximumSignificantDigits: 3 }), value);
}

/** True where every number lies in [0, 1], so that per cent is the clearer unit. */
function isShare(values: readonly number[]): boolean {
  return values.every((value) => value >= 0 && value <= 1);
}

/** How numbers of one metric are written: per cent, or plain. Decided once for a metric, so that its column agrees. */
export interface ValueText {
  value(value: number): string;
  /** The same for the marks of an axis and for bounds: no more digits than needed. */
  tick(value: number): string;
  interval(interval: Interval): string;
  /** A difference, signed; percentage points for shares. */
  difference(value: number): string;
  differenceInterval(interval: Interval): string;
}

const shareText: ValueText = {
  value: (value) => `${withSign(fixed(value * 100, 1), value)} %`,
  tick: (value) => `${Number((value * 100).toFixed(2))} %`,
  interval: ({ low, high }) => `${withSign(fixed(low * 100, 1), low)}${low < 0 ? ' to ' : '–'}${withSign(fixed(high * 100, 1), high)} %`,
  difference: (value) => `${withSign(fixed(value * 100, 1), value, '+')} pts`,
  differenceInterval: ({ low, high }) => `${withSign(fixed(low * 100, 1), low, '+')} to ${withSign(fixed(high * 100, 1), high, '+')}`,
};

const numberText: ValueText = {
  value: plainText,
  tick: plainText,
  interval: ({ low, high }) => `${plainText(low)}–${plainText(high)}`,
  difference: (value) => (value > 0 ? `+${plainText(value)}` : plainText(value)),
  differenceInterval: ({ low, high }) => `${plainText(low)} to ${plainText(high)}`,
};

function unitText(text: (value: number) => string): ValueText {
  const signed = (value: number, plus = '') => withSign(text(Math.abs(value)), value, plus);
  // a unit that both ends share is said once
  const ends = (from: string, between: string, to: string) => {
    const unit = / \S+$/.exec(to)?.[0] ?? '';
    return `${unit !== '' && from.endsWith(unit) ? from.slice(0, -unit.length) : from}${between}${to}`;
  };
  return {
    value: (value) => signed(value),
    tick: (value) => signed(value),
    interval: ({ low, high }) => ends(signed(low), low < 0 ? ' to ' : '–', signed(high)),
    difference: (value) => signed(value, '+'),
    differenceInterval: ({ low, high }) => ends(signed(low, '+'), ' to ', signed(high, '+')),
  };
}

const unitTexts: Readonly<Record<NonNullable<ProbeMeasure['unit']>, ValueText>> = {
  ms: unitText(latencyText),
  tokens: unitText((value) => (value < 100 ? plainText(value) : countText(value))),
};

/** How the numbers of a probe's measure are written: in its unit, or as a share of 1 where it has none. */
export function measureText(unit: ProbeMeasure['unit']): ValueText {
  return unit === undefined ? shareText : unitTexts[unit];
}

/** A slope of a measure, per e-fold of what it is followed over: as a difference, also where it stands alone. */
export function slopeText(text: ValueText): ValueText {
  return { ...text, value: text.difference, tick: text.difference, interval: text.differenceInterval };
}

export function valueTextOf(values: readonly number[]): ValueText {
  return isShare(values) ? shareText : numberText;
}

/** US dollars: two decimals, three significant digits below a dollar, whole from a thousand. */
export function dollarsText(dollars: number): string {
  const size = Math.abs(dollars);
  if (size === 0) return '$0';
  if (size < 1e-9) return '< $0.000000001';
  if (size >= 1) return withSign(`$${fixed(size, size < 1000 ? 2 : 0)}`, dollars);
  const digits = Math.min(11, 2 - Math.floor(Math.log10(size)));
  return withSign(`$${size.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: digits })}`, dollars);
}

/** A duration given in milliseconds, for latencies. */
export function latencyText(milliseconds: number): string {
  if (milliseconds < 10) return `${plainText(milliseconds)} ms`;
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1)} s`;
}

/** A duration given in seconds, for waiting and set-up. */
export function durationText(seconds: number): string {
  if (seconds === 0) return '0 s';
  if (seconds < 0.1) return '< 0.1 s';
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${countText(Math.floor(whole / 3600))} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

/** A probability under the null hypothesis. */
export function probabilityText(p: number): string {
  return p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(3)}`;
}

/** A sentence whose per-cent signs stay on the line of their numbers. */
export function unbrokenText(sentence: string): string {
  return sentence.replace(/(\d) %/g, '$1\u00a0%');
}
