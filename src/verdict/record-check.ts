import { inputError } from '#core/errors.ts';
import type { Trigger, Verdict } from '#core/verdict.ts';
import { holds } from './trigger-condition.ts';

/** Figures by name, as they are now: numbers, and dates as ISO texts. */
export type Figures = Readonly<Record<string, number | string>>;

/** One trigger held against the figures of today. */
export interface CheckedTrigger {
  readonly id: string;
  readonly when: string;
  readonly figure: string;
  readonly value: number | string;
  readonly fired: boolean;
  readonly then: string;
  /** True where the figure was not supplied: the value is the recorded one, and nothing was checked. */
  readonly missing?: true;
}

/**
 * Holds every trigger of a decision against figures that are live or supplied. Throws where a figure is of the wrong
 * kind: a text or a number that is not finite for a number, anything but an ISO date for a date.
 */
export function checkTriggers(verdict: Pick<Verdict, 'triggers'>, figures: Figures): CheckedTrigger[] {
  return verdict.triggers.map((trigger) => {
    const { id, when, condition, now, then: consequence } = trigger;
    const { figure } = condition;
    const value = Object.hasOwn(figures, figure) ? figures[figure] : undefined;
    const result = (shown: number | string, fired: boolean) =>
      // biome-ignore lint/suspicious/noThenProperty: named as in the verdict document, and it is a text
      ({ id, when, figure, value: shown, fired, then: consequence });
    if (value === undefined) return { ...result(now, false), missing: true };
    requireKind(trigger, value);
    return result(value, holds(condition, value));
  });
}

/** The figures that a decision's triggers look at, each once. */
export function figuresOf(verdict: Pick<Verdict, 'triggers'>): string[] {
  return [...new Set(verdict.triggers.map(({ condition }) => condition.figure))];
}

function requireKind({ condition: { figure, bound } }: Trigger, value: number | string): void {
  const wanted = typeof bound === 'number' ? 'a number' : 'a date';
  const fits = typeof bound === 'number' ? typeof value === 'number' && Number.isFinite(value) : isDate(value);
  if (fits) return;
  throw inputError({
    code: 'figure-unreadable',
    message: `The figure ${figure} must be ${wanted}, and is ${JSON.stringify(value)}.`,
    hint: wanted === 'a date' ? `Write it as ${bound}.` : 'Write it as 100000 or 0.93.',
  });
}

/** True for a day of the calendar in ISO form, as "2027-01-14". */
export function isDate(value: unknown): value is string {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const at = Date.parse(value);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(value);
}
