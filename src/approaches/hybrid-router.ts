import type { PrepareInput } from '#core/approach.ts';
import type { JsonObject } from '#core/json.ts';
import { cascade } from './cascade.ts';
import type { CascadeState } from './cascade-candidate.ts';
import { notesOf, withNotes } from './fine-tuned.ts';
import type { HybridForm } from './hybrid-form.ts';
import { refuseIdleOption } from './prompted.ts';
import { splitOptions } from './tuned-options.ts';

/** Options of the cascade; all others are those of the tuned part. */
const ofCascade: ReadonlySet<string> = new Set(['strong', 'confidence', 'judge', 'loss', 'lossConfidence']);

/** A small tuned model first, and a large prompted one where it is not sure: a cascade whose cheap part is fine-tuned. */
export const routerForm: HybridForm = {
  usesPrompts: (options) => cascade.usesPrompts?.(cascadeOf(options)) ?? false,
  usesKnowledge: (options) => cascade.usesKnowledge?.(cascadeOf(options)) ?? false,
  usesFiles: (options) => cascade.usesFiles?.(cascadeOf(options)) ?? {},
  otherModels: (options, roles) => cascade.otherModels?.(cascadeOf(options), roles) ?? [],
  checkOptions(options) {
    for (const name of ['overlays', 'cheap'])
      refuseIdleOption('hybrid', name, options, 'another form: the tuned model is the cheap part here');
    cascade.checkOptions(cascadeOf(options));
  },
  skip: (input) => cascade.skip?.(cascadeInput(input)),
  forecast: (input) => cascade.forecast!(cascadeInput(input)),
  async prepare(input, context) {
    const manifest = await cascade.prepare(cascadeInput(input), context);
    const { cheap } = manifest.state as unknown as CascadeState;
    return withNotes({ ...manifest, approach: 'hybrid' }, notesOf(cheap));
  },
};

function cascadeInput(input: PrepareInput): PrepareInput {
  return { ...input, options: cascadeOf(input.options) };
}

function cascadeOf(options: JsonObject): JsonObject {
  const { own, tuning } = splitOptions(options, (name) => ofCascade.has(name));
  return { ...own, cheap: { ...tuning, rung: 'fine-tuned' } };
}
