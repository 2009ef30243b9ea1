import type { ModelError } from '#core/model-error.ts';

export interface RetryPolicy {
  /** Attempts in all, the first included. */
  readonly attempts: number;
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
}

export const defaultRetryPolicy: RetryPolicy = { attempts: 6, firstWaitMs: 250, longestWaitMs: 30_000 };

/** A service that asks for more than this is taken to be closed for now: the row fails instead of holding up the run. */
export const longestRetryAfterMs = 120_000;

/**
 * How long to wait before the next attempt: what the service asked for, else exponential with full jitter
 * (Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015). Undefined where one should give up.
 */
export function waitBeforeRetry(error: ModelError, attempt: number, policy: RetryPolicy, random: () => number): number | undefined {
  if (!error.retryable || attempt >= policy.attempts) return undefined;
  if (error.retryAfterMs !== undefined) return error.retryAfterMs > longestRetryAfterMs ? undefined : error.retryAfterMs;
  return random() * Math.min(policy.longestWaitMs, policy.firstWaitMs * 2 ** attempt);
}
