import { createKernels, type Kernels } from './kernels/kernels.ts';
import { webAssembly } from './kernels/web-assembly.ts';

const pageBytes = 65_536;

/**
 * The memory that the kernels work on, with an allocator of size classes. Blocks are released by hand; `bytesInUse`
 * is exact, so a test can see any block that was forgotten.
 */
export class Heap {
  readonly #memory = new webAssembly.Memory({ initial: 16 });
  readonly kernels: Kernels = createKernels(this.#memory);
  readonly #free = new Map<number, number[]>();
  readonly #sizes = new Map<number, number>();
  #end = 64;
  #bytesInUse = 0;

  get bytesInUse(): number {
    return this.#bytesInUse;
  }

  get bytesReserved(): number {
    return this.#memory.buffer.byteLength;
  }

  /** Address of a block of at least `elements` 4-byte elements, aligned to 64 bytes; its content is unspecified. */
  allocate(elements: number): number {
    const size = sizeClass(elements * 4);
    const address = this.#free.get(size)?.pop() ?? this.#extend(size);
    this.#sizes.set(address, size);
    this.#bytesInUse += size;
    return address;
  }

  release(address: number): void {
    const size = this.#sizes.get(address);
    if (size === undefined) throw new Error(`No block at ${address} to release`);
    this.#sizes.delete(address);
    this.#bytesInUse -= size;
    const list = this.#free.get(size);
    if (list) list.push(address);
    else this.#free.set(size, [address]);
  }

  /** A view that is valid until the next `allocate`, which may move the memory. */
  floats(address: number, length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.#memory.buffer, address, length);
  }

  /** A view that is valid until the next `allocate`. */
  integers(address: number, length: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.#memory.buffer, address, length);
  }

  /** Allocates a block and fills it. */
  store(values: Float32Array): number {
    const address = this.allocate(values.length);
    this.floats(address, values.length).set(values);
    return address;
  }

  #extend(size: number): number {
    const address = this.#end;
    this.#end += size;
    const missing = this.#end - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.max(Math.ceil(missing / pageBytes), 64));
    return address;
  }
}

/** Four classes per doubling: at most a quarter is wasted and freed blocks fit again. */
function sizeClass(bytes: number): number {
  const wanted = Math.max(bytes, 256);
  const step = 2 ** (Math.floor(Math.log2(wanted)) - 2);
  return Math.ceil(wanted / step) * step;
}
