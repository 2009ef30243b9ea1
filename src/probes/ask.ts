import type { Answer, Candidate } from '#core/candidate.ts';
import { messageOf } from '#core/errors.ts';
import type { Input } from '#core/example.ts';
import { ModelError } from '#core/model-error.ts';

/** An answer, or why there is none: `declined` where the service turned the question down, `tooLong` where the model cannot read that much. */
export type Asked =
  | { readonly answer: Answer }
  | { readonly answer: undefined; readonly why: string; readonly declined: boolean; readonly tooLong: boolean };

/** Asks once. A question that brings no answer is a finding, unless the run itself was ended. */
export async function ask(candidate: Candidate, input: Input, signal: AbortSignal): Promise<Asked> {
  signal.throwIfAborted();
  try {
    return { answer: await candidate.answer(input, { signal }) };
  } catch (error) {
    signal.throwIfAborted();
    const kind = ModelError.is(error) ? error.kind : undefined;
    const why = `no answer: ${messageOf(error)}`;
    return { answer: undefined, why, declined: kind === 'rejected', tooLong: kind === 'context-exceeded' };
  }
}

/**
 * Works through items, at most `concurrency` at a time; results are in the order of the items. After an abort or an error
 * no new item is begun, and it throws when those in work have ended.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  options: { readonly concurrency: number; readonly signal: AbortSignal; progress(update: { done: number; total: number }): void },
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  let done = 0;
  let failed = false;
  const worker = async () => {
    while (next < items.length && !failed) {
      const index = next++;
      try {
        options.signal.throwIfAborted();
        results[index] = await work(items[index]!, index);
      } catch (error) {
        failed = true;
        throw error;
      }
      options.progress({ done: ++done, total: items.length });
    }
  };
  const workers = Array.from({ length: Math.max(1, Math.min(options.concurrency, items.length)) }, worker);
  for (const settled of await Promise.allSettled(workers)) if (settled.status === 'rejected') throw settled.reason;
  return results;
}
