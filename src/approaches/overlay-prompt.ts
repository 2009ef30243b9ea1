import { z } from 'zod';
import type { PrepareInput } from '#core/approach.ts';
import type { Prompt } from '#core/prompt.ts';
import { overlaysOf } from '#data/prompt-library.ts';
import { layOver, literalSections, slotValues } from './prompt-fill.ts';
import { closeSections } from './prompt-turns.ts';

/** The option `overlays` of the rungs that have it. */
export const overlaysOption = z
  .array(z.string().trim().min(1))
  .min(1)
  .optional()
  .describe('a list of names of files in overlays/, without .md');

/** The prompt with the named overlays laid over it, in their order; as it is without a name. */
export function overlaidPrompt(prompt: Prompt, names: readonly string[] | undefined, { task, prompts }: PrepareInput): Prompt {
  if (names === undefined) return prompt;
  return closeSections(prompt.headed, layOver(literalSections(prompt), overlaysOf(prompts, names), slotValues(task))).prompt;
}
