import { z } from 'zod';
import { defineApproach, type PrepareInput } from '#core/approach.ts';
import { overlaysOf, versionOf } from '#data/prompt-library.ts';
import { hasSlot } from '#data/prompt-slots.ts';
import { forecastRepairs } from './json-repair.ts';
import { overlaysOption } from './overlay-prompt.ts';
import { personaOption, withPersonaLength } from './persona-prompt.ts';
import { fillSections, layOver, slotValues } from './prompt-fill.ts';
import { keepKnowledge, knowledgeCandidate, knowledgeState, showsKnowledge, usualPassages, withFoundPassages } from './prompt-knowledge.ts';
import { lengthFault } from './prompt-length.ts';
import { closeSections } from './prompt-turns.ts';
import {
  forecastPrompted,
  outputTokensFor,
  type PromptedState,
  promptedCandidate,
  promptedManifest,
  readOptions,
  repairOption,
} from './prompted.ts';
import { noDocuments, passageCount } from './retrieval-settings.ts';

const optionsSchema = z.object({
  version: z.string().trim().min(1).optional().describe('the name of a file in prompts/, without .md'),
  passages: passageCount.optional().describe('a whole number from 1 to 20: how many passages {{knowledge}} shows'),
  persona: personaOption,
  overlays: overlaysOption,
  repair: repairOption,
});

const noVersion = 'The task has no prompt version: make one with rung prompt new NAME --template classify.';

/** A version of the task's prompts folder, as it was written. */
export const promptVersion = defineApproach({
  id: 'prompt',
  summary: 'A prompt version of prompts/, with or without overlays.',
  usesPrompts: () => true,
  // whether a version has a place for passages stands in its file
  usesKnowledge: () => true,
  checkOptions: (options) => void readOptions('prompt', optionsSchema, options),
  skip(input) {
    if (input.prompts.versions.length === 0) return noVersion;
    return showsKnowledge(versionState(input)) && input.knowledge.length === 0 ? noDocuments : undefined;
  },
  forecast(input) {
    const first = input.train[0]?.input ?? '';
    const { prompt, shots, open, repair = 0 } = withFoundPassages(versionState(input), input, passagesOf(input), first);
    return { prepareCalls: 0, ...forecastRepairs(forecastPrompted(prompt, shots, input, open), repair) };
  },
  async prepare(input, context) {
    const about = { approach: 'prompt', name: input.name, model: input.model };
    const state = versionState(input);
    const first = input.train[0]?.input ?? '';
    const tooLong = lengthFault(await context.model(input.model), withFoundPassages(state, input, passagesOf(input), first), first);
    if (tooLong !== undefined) context.progress({ message: tooLong });
    if (!showsKnowledge(state)) return promptedManifest(about, state);
    const knowledge = knowledgeState(passagesOf(input));
    return promptedManifest(about, { ...state, ...knowledge }, await keepKnowledge(input, knowledge, context));
  },
  restore: (manifest, context) =>
    manifest.artefacts['passages'] === undefined ? promptedCandidate(manifest, context) : knowledgeCandidate(manifest, context),
});

function passagesOf({ options }: PrepareInput): number {
  return readOptions('prompt', optionsSchema, options).passages ?? usualPassages;
}

/** What a version comes to for a task: its texts filled, its overlays laid over it. Throws a usage error where that cannot be. */
export function versionState({ task, prompts, options }: Pick<PrepareInput, 'task' | 'prompts' | 'options'>): PromptedState & {
  readonly version: string;
  readonly overlays?: readonly string[];
} {
  const { version: name, persona, overlays = [], repair = 0 } = readOptions('prompt', optionsSchema, options);
  const version = versionOf(prompts, name);
  const { prompt, shots, maxOutputTokens, file } = version;
  const values = slotValues(withPersonaLength(task, persona), shots);
  const sections = layOver(fillSections(prompt.sections, values, file), overlaysOf(prompts, overlays), values);
  // examples that the text shows are not sent as turns too
  const inText = prompt.sections.some(({ text }) => hasSlot(text, 'examples'));
  return {
    ...closeSections(prompt.headed, sections),
    output: task.output,
    maxOutputTokens: maxOutputTokens ?? outputTokensFor(task.output),
    shots: inText ? [] : shots,
    ...(repair > 0 && { repair }),
    version: version.name,
    ...(overlays.length > 0 && { overlays }),
  };
}
