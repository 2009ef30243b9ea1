import type { GuardStatus } from '#core/guard.ts';

/** Passed where the whole interval is at most the limit, failed where all of it is above. */
export function statusOf({ low, high }: { readonly low: number; readonly high: number }, limit: number): GuardStatus {
  if (high <= limit) return 'passed';
  return low > limit ? 'failed' : 'undecided';
}

/** A row without an answer, or to which the metric does not apply, has none. */
export function isScore(score: number | null | undefined): boolean {
  return typeof score === 'number' && Number.isFinite(score);
}
