import type { Heap } from './heap.ts';

/** Blocks that live until one `clear`: the activations of a training step. */
export class Arena {
  readonly #heap: Heap;
  #blocks: number[] = [];

  constructor(heap: Heap) {
    this.#heap = heap;
  }

  allocate(elements: number): number {
    const address = this.#heap.allocate(elements);
    this.#blocks.push(address);
    return address;
  }

  /** A block filled with zeros. */
  zeros(elements: number): number {
    const address = this.allocate(elements);
    this.#heap.floats(address, elements).fill(0);
    return address;
  }

  store(values: Float32Array): number {
    const address = this.allocate(values.length);
    this.#heap.floats(address, values.length).set(values);
    return address;
  }

  clear(): void {
    for (const address of this.#blocks) this.#heap.release(address);
    this.#blocks = [];
  }
}
