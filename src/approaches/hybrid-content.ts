import type { PrepareInput } from '#core/approach.ts';
import type { JsonObject } from '#core/json.ts';
import { fineTuned, withNotes } from './fine-tuned.ts';
import { changedDocuments } from './hybrid-changed.ts';
import type { HybridForm } from './hybrid-form.ts';
import { refuseIdleOption } from './prompted.ts';

/**
 * Tuned for the form, with the content from the prompt: every training row shows the passages that its question finds, so
 * that the model learns to take the answer from them. After the tune the facts in the documents are exchanged, to see
 * whether it reads them or recalls what it was trained on.
 */
export const contentForm: HybridForm = {
  usesKnowledge: () => true,
  usesFiles: (options) => fineTuned.usesFiles?.(options) ?? {},
  otherModels: (options, roles) => fineTuned.otherModels?.(tuningOf(options), roles) ?? [],
  checkOptions(options) {
    refuseIdleOption('hybrid', 'overlays', options, 'form: overlays');
    fineTuned.checkOptions(tuningOf(options));
  },
  skip: (input) => fineTuned.skip?.(tuningInput(input)),
  forecast(input) {
    const answer = fineTuned.forecast!(tuningInput(input));
    // once with the documents as they are, once with their facts exchanged
    return { ...answer, prepareCalls: answer.prepareCalls + 2 * input.validation.length };
  },
  async prepare(input, context) {
    const given = tuningInput(input);
    const tuned = { ...(await fineTuned.prepare(given, context)), approach: 'hybrid' };
    return withNotes(tuned, await changedDocuments(tuned, given, context));
  },
};

function tuningOf({ retrieval = {}, ...options }: JsonObject): JsonObject {
  return { ...options, retrieval };
}

function tuningInput(input: PrepareInput): PrepareInput {
  return { ...input, options: tuningOf(input.options) };
}
