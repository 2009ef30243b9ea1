import type { TerminalIo } from './terminal-io.ts';

const samePressMs = 300;

/** The first Ctrl-C lets rows in flight end, the second drops them. */
export function interruption(io: TerminalIo): { stopping: AbortSignal; abort: AbortSignal } {
  const stopping = new AbortController();
  const abort = new AbortController();
  let firstAt = Number.NEGATIVE_INFINITY;
  io.onInterrupt(() => {
    // a terminal, a wrapper and npm may each deliver the same key press
    if (performance.now() - firstAt < samePressMs) return;
    if (stopping.signal.aborted) abort.abort(new DOMException('Interrupted twice.', 'AbortError'));
    else {
      firstAt = performance.now();
      stopping.abort(new DOMException('Interrupted.', 'AbortError'));
      io.stderr.write('\nStopping after the rows in flight; press Ctrl-C again to stop at once.\n');
    }
  });
  return { stopping: stopping.signal, abort: abort.signal };
}
