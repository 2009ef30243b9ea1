import type { PrepareInput } from '#core/approach.ts';
import type { Models } from './models.ts';
import type { Plan, PlannedRung } from './plan.ts';

/** What a rung is asked with before anything is prepared; its model has no name where it asks none. */
export function rungInput({ approach, model, name, options }: PlannedRung, plan: Plan, models: Models): PrepareInput {
  return {
    task: plan.task,
    train: plan.splits.train,
    validation: plan.splits.validation,
    knowledge: plan.knowledge,
    prompts: plan.prompts,
    roles: models.roles,
    model: { model: approach.asksModel === false ? '' : models.nameOf(model) },
    name,
    options,
    seed: plan.seed,
    confidence: plan.task.confidence,
    ...(plan.files === undefined ? {} : { files: plan.files }),
  };
}

/** Why a rung cannot run on this task; undefined where it can. */
export function skipReason(rung: PlannedRung, plan: Plan, models: Models): string | undefined {
  return rung.approach.skip?.(rungInput(rung, plan, models));
}
