import { inputError } from '#core/errors.ts';
import type { Random } from '#statistics/random.ts';

/** Some of the items in a drawn order, each at most once. */
export function drawSome<T>(items: readonly T[], count: number, random: Random): T[] {
  const pool = [...items];
  const wanted = Math.min(count, pool.length);
  for (let at = 0; at < wanted; at++) {
    const other = at + Math.floor(random() * (pool.length - at));
    [pool[at], pool[other]] = [pool[other]!, pool[at]!];
  }
  return pool.slice(0, wanted);
}

/** One of the items, of which there is at least one. */
export function drawOne<T>(items: readonly T[], random: Random): T {
  return items[Math.floor(random() * items.length)]!;
}

/** Throws where a task has no rows to ask. */
export function needExamples(probe: string, examples: readonly unknown[]): void {
  if (examples.length > 0) return;
  throw inputError({
    code: 'probe-without-examples',
    message: `The probe ${probe} draws its questions from the task's examples, and there are none to draw from.`,
    hint: 'Add examples to the task.',
  });
}
