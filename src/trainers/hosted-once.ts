import { ModelError } from '#core/model-error.ts';
import { mostAttempts, retryDelayMs, type ServiceClock } from '#http/service-client.ts';

/**
 * Does a thing that costs money or leaves something behind when it is done twice: where it may have been done already, because an
 * earlier process began it or its reply was lost, it is looked for before it is done again. Throws the last ModelError.
 */
export async function doOnce<T>(options: {
  readonly tried: boolean;
  readonly clock: ServiceClock;
  readonly signal: AbortSignal;
  act(): Promise<T>;
  find(): Promise<T | undefined>;
}): Promise<T> {
  const { clock, signal, act, find } = options;
  for (let attempt = 0; ; attempt++) {
    if (options.tried || attempt > 0) {
      const found = await find();
      if (found !== undefined) return found;
    }
    try {
      return await act();
    } catch (error) {
      if (!ModelError.is(error) || !error.retryable || attempt + 1 >= mostAttempts) throw error;
      await clock.wait(retryDelayMs(attempt, error, clock.random()), signal);
    }
  }
}
