import type { Manifest } from '#core/candidate.ts';
import type { JobRecord } from '#core/job.ts';
import { contentHash, isJsonObject, type Json } from '#core/json.ts';
import type { ModelReference } from '#core/model.ts';

/** A tuned model inside a candidate, and what it was made of. */
export interface TunedReference {
  readonly tuned: ModelReference;
  /** The model as it was before any training. */
  readonly base: ModelReference;
  /** The job that made it; absent where it is not known any more. */
  readonly job?: JobRecord;
}

/**
 * The tuned model that a candidate asks, wherever in its manifest it stands: one with an adapter, or one that a job made
 * under a name of its own. The first of several; undefined where it asks none.
 */
export function tunedReference(manifest: Manifest, jobs: readonly JobRecord[]): TunedReference | undefined {
  for (const tuned of referencesOf(manifest as unknown as Json)) {
    const job = jobs.find(({ model }) => model !== undefined && isSame(model, tuned));
    if (tuned.adapter === undefined && job === undefined) continue;
    return { tuned, base: { model: originOf(job?.base ?? tuned, jobs) }, ...(job === undefined ? {} : { job }) };
  }
  return undefined;
}

/** The same candidate on the model as it was before training. */
export function beforeTraining(manifest: Manifest, { tuned, base }: TunedReference): Manifest {
  return replaced(manifest as unknown as Json, tuned, { model: base.model }) as unknown as Manifest;
}

/** The model that a chain of jobs began with: a service names every model of it anew. */
function originOf(reference: ModelReference, jobs: readonly JobRecord[]): string {
  const job = jobs.find(({ model }) => model !== undefined && isSame(model, reference));
  const others = jobs.filter((each) => each !== job);
  return job === undefined ? reference.model : originOf(job.base, others);
}

function* referencesOf(value: Json): Generator<ModelReference> {
  if (Array.isArray(value)) {
    for (const item of value) yield* referencesOf(item);
    return;
  }
  if (!isJsonObject(value)) return;
  if (isReference(value)) yield value;
  for (const member of Object.values(value)) if (member !== undefined) yield* referencesOf(member);
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
