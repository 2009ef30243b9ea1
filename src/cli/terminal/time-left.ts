import type { Counted, ProgressState, RungState } from './progress-state.ts';

export interface TimeLeft {
  readonly seconds: number;
  /** True where work is left that nothing has been measured of, as the preparation of a rung that waits. */
  readonly more: boolean;
}

/** Below this a rate is noise, or the store answering. */
const shortestMeasure = 500;

function secondsPerUnit(counted: Counted | undefined): number | undefined {
  if (counted === undefined) return undefined;
  const [units, milliseconds] = [counted.done - counted.firstDone, counted.at - counted.firstAt];
  return units > 0 && milliseconds >= shortestMeasure ? milliseconds / 1000 / units : undefined;
}

function leftOf(counted: Counted | undefined, now: number): number | undefined {
  const each = secondsPerUnit(counted);
  if (counted === undefined || each === undefined) return undefined;
  return Math.max(0, (counted.total - counted.done) * each - (now - counted.at) / 1000);
}

/** Seconds left of what a rung is doing now; undefined where no rate has been measured. */
function timeLeftInPhase(rung: RungState, now: number): number | undefined {
  if (rung.phase === 'measuring') return leftOf(rung.rows, now);
  if (rung.phase === 'preparing') return leftOf(rung.preparing, now);
  if (rung.phase !== 'training' || rung.training === undefined) return undefined;
  const { secondsLeft, steps } = rung.training;
  return secondsLeft === undefined ? leftOf(steps, now) : Math.max(0, secondsLeft - (now - steps.at) / 1000);
}

/**
 * Seconds left of the whole climb, from measured rates: what runs now, and the rows of rungs to come at the mean pace
 * of the rows so far. Undefined where something of that has no rate yet.
 */
export function timeLeft(state: ProgressState, now: number): TimeLeft | undefined {
  const measured = state.rungs.filter((rung) => secondsPerUnit(rung.rows) !== undefined).map((rung) => rung.rows!);
  const milliseconds = measured.reduce((sum, rows) => sum + rows.at - rows.firstAt, 0);
  const rows = measured.reduce((sum, each) => sum + each.done - each.firstDone, 0);
  let [seconds, more] = [0, false];
  for (const rung of state.rungs) {
    if (rung.phase === 'done' || rung.phase === 'skipped') continue;
    if (rung.phase !== 'waiting') {
      const own = timeLeftInPhase(rung, now);
      if (own === undefined) return undefined;
      seconds += own;
    }
    // whatever comes after rows, as probes, leaves no row to ask
    if (rung.phase === 'measuring' || rung.rows !== undefined || rung.endedAt !== undefined) continue;
    if (rows === 0) return undefined;
    seconds += (rung.planned * milliseconds) / 1000 / rows;
    more ||= rung.phase === 'waiting';
  }
  return { seconds, more };
}
