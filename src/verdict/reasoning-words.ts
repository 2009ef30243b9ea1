import type { Estimate } from '#core/estimate.ts';
import type { Verdict, VerdictRung } from '#core/verdict.ts';
import { count, percent, rangeText, scoreText } from './figures.ts';

/** The verdict that is reasoned about: the document without its reasoning. */
export type Reasoned = Omit<Verdict, 'reasoning'>;

/** A figure in words; "not known" where it is no number. */
export function known(value: number | null | undefined, text: (value: number) => string): string {
  return isNumber(value) ? text(value) : 'not known';
}

export function isNumber(value: number | null | undefined): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}

/** "93.3 % (95 % interval 89.4–95.8 %, n 240, wilson)". */
export function estimated(estimate: Estimate, confidence: number): string {
  return `${known(estimate.value, scoreText)} (${intervalAt(confidence)} ${rangeOf(estimate)}, n ${known(estimate.n, count)}, ${estimate.method})`;
}

export function intervalAt(confidence: number): string {
  return `${known(confidence, percent)} interval`;
}

function rangeOf({ low, high }: { readonly low: number; readonly high: number }): string {
  return isNumber(low) && isNumber(high) ? rangeText({ low, high }) : 'not known';
}

/** An error rate with two digits, however small: 0.00125 → "0.13 %". */
export function rateText(rate: number): string {
  return `${(rate * 100).toLocaleString('en-US', { maximumSignificantDigits: 2 })} %`;
}

/** A chance that was drawn by lot, which is never certain: 1 → "over 99.9 %". */
export function chanceText(chance: number): string {
  if (chance > 0.999) return 'over 99.9 %';
  return chance < 0.001 ? 'under 0.1 %' : percent(chance);
}

/** "1 rung", "3 rungs". */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${known(n, count)} ${n === 1 ? one : many}`;
}

/** Rungs that were measured, in ladder order. */
export function measuredOf({ rungs }: Pick<Verdict, 'rungs'>): VerdictRung[] {
  return rungs.filter((rung) => rung.skipped === undefined);
}

/** Name of the ladder entry of a candidate; the id itself where it is not on the ladder. */
export function nameOf({ rungs }: Pick<Verdict, 'rungs'>, candidate: string): string {
  return rungs.find((rung) => rung.candidate === candidate)?.rung ?? candidate;
}
