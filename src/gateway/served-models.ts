import type { ArtefactStore } from '#core/approach.ts';
import type { Model, ModelReference } from '#core/model.ts';
import { readKey } from '#http/api-key.ts';
import type { Bases } from './bases.ts';
import type { ServeConfig } from './config.ts';
import { changeJob, type JobContext } from './job-context.ts';
import { type Answerer, modelAnswerer } from './served-model.ts';
import { type TunedModel, tunedModels } from './tuned-models.ts';
import { openUpstream, type Upstream } from './upstream.ts';
import { upstreamKinds } from './upstream-adapters.ts';
import { upstreamAnswerer } from './upstream-answerer.ts';
import { unknownModel, WireError } from './wire-error.ts';

/** A model as OpenAI's clients type it. */
interface WireModel {
  readonly id: string;
  readonly object: 'model';
  readonly created: number;
  readonly owned_by: string;
}

/** Everything that answers under a name: base models, tuned ones, and their checkpoints. */
export interface ServedModels {
  list(): readonly WireModel[];
  /** Throws status 404. */
  read(name: string): WireModel;
  /** Throws status 404 for a name that is none, and what opening its model throws. */
  answerer(name: string): Promise<Answerer>;
  /** Takes a tuned model away. Throws status 404, or 403 for one that is not tuned. */
  remove(name: string): Promise<void>;
  close(): Promise<void>;
}

export interface ServedModelsOptions {
  readonly config: ServeConfig;
  readonly bases: Bases;
  readonly artefacts: ArtefactStore;
  readonly context: JobContext;
  /** Seconds since 1970 at which the server began. */
  readonly startedAt: number;
  /** A seed for a request that gives none. */
  seed(): number;
}

export function openServedModels(options: ServedModelsOptions): ServedModels {
  const { config, bases, artefacts, context, startedAt, seed } = options;
  const upstreams = new Map<string, Upstream>();
  const opened = new Map<string, { readonly answerer: Promise<Answerer>; model?: Model }>();

  const tuned = () => tunedModels(context.records.list(), config.organization);
  const wire = (id: string, created: number, owned_by: string): WireModel => ({ id, object: 'model', created, owned_by });
  const wireTuned = ({ name, at }: TunedModel) => wire(name, Math.floor(at / 1000), `org-${config.organization}`);
  const known = () => [...bases.names, ...tuned().map(({ name }) => name)];

  const upstreamOf = (name: string): Upstream => {
    let upstream = upstreams.get(name);
    const settings = config.upstreams[name];
    if (settings === undefined) throw unknownModel(name, known());
    if (upstream === undefined) {
      const variable = settings.apiKeyEnv;
      const key =
        variable === undefined ? undefined : readKey({ provider: name, variable, environment: context.environment, required: true });
      upstream = openUpstream(name, settings, key);
      upstreams.set(name, upstream);
    }
    return upstream;
  };

  const open = async (name: string, base: string, reference: ModelReference): Promise<{ answerer: Answerer; model?: Model }> => {
    const folder = reference.adapter === undefined ? undefined : await artefacts.path(reference.adapter);
    const settings = config.upstreams[base];
    if (settings === undefined) {
      const model = await bases.open(reference, folder);
      return { answerer: modelAnswerer(model, seed), model };
    }
    const upstream = upstreamOf(base);
    return {
      answerer: upstreamAnswerer(upstream, upstreamKinds[settings.kind](upstream, folder === undefined ? undefined : { name, folder })),
    };
  };

  return {
    list: () => [
      ...bases.names.map((name) => wire(name, startedAt, 'rung')),
      ...tuned()
        .filter(({ isCheckpoint }) => !isCheckpoint)
        .map(wireTuned),
    ],
    read(name) {
      if (bases.has(name)) return wire(name, startedAt, 'rung');
      const found = tuned().find((model) => model.name === name);
      if (found === undefined) throw unknownModel(name, known());
      return wireTuned(found);
    },
    async answerer(name) {
      const before = opened.get(name);
      if (before !== undefined) return before.answerer;
      const found = bases.has(name) ? { base: name, reference: { model: name } } : fromJob(tuned().find((model) => model.name === name));
      if (found === undefined) throw unknownModel(name, known());
      const work = open(name, found.base, found.reference);
      const entry: { readonly answerer: Promise<Answerer>; model?: Model } = { answerer: work.then(({ answerer }) => answerer) };
      opened.set(name, entry);
      try {
        const { model } = await work;
        if (model !== undefined) entry.model = model;
        return await entry.answerer;
      } catch (error) {
        opened.delete(name);
        throw error;
      }
    },
    async remove(name) {
      if (bases.has(name))
        throw new WireError(403, `The model ${JSON.stringify(name)} was not tuned here and stays.`, { param: 'model', code: 'not_tuned' });
      const found = tuned().find((model) => model.name === name && !model.isCheckpoint);
      if (found === undefined) throw unknownModel(name, known());
      await changeJob(found.job.id, context, () => ({ modelDeleted: true }));
      for (const [served, { model }] of opened) {
        if (served !== name && !served.startsWith(`${name}:`)) continue;
        opened.delete(served);
        await model?.close?.();
      }
    },
    async close() {
      for (const { model } of opened.values()) await model?.close?.();
      opened.clear();
      for (const upstream of upstreams.values()) await upstream.close();
      upstreams.clear();
    },
  };
}

function fromJob(found: TunedModel | undefined): { base: string; reference: ModelReference } | undefined {
  return found === undefined ? undefined : { base: found.job.base, reference: found.reference };
}
