import type { Approach } from '#core/approach.ts';
import { inputError } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import { pluginById } from '#core/plugins.ts';
import type { TrainingMethod } from '#core/trainer.ts';
import type { Plan, PlannedRung } from '#engine/plan.ts';

export interface RungAsked {
  /** Name of a ladder entry, or id of a rung that need not be on the ladder. */
  readonly rung?: string;
  readonly method?: TrainingMethod;
  /** A role of `models:` or a model name. */
  readonly model?: string;
  /** Over those of the ladder entry. */
  readonly options: JsonObject;
}

/** The rung that learns by a method. */
const rungOfMethod: Readonly<Record<TrainingMethod, string>> = {
  supervised: 'fine-tuned',
  preference: 'preference-tuned',
  pretraining: 'pretrained',
};

/**
 * The rung to tune: the ladder's own entry, else one of the task's base model, with the options of this run. Throws a
 * usage error for a rung that is not known and for options that it does not take.
 */
export function tunedRung(
  { rungs, task }: Plan,
  { rung: name, method, model, options }: RungAsked,
  approaches: readonly Approach[],
): PlannedRung {
  const wanted = name ?? rungOfMethod[method ?? 'supervised'];
  const own = rungs.find((rung) => rung.name === wanted) ?? rungs.find(({ approach }) => approach.id === wanted);
  const approach = own?.approach ?? pluginById('rung', approaches, wanted, task.file);
  if (method !== undefined && name !== undefined && approach.id !== rungOfMethod[method]) {
    throw inputError({
      code: 'method-of-another-rung',
      message: `The rung ${name} does not learn by the method ${method}.`,
      hint: `Name a rung of ${rungOfMethod[method]}, or leave out --rung or --method.`,
    });
  }
  if (!approach.trains) {
    throw inputError({
      code: 'nothing-tuned',
      message: `The rung ${own?.name ?? approach.id} trains no model.`,
      hint: `Name one that does: ${approaches.flatMap(({ id, trains }) => (trains ? [id] : [])).join(', ')}.`,
    });
  }
  const rung: PlannedRung = {
    name: own?.name ?? approach.id,
    approach,
    model: model ?? own?.model ?? 'base',
    options: { ...own?.options, ...options },
  };
  approach.checkOptions(rung.options);
  return rung;
}

/** The ladder entry that a later climb would need to find what was tuned with other options; undefined where it has it. */
export function entryFor({ rungs }: Plan, { name, approach, model, options }: PlannedRung): string | undefined {
  const own = rungs.find((rung) => rung.name === name);
  const same = own !== undefined && own.model === model && JSON.stringify(own.options) === JSON.stringify(options);
  if (same) return undefined;
  const parts = { rung: approach.id, ...(name !== approach.id && { name }), ...(model !== 'base' && { model }), ...options };
  return `{ ${Object.entries(parts)
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')} }`;
}
