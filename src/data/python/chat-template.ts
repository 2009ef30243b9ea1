import { z } from 'zod';
import { inputError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';

// given with every conversation by whoever renders it
const ownArguments = ['messages', 'tools', 'documents', 'add_generation_prompt', 'strftime_now'];

/** What an entry of `providers:` says to a model's chat template besides the turns. */
export const chatTemplateSettings = {
  /** Arguments of the template, as `enable_thinking: false`. */
  chatTemplate: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/, 'expected the name of a template variable'), z.json())
    .refine((given) => !ownArguments.some((name) => name in given), `${ownArguments.join(', ')} are not for a task to set`)
    .optional(),
  /** The day that a template is told which writes the date. */
  today: z.iso.date().optional(),
};

/** The settings of the template in an entry: trainer and provider read them here, so that both tell it the same. Throws a usage error. */
export function chatTemplateOf({ chatTemplate, today }: JsonObject): JsonObject {
  const result = z.strictObject(chatTemplateSettings).safeParse({ chatTemplate, today });
  if (result.success) return { ...(chatTemplate !== undefined && { chatTemplate }), ...(today !== undefined && { today }) };
  const issue = result.error.issues[0];
  throw inputError({
    code: 'chat-template',
    message: `The settings of the chat template do not fit at ${issue?.path.join('.') ?? 'the top'}: ${issue?.message ?? 'unknown fault'}.`,
    hint: 'Correct the model\'s entry under "providers:", as chatTemplate: { enable_thinking: false } or today: 2026-01-31.',
  });
}
