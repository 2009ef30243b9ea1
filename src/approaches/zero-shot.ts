import { z } from 'zod';
import { defineApproach, type PrepareInput } from '#core/approach.ts';
import { forecastRepairs } from './json-repair.ts';
import { overlaidPrompt, overlaysOption } from './overlay-prompt.ts';
import { personaOption, withPersonaLength } from './persona-prompt.ts';
import { plainPrompt } from './prompt.ts';
import {
  forecastPrompted,
  outputTokensFor,
  type PromptedState,
  promptedCandidate,
  promptedManifest,
  readOptions,
  repairOption,
} from './prompted.ts';

const optionsSchema = z.object({ persona: personaOption, overlays: overlaysOption, repair: repairOption });

/** The instructions and the form of the answer, nothing else. */
export const zeroShot = defineApproach({
  id: 'zero-shot',
  summary: 'The instructions alone.',
  usesPrompts: ({ overlays }) => overlays !== undefined,
  checkOptions: (options) => void readOptions('zero-shot', optionsSchema, options),
  forecast(input) {
    const { prompt, repair = 0 } = stateOf(input);
    return { prepareCalls: 0, ...forecastRepairs(forecastPrompted(prompt, [], input), repair) };
  },
  prepare: async (input) => promptedManifest({ approach: 'zero-shot', name: input.name, model: input.model }, stateOf(input)),
  restore: (manifest, context) => promptedCandidate(manifest, context),
});

function stateOf(input: PrepareInput): PromptedState {
  const { persona, overlays, repair = 0 } = readOptions('zero-shot', optionsSchema, input.options);
  const prompt = overlaidPrompt(plainPrompt(withPersonaLength(input.task, persona)), overlays, input);
  const { output } = input.task;
  return { prompt, output, maxOutputTokens: outputTokensFor(output), shots: [], ...(repair > 0 && { repair }) };
}
