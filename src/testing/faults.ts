/** A way in which a server can fail a request. */
export type Fault =
  | { readonly kind: 'rate-limited'; readonly retryAfterSeconds?: number }
  | { readonly kind: 'server-error'; readonly status?: number }
  | { readonly kind: 'unauthorised' }
  | { readonly kind: 'no-answer' }
  | { readonly kind: 'connection-reset' }
  | { readonly kind: 'truncated' }
  /** An error in the middle of a stream, which began well; without a stream, status 500. */
  | { readonly kind: 'stream-error' }
  | { readonly kind: 'invalid-json' }
  | { readonly kind: 'empty-choices' }
  | { readonly kind: 'missing-content' }
  | { readonly kind: 'wrong-content-type' }
  | { readonly kind: 'slow-drip'; readonly millisecondsPerByte: number };

/**
 * Decides per request which fault it meets; undefined lets it through.
 * `index` counts all requests from 0, `attempt` those with the same body.
 */
export type FaultPlan = (request: { readonly index: number; readonly attempt: number; readonly body: string }) => Fault | undefined;

/** A fault per request in order; requests after the last go through. */
export function faultsInOrder(faults: readonly (Fault | undefined)[]): FaultPlan {
  return ({ index }) => faults[index];
}

/**
 * Each request fails with the given probability, with a fault drawn evenly from the list; never more than
 * `mostAttempts` times (3 unless told) for the same body, so that a client that retries always gets through.
 * The draw hangs on seed, body and attempt only, not on the order in which requests arrive.
 */
export function randomFaults(options: { seed: number; probability: number; faults: readonly Fault[]; mostAttempts?: number }): FaultPlan {
  const { seed, probability, faults, mostAttempts = 3 } = options;
  return ({ attempt, body }) => {
    if (attempt >= mostAttempts) return undefined;
    const draw = uniform(`${seed}/${attempt}/${body}`);
    if (draw >= probability) return undefined;
    return faults[Math.floor((draw / probability) * faults.length)];
  };
}

// FNV-1a followed by the finaliser of MurmurHash3 (both public domain): evenly spread over [0, 1) is all that is asked.
function uniform(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
