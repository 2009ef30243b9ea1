/** Requests after which the dearer start has paid for itself; null where it never does. */
export interface BreakEvenRequests {
  readonly requests: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * Requests until a saving per request has repaid a larger start.
 *
 * `extraStart` is what the second costs more before the first request, at least 0; `saving` is what a request costs less
 * with it, in the same money, with its interval. The ends of the result are those of the saving: where the interval of
 * the saving reaches 0, `high` is null, as it may never be repaid. Whole requests, rounded up.
 */
export function breakEvenRequests(extraStart: number, saving: { value: number; low: number; high: number }): BreakEvenRequests {
  const after = (perRequest: number) => {
    if (!(perRequest > 0)) return null;
    const requests = Math.ceil(withoutDust(extraStart / perRequest));
    return Number.isSafeInteger(requests) ? requests : null;
  };
  return { requests: after(saving.value), low: after(saving.high), high: after(saving.low) };
}

/** A quotient without the last binary digits, so that 20 / 0.1 is 200 and not a hair above. */
export function withoutDust(value: number): number {
  return Number(value.toPrecision(12));
}
