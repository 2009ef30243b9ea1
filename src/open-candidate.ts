import type { Approach } from '#core/approach.ts';
import { inputError } from '#core/errors.ts';
import { type Plugins, pluginById } from '#core/plugins.ts';
import type { PreparedCandidate } from '#core/run.ts';
import { type PrepareOptions, prepare } from '#engine/prepare.ts';
import { skipReason } from '#engine/rung-input.ts';
import { knownModels, type TunedReference, tunedReference } from '#engine/tuned-reference.ts';

/** A frozen candidate with the approach that can restore it. */
export interface OpenedCandidate extends PreparedCandidate {
  readonly approach: Approach;
  /** The tuned model that it asks, if any. */
  readonly tuned: TunedReference | undefined;
}

/** The candidate of that name: a rung's, prepared where that was not done yet, or from the store by its id. Throws where there is none. */
export async function openCandidate(
  name: string,
  preparing: PrepareOptions,
  { approaches }: Pick<Plugins, 'approaches'>,
): Promise<OpenedCandidate> {
  const { plan, models, store, jobs } = preparing;
  const rung = plan.rungs.find((one) => one.name === name);
  if (rung !== undefined) {
    const why = skipReason(rung, plan, models);
    if (why !== undefined) throw inputError({ code: 'rung-skipped', message: `The rung ${rung.name} does not run on this task: ${why}` });
    const prepared = await prepare(rung, preparing);
    const tuned = tunedReference(prepared.manifest, await jobs.list(), knownModels(rung, plan, models));
    return { ...prepared, approach: rung.approach, tuned };
  }
  const stored = await store.candidate(name);
  if (stored === undefined) {
    throw inputError({
      code: 'unknown-candidate',
      message: `There is no rung and no stored candidate named ${JSON.stringify(name)}.`,
      hint: `The ladder has: ${plan.rungs.map((one) => one.name).join(', ')}; ids of candidates that were measured are in decision.json.`,
      place: { file: plan.task.file },
    });
  }
  const own = plan.rungs.find(({ approach }) => approach.id === stored.manifest.approach)?.approach;
  // which models its rung named is not known any more
  const tuned = tunedReference(stored.manifest, await jobs.list());
  return { ...stored, approach: own ?? pluginById('rung', approaches, stored.manifest.approach), tuned };
}
