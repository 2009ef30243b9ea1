import type { Approach } from '#core/approach.ts';
import { candidateId } from '#core/candidate.ts';
import { messagesOf } from '#core/example.ts';
import { defineMetric } from '#core/metric.ts';
import type { Clock } from './clock.ts';

/** A clock that moves only when something waits, so that back-off is tested without waiting. */
export function manualClock(): Clock & { waited: number[]; advance(milliseconds: number): void } {
  let time = 1_000_000;
  const waited: number[] = [];
  return {
    waited,
    advance: (milliseconds) => {
      time += milliseconds;
    },
    now: () => time,
    elapsed: () => time,
    random: () => 0.5,
    async wait(milliseconds, signal) {
      signal.throwIfAborted();
      waited.push(milliseconds);
      time += milliseconds;
      await Promise.resolve();
    },
  };
}

export const never: AbortSignal = new AbortController().signal;

/** Right where the answer is the expected one to the letter. */
export const accuracy = defineMetric({
  ...{ id: 'accuracy', summary: '', better: 'higher', scale: 'proportion', onError: 0 },
  score: ({ expected }, { text }) => ({ value: expected === text ? 1 : 0 }),
});

/** A candidate that hands the question to its own model. */
export const restoreModel: Approach['restore'] = async (manifest, context) => ({
  id: candidateId(manifest),
  manifest,
  async answer(input, { signal }) {
    const model = await context.model(manifest.model!);
    const { response, call } = await model.generate({ messages: messagesOf(input) }, { signal });
    return { text: response.text, value: response.text, strict: true, calls: [call] };
  },
});
