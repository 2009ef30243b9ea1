import { z } from 'zod';
import { onePromptRung } from './one-prompt.ts';
import { structuredPrompt } from './prompt.ts';

/** Role, context, task, constraints and format, each under its heading. */
export const structured = onePromptRung({
  id: 'structured',
  summary: 'Role, context, task, constraints and format under headings.',
  options: {
    avoid: z.array(z.string().trim().min(1)).min(1).optional().describe('a list of things not to do, such as ["guess", "quote prices"]'),
  },
  promptFor(task, { avoid = [] }) {
    const constraints = [...(task.prompt.constraints ?? []), ...avoid.map(prohibition)];
    return structuredPrompt({ ...task, prompt: { ...task.prompt, ...(constraints.length > 0 && { constraints }) } });
  },
});

// a line that is a prohibition already is not turned into its opposite
function prohibition(action: string): string {
  const line = /^(do not|don't|never|avoid|no)\b/i.test(action) ? action : `Do not ${action}`;
  return /[.!]$/.test(line) ? line : `${line}.`;
}
