import type { Manifest } from '#core/candidate.ts';
import type { JobRecord } from '#core/job.ts';
import { contentHash, isJsonObject, type Json } from '#core/json.ts';
import type { ModelReference } from '#core/model.ts';
import type { TrainingData } from '#core/trainer.ts';
import type { Jobs } from '#jobs/jobs.ts';
import type { Models } from './models.ts';
import type { Plan, PlannedRung } from './plan.ts';

const manifestSchema: Manifest['schema'] = 'rung.candidate/1';

/** A tuned model inside a candidate, and what it was made of. */
export interface TunedReference {
  readonly tuned: ModelReference;
  /** The model as it was before any training. */
  readonly base: ModelReference;
  /** The trainings that made it, the last first: each went on from what the next one had made. Empty where they are not known any more. */
  readonly jobs: readonly JobRecord[];
  /** False where the trainings that are known do not go back to a model that was never trained. */
  readonly isTraced: boolean;
}

/** What a rung asks besides what it tuned. */
export interface KnownModels {
  /** The model that it tunes. */
  readonly base: string;
  /** Models that the task names: whatever else a candidate asks, a training made. */
  readonly named: ReadonlySet<string>;
}

/**
 * The tuned model that a candidate asks, wherever in its manifest it stands: one with an adapter, or one that a job made
 * under a name of its own. A candidate's own model, or that of a part of it, whose name is not among the `known` ones is such
 * a one whose job is not known any more; without them a name by itself tells nothing. The first of several; undefined where it
 * asks none.
 */
export function tunedReference(manifest: Manifest, jobs: readonly JobRecord[], known?: KnownModels): TunedReference | undefined {
  for (const { reference: tuned, isOwn } of referencesOf(manifest as unknown as Json, false)) {
    const chain = chainOf(tuned, jobs);
    const first = chain.at(-1)?.base ?? tuned;
    const isMade = known !== undefined && !known.named.has(first.model);
    if (tuned.adapter === undefined && chain.length === 0 && !(isOwn && isMade)) continue;
    const isTraced = chain.length > 0 && first.adapter === undefined && !isMade;
    return { tuned, base: { model: isMade ? known.base : first.model }, jobs: chain, isTraced };
  }
  return undefined;
}

/** What the rungs of a plan ask: models of roles and ladder entries, and what a rung names besides. */
export function knownModels(rung: PlannedRung, { rungs }: Pick<Plan, 'rungs'>, models: Pick<Models, 'nameOf' | 'roles'>): KnownModels {
  const besides = rung.approach.otherModels?.(rung.options, models.roles) ?? [];
  const asked = [...besides, ...[rung, ...rungs].map(({ model }) => model)].map((name) => models.nameOf(name));
  return { base: models.nameOf(rung.model), named: new Set([...Object.values(models.roles), ...asked]) };
}

/** The same candidate on the model as it was before training. */
export function beforeTraining(manifest: Manifest, { tuned, base }: TunedReference): Manifest {
  return replaced(manifest as unknown as Json, tuned, { model: base.model }) as unknown as Manifest;
}

/** What every training of a model learnt from, those whose rows are still there. */
export async function trainedOn(tuned: TunedReference | undefined, jobs: Pick<Jobs, 'data'>): Promise<readonly TrainingData[]> {
  const known = await Promise.all((tuned?.jobs ?? []).map(({ id }) => jobs.data(id).catch(() => undefined)));
  return known.filter((data) => data !== undefined);
}

/** A training may go on from what another made, and a service names every model anew: the jobs back to the first, each once. */
function chainOf(reference: ModelReference, jobs: readonly JobRecord[]): readonly JobRecord[] {
  const job = jobs.find(({ model }) => model !== undefined && isSame(model, reference));
  if (job === undefined) return [];
  const others = jobs.filter((each) => each !== job);
  return [job, ...chainOf(job.base, others)];
}

/** `isOwn` where it stands as the model of a candidate: elsewhere a row of the task, as of phones, may look like a reference. */
function* referencesOf(value: Json, isOwn: boolean): Generator<{ readonly reference: ModelReference; readonly isOwn: boolean }> {
  if (Array.isArray(value)) {
    for (const item of value) yield* referencesOf(item, false);
    return;
  }
  if (!isJsonObject(value)) return;
  if (isReference(value)) yield { reference: value, isOwn };
  const isManifest = value['schema'] === manifestSchema;
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined) yield* referencesOf(member, isManifest && name === 'model');
  }
}

function replaced(value: Json, tuned: ModelReference, base: { readonly model: string }): Json {
  if (Array.isArray(value)) return value.map((item) => replaced(item, tuned, base));
  if (!isJsonObject(value)) return value;
  if (isReference(value) && isSame(value, tuned)) return base;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => (member === undefined ? [] : [[name, replaced(member, tuned, base)]])),
  );
}

function isReference(value: object): value is ModelReference {
  const { model, adapter, ...others } = value as Partial<ModelReference>;
  return typeof model === 'string' && (adapter === undefined || typeof adapter === 'string') && Object.keys(others).length === 0;
}

function isSame(one: ModelReference, other: ModelReference): boolean {
  return contentHash([one.model, one.adapter ?? null]) === contentHash([other.model, other.adapter ?? null]);
}
