import type { Heap } from './heap.ts';
import type { LlamaConfig } from './llama-config.ts';

/** Capacities are rounded up to this many tokens, so that freed blocks fit again. */
const granularity = 32;

/**
 * Keys and values of one sequence, every layer: keys transposed [key width, capacity] so that scores are a plain
 * matrix product, values [capacity, key width].
 */
export class KeyValueBlock {
  readonly capacity: number;
  readonly bytes: number;
  /** Tokens stored so far. */
  length = 0;
  readonly #heap: Heap;
  readonly #address: number;
  readonly #layers: number;
  readonly #width: number;

  constructor(heap: Heap, config: LlamaConfig, tokens: number) {
    this.#heap = heap;
    this.#layers = config.layers;
    this.#width = config.keyValueHeads * config.headSize;
    this.capacity = Math.ceil(tokens / granularity) * granularity;
    const elements = this.#layers * 2 * this.#width * this.capacity;
    this.bytes = elements * 4;
    this.#address = heap.allocate(elements);
  }

  /** Address of a layer's keys. */
  keys(layer: number): number {
    return this.#address + layer * 2 * this.#width * this.capacity * 4;
  }

  /** Address of a layer's values. */
  values(layer: number): number {
    return this.keys(layer) + this.#width * this.capacity * 4;
  }

  /** Takes over the first `length` tokens of another sequence. */
  copyFrom(source: KeyValueBlock, length: number): void {
    const { kernels } = this.#heap;
    // Copying whole vectors may touch up to three columns past `length`; they are inside both capacities and unread.
    const columns = Math.ceil(length / 4) * 4;
    for (let layer = 0; layer < this.#layers; layer++) {
      kernels.copyRows(source.keys(layer), source.capacity * 4, this.keys(layer), this.capacity * 4, this.#width, columns);
      kernels.copyRows(source.values(layer), this.#width * 4, this.values(layer), this.#width * 4, length, this.#width);
    }
    this.length = length;
  }

  release(): void {
    this.#heap.release(this.#address);
  }
}
