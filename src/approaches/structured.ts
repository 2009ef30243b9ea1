import { z } from 'zod';
import { defineApproach, type PrepareInput } from '#core/approach.ts';
import type { Prompt } from '#core/prompt.ts';
import type { TaskBrief } from '#core/task-brief.ts';
import { forecastRepairs } from './json-repair.ts';
import { overlaidPrompt, overlaysOption } from './overlay-prompt.ts';
import { personaOption, withPersonaLength } from './persona-prompt.ts';
import { structuredPrompt } from './prompt.ts';
import {
  forecastPrompted,
  outputTokensFor,
  type PromptedState,
  promptedCandidate,
  promptedManifest,
  readOptions,
  repairOption,
} from './prompted.ts';

const optionsSchema = z.object({
  avoid: z.array(z.string().trim().min(1)).min(1).optional().describe('a list of things not to do, such as ["guess", "quote prices"]'),
  persona: personaOption,
  overlays: overlaysOption,
  repair: repairOption,
});

/** Role, context, task, constraints and format, each under its heading. */
export const structured = defineApproach({
  id: 'structured',
  summary: 'Role, context, task, constraints and format under headings.',
  usesPrompts: ({ overlays }) => overlays !== undefined,
  checkOptions: (options) => void readOptions('structured', optionsSchema, options),
  forecast(input) {
    const { prompt, repair = 0 } = stateOf(input);
    return { prepareCalls: 0, ...forecastRepairs(forecastPrompted(prompt, [], input), repair) };
  },
  prepare: async (input) => promptedManifest({ approach: 'structured', name: input.name, model: input.model }, stateOf(input)),
  restore: (manifest, context) => promptedCandidate(manifest, context),
});

function stateOf(input: PrepareInput): PromptedState {
  const { avoid, persona, overlays, repair = 0 } = readOptions('structured', optionsSchema, input.options);
  const prompt = overlaidPrompt(promptFor(withPersonaLength(input.task, persona), avoid), overlays, input);
  const { output } = input.task;
  return { prompt, output, maxOutputTokens: outputTokensFor(output), shots: [], ...(repair > 0 && { repair }) };
}

function promptFor(task: TaskBrief, avoid: readonly string[] = []): Prompt {
  const constraints = [...(task.prompt.constraints ?? []), ...avoid.map(prohibition)];
  return structuredPrompt({ ...task, prompt: { ...task.prompt, ...(constraints.length > 0 && { constraints }) } });
}

// a line that is a prohibition already is not turned into its opposite
function prohibition(action: string): string {
  const line = /^(do not|don't|never|avoid|no)\b/i.test(action) ? action : `Do not ${action}`;
  return /[.!]$/.test(line) ? line : `${line}.`;
}
