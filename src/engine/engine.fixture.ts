import type { Clock } from './clock.ts';

/** A clock that moves only when something waits, so that back-off is tested without waiting. */
export function manualClock(): Clock & { waited: number[]; advance(milliseconds: number): void } {
  let time = 1_000_000;
  const waited: number[] = [];
  return {
    waited,
    advance: (milliseconds) => {
      time += milliseconds;
    },
    now: () => time,
    elapsed: () => time,
    random: () => 0.5,
    async wait(milliseconds, signal) {
      signal.throwIfAborted();
      waited.push(milliseconds);
      time += milliseconds;
      await Promise.resolve();
    },
  };
}

export const never: AbortSignal = new AbortController().signal;
