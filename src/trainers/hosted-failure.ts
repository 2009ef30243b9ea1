import { messageOf, RungError } from '#core/errors.ts';
import { ModelError } from '#core/model-error.ts';
import type { TrainingStatus } from '#core/trainer.ts';

const moneyWords =
  /insufficient_quota|current quota|billing|payment required|spending limit|BILLING_LIMIT|(insufficient|not enough|out of|trial|no) (credit|fund|balance)/i;

const topUp = 'Add credit to the account, or raise its spending limit, and run the same command again.';

/** What to do about a failure that a service explains in its own words. */
export function hintFor(said: string): string {
  return moneyWords.test(said)
    ? topUp
    : 'Mend what the service names, or take other rows or settings, and run the same command again: that makes a new job.';
}

/**
 * A status out of whatever stopped a job from being begun or read, with the way out. A job that was begun is paused as far as this
 * machine goes: the service goes on with it.
 */
export function failureOf(error: unknown, keyVariable: string, isBegun: boolean): TrainingStatus {
  return { ...reasonOf(error, keyVariable, isBegun), state: isBegun ? 'paused' : 'failed' };
}

function reasonOf(error: unknown, keyVariable: string, isBegun: boolean): { readonly error: string; readonly hint?: string } {
  const goesOn = isBegun ? 'The job itself is not lost' : 'Nothing is uploaded or created twice';
  if (!ModelError.is(error)) {
    return { error: messageOf(error), hint: RungError.is(error) ? error.hint : undefined };
  }
  const { message, status } = error;
  if (status === 402 || (!error.retryable && moneyWords.test(message))) return { error: message, hint: topUp };
  if (error.kind === 'unauthorised') {
    const hint = `Put a valid key that may tune into ${keyVariable} and run the same command again. ${goesOn}.`;
    return { error: message, hint };
  }
  if (error.retryable) {
    return { error: message, hint: `Run the same command again once the service can be reached. ${goesOn}.` };
  }
  return { error: message, hint: error.hint ?? hintFor(message) };
}
