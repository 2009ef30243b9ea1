/** Milliseconds that work may take before others have their turn. */
const turnMs = 10;

/**
 * For long work on the thread that also answers others: waited for again and again, it lets them have their turn whenever the
 * last one was a while ago, and costs next to nothing otherwise. Throws the signal's reason once that is aborted.
 */
export function breather(signal?: AbortSignal): () => Promise<void> | undefined {
  let until = performance.now() + turnMs;
  return () => {
    if (performance.now() < until) return undefined;
    return new Promise((resolve, reject) => {
      setImmediate(() => {
        until = performance.now() + turnMs;
        if (signal?.aborted) reject(signal.reason);
        else resolve();
      });
    });
  };
}
