import { inputError } from './errors.ts';

/** Goals that are not metrics of answers but of the service; in the units of their names. */
export const serviceGoals = ['latencyP50Ms', 'latencyP95Ms', 'costPer1k'] as const;
export type ServiceGoal = (typeof serviceGoals)[number];

export function isServiceGoal(measure: string): measure is ServiceGoal {
  return serviceGoals.some((goal) => goal === measure);
}

/** A bar that a candidate must clear, as `accuracy >= 0.9`. */
export interface Goal {
  /** Id of a metric or of a probe's measure, or a service goal. */
  readonly measure: string;
  readonly operator: '>=' | '<=';
  readonly bound: number;
  /** Id of the probe that measures it; absent where the rows do. */
  readonly probe?: string;
  /** What a probe's measure is counted in; shares from 0 to 1 where absent. */
  readonly unit?: 'ms' | 'tokens';
}

/** Reads `">= 0.9"`, `"<= 800"`, or both ends of a range: `">= 0.2 and <= 0.4"`. Throws where the text is none of these. */
export function parseGoals(measure: string, text: string, file?: string): Goal[] {
  return text.split(/\s*(?:,|\band\b)\s*/).map((part) => parseGoal(measure, part, file));
}

/** Reads `">= 0.9"` or `"<= 800"`. Throws where the text is neither. */
export function parseGoal(measure: string, text: string, file?: string): Goal {
  const match = /^\s*(>=|<=)\s*(-?\d+(?:\.\d+)?(?:e-?\d+)?)\s*(%?)\s*$/i.exec(text);
  if (match === null) {
    throw inputError({
      code: 'goal-unreadable',
      message: `The goal ${measure}: ${JSON.stringify(text)} cannot be read.`,
      hint: `Write it as ">= 0.9" or "<= 800".`,
      place: file === undefined ? undefined : { file },
    });
  }
  const bound = Number(match[2]) / (match[3] === '%' ? 100 : 1);
  return { measure, operator: match[1] as Goal['operator'], bound };
}
