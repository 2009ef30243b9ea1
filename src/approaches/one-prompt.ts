import { z } from 'zod';
import { type Approach, defineApproach, type PrepareInput } from '#core/approach.ts';
import type { Prompt } from '#core/prompt.ts';
import type { TaskBrief } from '#core/task-brief.ts';
import { forecastRepairs } from './json-repair.ts';
import { overlaidPrompt, overlaysOption } from './overlay-prompt.ts';
import { personaOption, withPersonaLength } from './persona-prompt.ts';
import {
  forecastPrompted,
  outputTokensFor,
  type PromptedState,
  promptedCandidate,
  promptedManifest,
  readOptions,
  repairOption,
} from './prompted.ts';

const sharedOptions = { persona: personaOption, overlays: overlaysOption, repair: repairOption };

interface OnePrompt<S extends z.ZodRawShape> {
  readonly id: string;
  readonly summary: string;
  /** Options besides those for persona, overlays and repair. */
  readonly options: S;
  promptFor(task: TaskBrief, options: z.output<z.ZodObject<S>>): Prompt;
}

/** A rung that asks every question with one prompt, made of the task alone. */
export function onePromptRung<S extends z.ZodRawShape>({ id, summary, options, promptFor }: OnePrompt<S>): Approach {
  const own = z.object(options);
  const all = z.object({ ...options, ...sharedOptions });
  const shared = z.object(sharedOptions);
  const stateOf = (input: PrepareInput): PromptedState => {
    readOptions(id, all, input.options);
    const { persona, overlays, repair = 0 } = shared.parse(input.options);
    const { output } = input.task;
    const prompt = overlaidPrompt(promptFor(withPersonaLength(input.task, persona), own.parse(input.options)), overlays, input);
    return { prompt, output, maxOutputTokens: outputTokensFor(output), shots: [], ...(repair > 0 && { repair }) };
  };
  return defineApproach({
    id,
    summary,
    usesPrompts: ({ overlays }) => overlays !== undefined,
    checkOptions: (given) => void readOptions(id, all, given),
    forecast(input) {
      const { prompt, repair = 0 } = stateOf(input);
      return { prepareCalls: 0, ...forecastRepairs(forecastPrompted(prompt, [], input), repair) };
    },
    prepare: async (input) => promptedManifest({ approach: id, name: input.name, model: input.model }, stateOf(input)),
    restore: (manifest, context) => promptedCandidate(manifest, context),
  });
}
