import { ModelError } from '#core/model-error.ts';

/** Runs one step; a call that fails in it says in which. */
export async function namingStep<T>(name: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!ModelError.is(error)) throw error;
    const { kind, message, hint, place, status, retryAfterMs } = error;
    throw new ModelError({
      kind,
      message: `The step ${JSON.stringify(name)} failed: ${message}`,
      hint,
      place,
      status,
      retryAfterMs,
      cause: error,
    });
  }
}
