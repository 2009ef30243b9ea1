import type { JsonObject } from './json.ts';
import type { Model } from './model.ts';
import type { Price } from './money.ts';

export interface OpenModelOptions {
  /** The part after `provider/`; the whole name for a provider that is a model itself, as `nano`. */
  readonly model: string;
  /** The entry of `providers:` in the task, without `kind` and `price`. */
  readonly settings: JsonObject;
  /** The price set in the task, which takes the place of the published one. */
  readonly price?: Price;
  /** Folder of a PEFT adapter. */
  readonly adapterFolder?: string;
  /** Folder against which relative files in the settings are read. */
  readonly taskFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Told in a sentence what is waited for before the model answers, as an installation. */
  note?(message: string): void;
}

/** One model service. Its id is the first part of a model's name, or the `kind` of an entry of `providers:`. */
export interface Provider {
  readonly id: string;
  readonly summary: string;
  /** Throws a RungError with exit code 2 for an unknown model, wrong settings or a missing key. */
  open(options: OpenModelOptions): Promise<Model>;
  /** Takes in a foreign model value that a user's `task.ts` passed, as an AI SDK model; undefined where it is none. */
  adopt?(value: unknown, options: { readonly price?: Price }): Model | undefined;
}

export function defineProvider(provider: Provider): Provider {
  return provider;
}
