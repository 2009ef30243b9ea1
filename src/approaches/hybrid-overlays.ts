import { z } from 'zod';
import type { PrepareInput } from '#core/approach.ts';
import type { JsonObject } from '#core/json.ts';
import type { Prompt } from '#core/prompt.ts';
import { overlaysOf } from '#data/prompt-library.ts';
import { fineTuned } from './fine-tuned.ts';
import type { HybridForm } from './hybrid-form.ts';
import { overlaidPrompt, overlaysOption } from './overlay-prompt.ts';
import { readOptions } from './prompted.ts';
import { splitOptions } from './tuned-options.ts';

const optionsSchema = z.object({ overlays: overlaysOption });

const noOverlays = 'The task has no overlay: put one into its overlays/ folder, or take the rung fine-tuned.';

/** The tuned model asked with its prompt and overlays: all of the folder in the order of their names unless told. */
export const overlaysForm: HybridForm = {
  usesPrompts: () => true,
  usesKnowledge: (options) => fineTuned.usesKnowledge?.(options) ?? false,
  usesFiles: (options) => fineTuned.usesFiles?.(options) ?? {},
  otherModels: (options, roles) => fineTuned.otherModels?.(options, roles) ?? [],
  checkOptions(options) {
    const { own, tuning } = parted(options);
    readOptions('hybrid', optionsSchema, own);
    fineTuned.checkOptions(tuning);
  },
  skip(input) {
    if (namesOf(input).length === 0) return noOverlays;
    overlaysOf(input.prompts, namesOf(input));
    return fineTuned.skip?.(tuningInput(input));
  },
  forecast(input) {
    const answer = fineTuned.forecast!(tuningInput(input));
    const added = input.prompts.overlays.filter(({ name }) => namesOf(input).includes(name)).flatMap(({ sections }) => sections);
    const bytes = added.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    return { ...answer, inputTokens: answer.inputTokens + Math.ceil(bytes / 4) };
  },
  async prepare(input, context) {
    const tuned = await fineTuned.prepare(tuningInput(input), context);
    const overlays = namesOf(input);
    const prompt = overlaidPrompt(tuned.state['prompt'] as unknown as Prompt, overlays, input);
    return { ...tuned, approach: 'hybrid', state: { ...tuned.state, prompt: prompt as unknown as JsonObject, overlays } };
  },
};

function namesOf({ options, prompts }: PrepareInput): readonly string[] {
  return readOptions('hybrid', optionsSchema, parted(options).own).overlays ?? prompts.overlays.map(({ name }) => name);
}

function tuningInput(input: PrepareInput): PrepareInput {
  return { ...input, options: parted(input.options).tuning };
}

function parted(options: JsonObject) {
  return splitOptions(options, (name) => name in optionsSchema.shape);
}
