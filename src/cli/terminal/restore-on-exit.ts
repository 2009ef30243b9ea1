const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Calls `restore` when the process ends, or is told to. Where nobody else listens for a signal it ends the process as
 * it would have without this. Gives the function that takes it back.
 */
export function restoreOnExit(restore: () => void): () => void {
  const handlers = signals.map((signal) => {
    const handler = () => {
      restore();
      if (process.listenerCount(signal) > 1) return;
      process.off(signal, handler);
      process.kill(process.pid, signal);
    };
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  process.on('exit', restore);
  return () => {
    for (const off of handlers) off();
    process.off('exit', restore);
  };
}
