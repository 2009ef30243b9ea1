import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModelError, type ModelErrorKind, modelErrorKinds } from '#core/model-error.ts';
import { defaultRetryPolicy, longestRetryAfterMs, waitBeforeRetry } from './backoff.ts';

const error = (kind: ModelErrorKind, retryAfterMs?: number) => new ModelError({ kind, message: kind, retryAfterMs });

describe('waiting before a retry', () => {
  it('obeys what the service asked for', () => {
    expect(waitBeforeRetry(error('rate-limited', 7_000), 1, defaultRetryPolicy, () => 0.1)).toBe(7_000);
  });

  it('gives up rather than hold the run for a service that is closed', () => {
    expect(waitBeforeRetry(error('rate-limited', longestRetryAfterMs + 1), 1, defaultRetryPolicy, () => 0.1)).toBeUndefined();
  });

  it.each(['unauthorised', 'rejected', 'context-exceeded', 'not-recorded'] as const)('does not happen for %s', (kind) => {
    expect(waitBeforeRetry(error(kind), 1, defaultRetryPolicy, () => 0.5)).toBeUndefined();
  });

  it('is bounded, and ends after the last attempt', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...modelErrorKinds),
        fc.integer({ min: 1, max: 20 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (kind, attempt, chance) => {
          const wait = waitBeforeRetry(error(kind), attempt, defaultRetryPolicy, () => chance);
          if (attempt >= defaultRetryPolicy.attempts) expect(wait).toBeUndefined();
          if (wait === undefined) return;
          expect(wait).toBeGreaterThanOrEqual(0);
          expect(wait).toBeLessThanOrEqual(defaultRetryPolicy.longestWaitMs);
        },
      ),
    );
  });
});
