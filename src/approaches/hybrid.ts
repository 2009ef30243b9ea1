import { defineApproach, type PrepareInput, type RestoreContext } from '#core/approach.ts';
import type { Candidate, Manifest } from '#core/candidate.ts';
import { inputError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import { cascade } from './cascade.ts';
import { fineTuned } from './fine-tuned.ts';
import { contentForm } from './hybrid-content.ts';
import { distillationForm } from './hybrid-distillation.ts';
import type { HybridForm } from './hybrid-form.ts';
import { overlaysForm } from './hybrid-overlays.ts';
import { routerForm } from './hybrid-router.ts';
import { rungOfPart } from './part-rungs.ts';
import { restoreDrawn } from './tuned-draws.ts';

const forms: ReadonlyMap<string, HybridForm> = new Map([
  ['overlays', overlaysForm],
  ['content', contentForm],
  ['router', routerForm],
  ['distillation', distillationForm],
]);

/**
 * Tuning and prompting together, in one of four forms: the tuned model under overlays, tuned for the form with the content
 * from the prompt, a small tuned model with a large prompted one behind a router, or a small model that learns what a large
 * one wrote. The trainings are those of fine-tuned with the same options and rows, so that whichever comes second finds them
 * done.
 */
export const hybrid = defineApproach({
  id: 'hybrid',
  summary: 'Tuning and prompting together: overlays, content from the prompt, a router, or distillation.',
  trains: true,
  usesPrompts: (options) => formOf(options).usesPrompts?.(ownOf(options)) ?? false,
  usesKnowledge: (options) => formOf(options).usesKnowledge?.(ownOf(options)) ?? false,
  usesFiles: (options) => formOf(options).usesFiles?.(ownOf(options)) ?? {},
  otherModels: (options, roles) => formOf(options).otherModels?.(ownOf(options), roles) ?? [],
  checkOptions: (options) => formOf(options).checkOptions(ownOf(options)),
  skip: (input) => formOf(input.options).skip?.(ownInput(input)),
  forecast: (input) => formOf(input.options).forecast(ownInput(input)),
  prepare: (input, context) => formOf(input.options).prepare(ownInput(input), context),
  restore: (manifest, context) => restoreDrawn(manifest, context, restored),
});

/** A hybrid is a tuned prompt or a cascade; while it is prepared its parts are restored by their own rungs. */
function restored(manifest: Manifest, context: RestoreContext): Promise<Candidate> {
  const isCascade = manifest.state['routing'] !== undefined;
  if (isCascade) return cascade.restore(manifest, context);
  return manifest.approach === 'hybrid' ? fineTuned.restore(manifest, context) : rungOfPart(manifest.approach).restore(manifest, context);
}

function formOf({ form = 'overlays' }: JsonObject): HybridForm {
  const found = typeof form === 'string' ? forms.get(form) : undefined;
  if (found !== undefined) return found;
  throw inputError({
    code: 'option-unreadable',
    message: `The option form of the rung hybrid is ${JSON.stringify(form)}.`,
    hint: `It must be one of: ${[...forms.keys()].join(', ')}.`,
  });
}

function ownInput(input: PrepareInput): PrepareInput {
  return { ...input, options: ownOf(input.options) };
}

function ownOf({ form: _form, ...options }: JsonObject): JsonObject {
  return options;
}
