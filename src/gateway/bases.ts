import type { Model, ModelReference } from '#core/model.ts';
import { type Plugins, pluginById } from '#core/plugins.ts';
import type { BaseModel, Trainer, TrainingMethod } from '#core/trainer.ts';
import type { ServeConfig } from './config.ts';
import { invalid, unknownModel } from './wire-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The models that are asked and tuned by name: those of the configuration, and those behind its upstreams. */
export interface Bases {
  readonly names: readonly string[];
  has(name: string): boolean;
  /** Where a model comes from, for whoever would tune it. Throws status 400 where it is asked and not tuned. */
  tunable(name: string): BaseModel;
  /** The trainer that a job names, else the first that can tune the model so. Throws status 400 where there is none. */
  trainerFor(name: string, method: TrainingMethod, trainer: string | undefined): Trainer;
  /** Opens a model that is no upstream's, with an adapter of it where there is one. */
  open(reference: ModelReference, adapterFolder: string | undefined): Promise<Model>;
}

export function basesOf(config: ServeConfig, plugins: Pick<Plugins, 'providers' | 'trainers'>, environment: Environment): Bases {
  const names = [...config.models, ...Object.keys(config.upstreams)];
  const baseOf = (name: string): BaseModel => {
    const { kind, entry, model } = resolveName(name, config);
    return { name, kind, model, settings: config.providers[entry ?? '']?.settings ?? {} };
  };
  const bases: Bases = {
    names,
    has: (name) => names.includes(name),
    tunable(name) {
      if (!bases.has(name)) {
        throw invalid(
          `Model ${JSON.stringify(name)} is not available for fine-tuning or does not exist. Models are: ${names.join(', ')}.`,
          'model',
          'model_not_available',
        );
      }
      const upstream = config.upstreams[name];
      if (upstream === undefined) return baseOf(name);
      if (upstream.base !== undefined) return baseOf(upstream.base);
      throw invalid(
        `Model ${JSON.stringify(name)} is asked here and not tuned: its upstream names no base.`,
        'model',
        'model_not_available',
      );
    },
    trainerFor(name, method, trainer) {
      const base = bases.tunable(name);
      const able = plugins.trainers.filter((one) => one.canTune(base) && one.methods.includes(method));
      const found = trainer === undefined ? able.find(({ onlyByName }) => onlyByName !== true) : able.find(({ id }) => id === trainer);
      if (found !== undefined) return found;
      const wire = method === 'preference' ? 'dpo' : method;
      throw invalid(
        trainer === undefined
          ? `No trainer here can tune ${name} by the method ${wire}.`
          : `The trainer ${JSON.stringify(trainer)} cannot tune ${name} by the method ${wire}. Those that can: ${able.map(({ id }) => id).join(', ') || 'none'}.`,
        trainer === undefined ? 'method' : 'metadata.trainer',
        'no_trainer',
      );
    },
    open(reference, adapterFolder) {
      const { kind, model, settings } = baseOf(reference.model);
      const provider = pluginById('provider', plugins.providers, kind);
      return provider.open({
        model,
        settings,
        taskFolder: config.folder,
        environment,
        ...(adapterFolder === undefined ? {} : { adapterFolder }),
      });
    },
  };
  for (const name of config.models) if (plugins.providers.every(({ id }) => id !== baseOf(name).kind)) throw unknownModel(name, []);
  return bases;
}

/** `provider/model`, `entry/model`, `kind/entry` or a provider that is a model itself, as a task's models are named. */
function resolveName(name: string, { providers }: ServeConfig): { kind: string; entry?: string; model: string } {
  const [first = '', second = '', ...others] = name.split('/');
  const rest = name.slice(first.length + 1);
  const direct = providers[first];
  if (direct !== undefined) return { kind: direct.kind, entry: first, model: rest };
  if (providers[second]?.kind === first) return { kind: first, entry: second, model: others.join('/') || second };
  return { kind: first, model: rest };
}
