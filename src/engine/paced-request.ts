import type { Model } from '#core/model.ts';
import { ModelError } from '#core/model-error.ts';
import type { NanoDollars } from '#core/money.ts';
import { type RetryPolicy, waitBeforeRetry } from './backoff.ts';
import type { Budget } from './budget.ts';
import type { Clock } from './clock.ts';
import type { Limiter } from './limiter.ts';
import type { Meter } from './meter.ts';

export interface PacingOptions {
  readonly model: Model;
  readonly limiter: Limiter;
  readonly budget: Budget;
  readonly meter: Meter;
  readonly retryPolicy: RetryPolicy;
  readonly clock: Clock;
  /** Aborted when nothing more should be sent. */
  readonly stopping?: AbortSignal;
}

export interface PacedRequest<T> {
  /** The most that it can cost. */
  readonly most: NanoDollars;
  send(): Promise<T>;
  costOf(reply: T): NanoDollars;
}

/**
 * Sends requests of one model when its bound and the budget allow, and again where that can help. `tookMs` is the time of
 * the attempt that was answered, without the wait for its turn.
 */
export function pace({ model, limiter, budget, meter, retryPolicy, clock, stopping }: PacingOptions) {
  return async <T>(request: PacedRequest<T>, signal: AbortSignal): Promise<{ reply: T; cost: NanoDollars; tookMs: number }> => {
    for (let attempt = 1; ; attempt++) {
      await limiter.acquire(signal, attempt > 1);
      let settle: ReturnType<Budget['reserve']>;
      try {
        settle = budget.reserve(request.most);
      } catch (error) {
        limiter.release('failed', 0);
        throw error;
      }
      if (attempt > 1) meter.retries++;
      const begun = clock.elapsed();
      try {
        const reply = await request.send();
        const tookMs = clock.elapsed() - begun;
        const cost = request.costOf(reply);
        settle({ kind: 'answered', cost });
        limiter.release('answered', tookMs);
        return { reply, cost, tookMs };
      } catch (error) {
        if (!ModelError.is(error)) {
          settle({ kind: 'uncertain' });
          limiter.release('failed', 0);
          throw error;
        }
        // a service may charge for what it answered badly or too late; it does not for what it refused
        settle({ kind: error.kind === 'bad-response' || error.kind === 'timeout' ? 'uncertain' : 'refused' });
        // 500 and its like are faults of one request; these are refusals for load
        const overloaded = error.kind === 'rate-limited' || error.status === 503 || error.status === 529;
        const waitMs = waitBeforeRetry(error, attempt, retryPolicy, clock.random);
        if (overloaded && error.retryAfterMs !== undefined && waitMs !== undefined) limiter.pauseUntil(clock.now() + waitMs);
        limiter.release(overloaded ? 'overloaded' : 'failed', 0);
        if (waitMs === undefined || !model.remote) throw error;
        await clock.wait(waitMs, stopping ?? signal);
      }
    }
  };
}
