import type { KeyValueBlock } from './key-value-block.ts';

interface Entry {
  readonly model: string;
  readonly tokens: readonly number[];
  readonly block: KeyValueBlock;
}

/** Keys and values of finished sequences, least recently used first, within a bound in bytes. */
export class PrefixCache {
  readonly #limit: number;
  #entries: Entry[] = [];
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The stored sequence of this model that shares most beginning tokens, which counts as using it. */
  find(model: string, tokens: readonly number[]): { block: KeyValueBlock; length: number } | undefined {
    let best: Entry | undefined;
    let length = 0;
    for (const entry of this.#entries) {
      if (entry.model !== model) continue;
      const shared = commonPrefix(entry.tokens, tokens);
      if (shared >= length) [best, length] = [entry, shared];
    }
    if (!best || length === 0) return undefined;
    this.#entries = [...this.#entries.filter((entry) => entry !== best), best];
    return { block: best.block, length };
  }

  /** Takes over the block of a finished sequence; blocks over the bound are released. */
  store(model: string, tokens: readonly number[], block: KeyValueBlock): void {
    const kept = this.#entries.filter((entry) => {
      const contained = entry.model === model && commonPrefix(entry.tokens, tokens) === entry.tokens.length;
      if (contained) this.#drop(entry);
      return !contained;
    });
    kept.push({ model, tokens, block });
    this.#bytes += block.bytes;
    while (this.#bytes > this.#limit) this.#drop(kept.shift()!);
    this.#entries = kept;
  }

  /** Releases what belongs to a model that is no longer loaded, or everything. */
  clear(model?: string): void {
    this.#entries = this.#entries.filter((entry) => {
      const gone = model === undefined || entry.model === model;
      if (gone) this.#drop(entry);
      return !gone;
    });
  }

  #drop(entry: Entry): void {
    this.#bytes -= entry.block.bytes;
    entry.block.release();
  }
}

export function commonPrefix(left: readonly number[], right: readonly number[]): number {
  const length = Math.min(left.length, right.length);
  let index = 0;
  while (index < length && left[index] === right[index]) index++;
  return index;
}
