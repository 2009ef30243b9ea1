import type { Estimate } from '#core/estimate.ts';
import { type Goal, isServiceGoal } from '#core/goal.ts';

/** How numbers are written for people, in the terminal, the record and the report alike. */

/** 0.933 → "93.3 %". */
export function percent(share: number): string {
  return `${trimmed(share * 100, 1)} %`;
}

/** 277778 → "277,778". */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** 0.5 → "0.5", 100000 → "100,000": what need not be whole. */
export function amount(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 3 });
}

/** 0.12 → "$0.12", 0.000255 → "$0.000255", 1234.5 → "$1,234.50": cents, and three digits of what is less than a dollar. */
export function dollars(amount: number): string {
  if (amount === 0) return '$0';
  const decimals = Math.abs(amount) >= 1 ? 2 : Math.max(2, Math.min(12, 2 - Math.floor(Math.log10(Math.abs(amount)))));
  return `$${amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: decimals })}`;
}

export function milliseconds(value: number): string {
  if (value >= 100) return `${count(value)} ms`;
  return `${value.toLocaleString('en-US', { maximumSignificantDigits: 2 })} ms`;
}

/** A score of a metric: shares as per cent, numbers beyond 0 to 1 as they are. */
export function scoreText(value: number): string {
  return value >= -1 && value <= 1 ? percent(value) : trimmed(value, 2);
}

/** "89.4–95.8 %". */
export function rangeText({ low, high }: { readonly low: number; readonly high: number }): string {
  const inPercent = low >= -1 && high <= 1;
  const between = low < 0 ? ' to ' : '–';
  return inPercent ? `${trimmed(low * 100, 1)}${between}${trimmed(high * 100, 1)} %` : `${trimmed(low, 2)}${between}${trimmed(high, 2)}`;
}

/** A difference of scores: 0.082 → "+8.2 points". */
export function points(difference: number): string {
  return `${signed(difference)} points`;
}

/** "−0.6 to +1.1 points". */
export function pointsRange({ low, high }: { readonly low: number; readonly high: number }): string {
  return `${signed(low)} to ${signed(high)} points`;
}

/** "93.3 % (95 % interval 89.4–95.8 %, n 240)". */
export function estimateText(estimate: Estimate, confidence: number): string {
  return `${scoreText(estimate.value)} (${percent(confidence)} interval ${rangeText(estimate)}, n ${count(estimate.n)})`;
}

/** A value of a goal's measure in its unit: that of a probe's measure where it is no share. */
export function measureText(measure: string, value: number, unit?: Goal['unit']): string {
  if (unit !== undefined) return unit === 'ms' ? milliseconds(value) : `${amount(value)} ${unit}`;
  if (!isServiceGoal(measure)) return scoreText(value);
  return measure === 'costPer1k' ? `${dollars(value)} per 1,000 requests` : milliseconds(value);
}

/** "accuracy of at least 90 %", "95th percentile of the latency of at most 800 ms". */
export function goalText(goal: Goal): string {
  return `${measureName(goal.measure)} of at ${goal.operator === '>=' ? 'least' : 'most'} ${measureText(goal.measure, goal.bound, goal.unit)}`;
}

const measureNames: Readonly<Record<string, string>> = {
  latencyP50Ms: 'a median latency',
  latencyP95Ms: 'a 95th-percentile latency',
  costPer1k: 'a cost',
  macroF1: 'macro-F1',
  fieldAccuracy: 'field accuracy',
  exact: 'exact match',
  format: 'format compliance',
  persona: 'persona compliance',
  recorded: 'recorded score',
};

/** A measure's name within a sentence. */
export function measureName(measure: string): string {
  return measureNames[measure] ?? measure;
}

/** What triggers look at besides the measures of goals: each a plain number. */
const plainFigures = new Set([
  'requestsPerMonth',
  'requirementChangesPerMonth',
  'driftScore',
  'labelledExamples',
  'newRungs',
  'personas',
  'trainRows',
  'validationRows',
  'testRows',
]);

/** A figure of a trigger in its unit; `costPer1k:few-shot` is the cost of that rung. A text is a date. */
export function figureText(figure: string, value: number | string): string {
  if (typeof value === 'string') return value;
  if (plainFigures.has(figure)) return amount(value);
  return measureText(figure.split(':', 1)[0]!, value);
}

/** The same text with its first letter a capital. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Text from outside on one line, safe inside Markdown and its tables. */
export function markdownText(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/&/g, '&amp;')
    .replace(/[\\`*_{}[\]<>#|~!]/g, (character) => (character === '<' ? '&lt;' : character === '>' ? '&gt;' : `\\${character}`));
}

function signed(difference: number): string {
  const text = trimmed(Math.abs(difference) * 100, 1);
  if (text === '0') return text;
  return `${difference > 0 ? '+' : '−'}${text}`;
}

function trimmed(value: number, digits: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: digits }).replace(/^-0$/, '0').replace('-', '−');
}
