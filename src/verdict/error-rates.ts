import type { Task } from '#core/task.ts';

/** One-sided error rates at which one goal of one rung is judged. */
export interface ErrorRates {
  /** For calling it met. */
  readonly met: number;
  /** For calling it missed. */
  readonly missed: number;
}

/** The rates of looks before the last row, and of the last row. */
export interface SharedRates {
  readonly atLook: ErrorRates;
  readonly atEnd: ErrorRates;
}

/** The part of the error rate that goes into looks before the last row; the rest is kept for the last row. */
const shareOfLooks = 0.2;

/**
 * How the task's error rate is shared, so that the whole climb errs at most that often (Bonferroni). A rung is called
 * sufficient where every goal is met, which is wrong only if the very goal that it misses is called met: the rungs share
 * the rate, the goals do not (intersection-union test; Berger 1982, Technometrics 24:295-300). A rung is called
 * insufficient where any goal is missed: there rungs and goals share it. Neither is ever laxer than the shown interval.
 * Looks that stop a rung early take a fifth of it, the last row the rest (union bound).
 */
export function errorRates(task: Task, rungs: number, lookedEarly: boolean): SharedRates {
  const error = 1 - task.confidence;
  const shared = (among: number) => Math.min(error / 2, error / Math.max(1, among));
  const met = shared(rungs);
  const missed = shared(rungs * Math.max(1, task.goals.length));
  const part = (share: number): ErrorRates => ({ met: met * share, missed: missed * share });
  return { atLook: part(shareOfLooks), atEnd: part(lookedEarly ? 1 - shareOfLooks : 1) };
}
