import { z } from 'zod';
import { inputError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';

/** A share that an upper bound is held against. */
export function limitOption(otherwise: number) {
  return z.number().min(0).max(1).default(otherwise);
}

/** Whether a guard that did not pass keeps the model from being chosen. */
export const blocksOption = z.boolean().default(true);

/** The options of a guard, defaults filled in. Throws a usage error that names the option that does not fit. */
export function readOptions<T extends z.ZodObject>(guard: string, schema: T, options: JsonObject): z.output<T> {
  const read = schema.safeParse(options);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  const at = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  throw inputError({
    code: 'guard-option-unreadable',
    message: `An option of the guard ${guard} does not fit: ${at}${issue?.message ?? 'it cannot be read'}.`,
    hint: `It has: ${Object.keys(schema.shape).join(', ')}. Under guards: in the task, ${guard}: false switches it off.`,
  });
}
