import { z } from 'zod';
import { defineApproach } from '#core/approach.ts';
import type { Prompt } from '#core/prompt.ts';
import type { TaskBrief } from '#core/task-brief.ts';
import { forecastRepairs } from './json-repair.ts';
import { structuredPrompt } from './prompt.ts';
import { forecastPrompted, outputTokensFor, promptedCandidate, promptedManifest, readOptions, repairOption } from './prompted.ts';

const optionsSchema = z.object({
  avoid: z.array(z.string().trim().min(1)).min(1).optional().describe('a list of things not to do, such as ["guess", "quote prices"]'),
  repair: repairOption,
});

/** Role, context, task, constraints and format, each under its heading. */
export const structured = defineApproach({
  id: 'structured',
  summary: 'Role, context, task, constraints and format under headings.',
  checkOptions: (options) => void readOptions('structured', optionsSchema, options),
  forecast(input) {
    const { avoid, repair = 0 } = readOptions('structured', optionsSchema, input.options);
    return { prepareCalls: 0, ...forecastRepairs(forecastPrompted(promptFor(input.task, avoid), [], input), repair) };
  },
  async prepare({ task, model, name, options }) {
    const { avoid, repair = 0 } = readOptions('structured', optionsSchema, options);
    const state = { prompt: promptFor(task, avoid), output: task.output, maxOutputTokens: outputTokensFor(task.output), shots: [] };
    return promptedManifest({ approach: 'structured', name, model }, { ...state, ...(repair > 0 && { repair }) });
  },
  restore: (manifest, context) => promptedCandidate(manifest, context),
});

function promptFor(task: TaskBrief, avoid: readonly string[] = []): Prompt {
  const constraints = [...(task.prompt.constraints ?? []), ...avoid.map(prohibition)];
  return structuredPrompt({ ...task, prompt: { ...task.prompt, ...(constraints.length > 0 && { constraints }) } });
}

// a line that is a prohibition already is not turned into its opposite
function prohibition(action: string): string {
  const line = /^(do not|don't|never|avoid|no)\b/i.test(action) ? action : `Do not ${action}`;
  return /[.!]$/.test(line) ? line : `${line}.`;
}
