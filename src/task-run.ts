import type { Plugins } from '#core/plugins.ts';
import type { ProgressListener } from '#core/progress.ts';
import type { RetryPolicy } from '#engine/backoff.ts';
import type { Clock } from '#engine/clock.ts';

/** What every run over a task may be told. */
export interface TaskRunOptions {
  readonly plugins: Plugins;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly progress?: ProgressListener;
  /** US dollars. */
  readonly budget?: number;
  readonly maxCalls?: number;
  readonly concurrency?: number;
  /** Aborted when nothing more should be sent; what is in flight is finished. */
  readonly stopping?: AbortSignal;
  /** Aborted when what is in flight should be dropped. */
  readonly abort?: AbortSignal;
  readonly clock?: Clock;
  readonly retryPolicy?: RetryPolicy;
}
