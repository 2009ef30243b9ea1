import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { LoraAdapter } from './lora-adapter.ts';

/** The adapters used last, read again only when their files changed. */
export class AdapterShelf {
  readonly #read: (folder: string) => Promise<LoraAdapter>;
  readonly #entries = new Map<string, { stamp: string; adapter: Promise<LoraAdapter> }>();

  constructor(read: (folder: string) => Promise<LoraAdapter>) {
    this.#read = read;
  }

  async get(folder: string | undefined): Promise<LoraAdapter | undefined> {
    if (folder === undefined) return undefined;
    const path = resolve(folder);
    const files = ['adapter_config.json', 'adapter_model.safetensors'].map((name) => stat(join(path, name)).catch(() => undefined));
    const stamp = (await Promise.all(files)).map((file) => `${file?.mtimeMs}:${file?.size}:${file?.ino}`).join();
    const known = this.#entries.get(path);
    if (known?.stamp === stamp) return known.adapter;
    const adapter = this.#read(path);
    this.#entries.delete(path);
    this.#entries.set(path, { stamp, adapter });
    for (const oldest of [...this.#entries.keys()].slice(0, -8)) this.#entries.delete(oldest);
    return adapter;
  }
}
