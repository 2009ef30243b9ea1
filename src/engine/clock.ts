/** Time and chance as the engine uses them, so that tests may set both. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds, monotonic. */
  elapsed(): number;
  /** Resolves after that many milliseconds, or rejects when aborted. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** In [0, 1); for jitter only, never for anything a verdict depends on. */
  random(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  wait: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      }, milliseconds);
      signal.addEventListener('abort', onAbort, { once: true });
    }),
  random: () => Math.random(),
};
