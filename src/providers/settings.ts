import type { z } from 'zod';
import { inputError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';

/**
 * Reads a provider's settings by its schema.
 * Throws a usage error that names the setting; values are never repeated, since one may be a key put there by mistake.
 */
export function readSettings<T>(schema: z.ZodType<T>, settings: JsonObject, provider: string): T {
  const result = schema.safeParse(settings);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
  throw inputError({
    code: 'provider-settings',
    message: `The settings of the provider ${provider} do not fit${where}: ${issue?.message ?? 'unknown fault'}.`,
    hint: `Correct its entry under "providers:" in the task file.`,
  });
}
