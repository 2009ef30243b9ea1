import type { ArtefactStore } from '#core/approach.ts';
import type { CallableModel } from '#core/candidate.ts';
import { inputError } from '#core/errors.ts';
import type { Model, ModelReference } from '#core/model.ts';
import type { Price } from '#core/money.ts';
import { pluginById } from '#core/plugins.ts';
import type { Provider } from '#core/provider.ts';
import type { Task } from '#core/task.ts';
import type { BaseModel } from '#core/trainer.ts';
import { findPrice, type PriceEntry, publishedPrices } from '#economics/price-book.ts';
import { type MeteredModelOptions, meterModel } from './metered-model.ts';

export interface ModelsOptions extends Omit<MeteredModelOptions, 'model'> {
  readonly task: Task;
  readonly providers: readonly Provider[];
  readonly artefacts: ArtefactStore;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Told what is waited for before a model answers. */
  note?(message: string): void;
}

/** The models of one run: each is opened once and metered once, so that limits hold over all rungs that share it. */
export class Models {
  readonly #options: ModelsOptions;
  readonly #priceBook = publishedPrices();
  readonly #opened = new Map<string, Promise<{ model: Model; callable: CallableModel }>>();

  constructor(options: ModelsOptions) {
    this.#options = options;
  }

  /** The model name that a role of `models:` stands for; a model name stands for itself. */
  nameOf(roleOrName: string): string {
    const value = this.#options.task.models[roleOrName];
    if (value === undefined) return roleOrName;
    return typeof value === 'string' ? value : `models.${roleOrName}`;
  }

  /** Role of `models:` → model name. */
  get roles(): Readonly<Record<string, string>> {
    return Object.fromEntries(Object.keys(this.#options.task.models).map((role) => [role, this.nameOf(role)]));
  }

  get environment(): ModelsOptions['environment'] {
    return this.#options.environment;
  }

  /** Where a model comes from, for whoever would tune it. Throws where its provider is not known. */
  baseOf(name: string): BaseModel {
    const { task, providers } = this.#options;
    const { kind, entryName, model } = this.#resolve(name);
    pluginById('provider', providers, kind, task.file);
    return { name, kind, model, settings: (entryName === undefined ? undefined : task.providers[entryName]?.settings) ?? {} };
  }

  async open(reference: ModelReference): Promise<Model> {
    return (await this.#entry(reference)).model;
  }

  async callable(reference: ModelReference): Promise<CallableModel> {
    return (await this.#entry(reference)).callable;
  }

  async close(): Promise<void> {
    const settled = await Promise.allSettled(this.#opened.values());
    for (const entry of settled) if (entry.status === 'fulfilled') await entry.value.model.close?.();
    this.#opened.clear();
  }

  #entry(reference: ModelReference): Promise<{ model: Model; callable: CallableModel }> {
    const key = JSON.stringify([reference.model, reference.adapter ?? null]);
    let entry = this.#opened.get(key);
    if (entry === undefined) {
      entry = this.#open(reference).then((model) => ({ model, callable: meterModel({ ...this.#options, model }) }));
      this.#opened.set(key, entry);
    }
    return entry;
  }

  async #open(reference: ModelReference): Promise<Model> {
    const { task, providers, artefacts, environment, note } = this.#options;
    const name = reference.model;
    const value = name.startsWith('models.') ? task.models[name.slice('models.'.length)] : undefined;
    if (typeof value === 'object') return adopt(value, name, providers, task);

    const { kind, entryName, model } = this.#resolve(name);
    const entry = entryName === undefined ? undefined : task.providers[entryName];
    const provider = pluginById('provider', providers, kind, task.file);
    const adapterFolder = reference.adapter === undefined ? undefined : await artefacts.path(reference.adapter);
    const known = priceInTask(task, name) ?? entry?.price;
    // a task's own entry may be any service: only the vendors' own names are in the book
    const published = entry === undefined ? findPrice(this.#priceBook, name) : undefined;
    const opened = await provider.open({
      model,
      settings: entry?.settings ?? {},
      price: known ?? priceOf(published),
      adapterFolder,
      taskFolder: task.folder,
      environment,
      ...(note && { note }),
    });
    const { fingerprint, price, contextLength, can, retiresOn, generalSuite, replay, concurrency, remote } = opened;
    // under the name that the task uses, whatever the provider calls it, so that reports and prices agree
    return {
      name,
      fingerprint,
      price,
      priceIsAssumed: priceInTask(task, name) !== undefined,
      ...(remote && known === undefined && priceOf(published) !== undefined ? { priceAsOf: published?.asOf } : {}),
      contextLength,
      can,
      retiresOn: retiresOn ?? published?.retiresOn,
      generalSuite,
      replay,
      concurrency,
      remote,
      generate: (request, generateOptions) => opened.generate(request, generateOptions),
      ...(opened.countTokens === undefined ? {} : { countTokens: (text: string) => opened.countTokens!(text) }),
      ...(opened.score === undefined ? {} : { score: (request, generateOptions) => opened.score!(request, generateOptions) }),
      ...(opened.embed === undefined ? {} : { embed: (texts, generateOptions) => opened.embed!(texts, generateOptions) }),
      close: async () => opened.close?.(),
    };
  }

  /** `provider/model`, `entry/model`, `kind/entry` or a provider that is a model itself. */
  #resolve(name: string): { kind: string; entryName?: string; model: string } {
    const { task } = this.#options;
    const [first = '', ...others] = name.split('/');
    const rest = others.join('/');
    const direct = task.providers[first];
    if (direct !== undefined) return { kind: direct.kind, entryName: first, model: rest };
    const second = others[0] ?? '';
    if (task.providers[second]?.kind === first) {
      return { kind: first, entryName: second, model: others.slice(1).join('/') || second };
    }
    return { kind: first, model: rest };
  }
}

/**
 * The price that the task sets: under the name itself, else under the longest beginning of it that ends in a star. A service
 * names a tuned model only after the training was paid, so `openai/ft:*` can be priced before.
 */
function priceInTask({ prices }: Task, name: string): Price | undefined {
  const beginnings = Object.keys(prices).filter((key) => key.endsWith('*') && name.startsWith(key.slice(0, -1)));
  const longest = beginnings.sort((a, b) => b.length - a.length)[0];
  return prices[name] ?? (longest === undefined ? undefined : prices[longest]);
}

/** What the book knows of a price; undefined where it does not know both sides of it. */
function priceOf(published: PriceEntry | undefined): Price | undefined {
  if (published?.inputPerMillion === undefined || published.outputPerMillion === undefined) return undefined;
  const { inputPerMillion, outputPerMillion, cachedInputPerMillion } = published;
  return { inputPerMillion, outputPerMillion, ...(cachedInputPerMillion === undefined ? {} : { cachedInputPerMillion }) };
}

function adopt(value: object, name: string, providers: readonly Provider[], task: Task): Model {
  for (const provider of providers) {
    const model = provider.adopt?.(value, { price: task.prices[name] });
    if (model !== undefined) return model;
  }
  throw inputError({
    code: 'model-value-unknown',
    message: `The value under ${name} is not a model.`,
    hint: 'Pass a model name, or an AI SDK language model such as openai("gpt-5-mini").',
    place: { file: task.file },
  });
}
