import type { Arena } from './arena.ts';
import type { Heap } from './heap.ts';
import type { LoraSettings, LoraSlot } from './lora-layout.ts';
import { uniform } from './sampler.ts';

interface Part {
  readonly slot: LoraSlot;
  /** Column of the fused output where this layer's outputs begin. */
  readonly column: number;
  /** scale · Bᵀ, [rank, outputs]. */
  readonly upForward: number;
  /** scale · B, [outputs, rank]. */
  readonly upBackward: number;
  readonly downGradient: number;
  readonly upGradient: number;
}

/** What the backward pass needs of a forward pass. */
export interface LoraTrace {
  readonly input: number;
  /** input · Aᵀ of every part, [rows, parts · rank]. */
  readonly hidden: number;
  readonly keep: Float32Array | undefined;
}

/**
 * The low-rank side path of the linear layers that share one input: y += scale · (x Aᵀ) Bᵀ, and its gradients
 *   dB = scale · dyᵀ (x Aᵀ),  dH = scale · dy B,  dA = dHᵀ x,  dx += dH A.
 * The rank is padded with zeros to a multiple of eight; padding stays zero, for its gradients are products with zero.
 */
export class LoraGroup {
  readonly #heap: Heap;
  readonly #arena: Arena;
  readonly #parts: readonly Part[];
  readonly #inputs: number;
  readonly #rank: number;
  readonly #padded: number;
  readonly #scale: number;
  readonly #dropout: number;
  /** Aᵀ of every part side by side, [inputs, parts · rank], and A stacked, [parts · rank, inputs]. */
  readonly #downForward: number;
  readonly #downBackward: number;

  constructor(
    heap: Heap,
    arena: Arena,
    settings: LoraSettings,
    parameters: Float32Array,
    parts: readonly { slot: LoraSlot; column: number }[],
  ) {
    this.#heap = heap;
    this.#arena = arena;
    const rank = settings.rank;
    const padded = Math.ceil(rank / 8) * 8;
    const inputs = parts[0]?.slot.inputs ?? 0;
    this.#inputs = inputs;
    this.#rank = rank;
    this.#padded = padded;
    this.#scale = settings.alpha / rank;
    this.#dropout = settings.dropout;
    const width = parts.length * padded;
    const stacked = new Float32Array(width * inputs);
    for (const [index, { slot }] of parts.entries()) stacked.set(parameters.subarray(slot.down, slot.up), index * padded * inputs);
    this.#downBackward = arena.store(stacked);
    this.#downForward = arena.allocate(width * inputs);
    heap.kernels.transpose(this.#downBackward, inputs * 4, this.#downForward, width * 4, width, inputs);
    this.#parts = parts.map(({ slot, column }) => {
      const up = new Float32Array(slot.outputs * padded);
      for (let row = 0; row < slot.outputs; row++) {
        for (let r = 0; r < rank; r++) up[row * padded + r] = parameters[slot.up + row * rank + r]! * this.#scale;
      }
      const upBackward = arena.store(up);
      const upForward = arena.allocate(up.length);
      heap.kernels.transpose(upBackward, padded * 4, upForward, slot.outputs * 4, slot.outputs, padded);
      const downGradient = arena.zeros(padded * inputs);
      const upGradient = arena.zeros(slot.outputs * padded);
      return { slot, column, upForward, upBackward, downGradient, upGradient };
    });
  }

  /** out [rows, outRow] += the side path of x [rows, inputs]. `noise` seeds dropout. */
  forward(x: number, out: number, outRow: number, rows: number, noise: number): LoraTrace {
    const { kernels } = this.#heap;
    const width = this.#parts.length * this.#padded;
    if (width === 0) return { input: x, hidden: 0, keep: undefined };
    const keep = this.#dropout > 0 ? dropoutMask(rows * this.#inputs, this.#dropout, noise) : undefined;
    const input = keep ? this.#masked(x, keep) : x;
    const hidden = this.#arena.allocate(rows * width);
    kernels.matmul(input, this.#inputs * 4, 4, this.#downForward, width * 4, 32, hidden, width * 4, rows, width, this.#inputs, 0);
    for (const [index, part] of this.#parts.entries()) {
      const { outputs } = part.slot;
      const h = hidden + index * this.#padded * 4;
      kernels.matmul(h, width * 4, 4, part.upForward, outputs * 4, 32, out + part.column * 4, outRow * 4, rows, outputs, this.#padded, 1);
    }
    return { input, hidden, keep };
  }

  /** Adds up the gradients of A and B; adds the side path's share to dX [rows, inputs] unless it is 0. */
  backward(trace: LoraTrace, dOut: number, outRow: number, dX: number, rows: number): void {
    const { kernels } = this.#heap;
    const width = this.#parts.length * this.#padded;
    if (width === 0) return;
    const inputs = this.#inputs;
    const dHidden = this.#arena.allocate(rows * width);
    for (const [index, part] of this.#parts.entries()) {
      const { outputs } = part.slot;
      const column = index * this.#padded * 4;
      const dy = dOut + part.column * 4;
      kernels.matmul(
        dy,
        4,
        outRow * 4,
        trace.hidden + column,
        width * 4,
        32,
        part.upGradient,
        this.#padded * 4,
        outputs,
        this.#padded,
        rows,
        1,
      );
      kernels.matmul(dy, outRow * 4, 4, part.upBackward, this.#padded * 4, 32, dHidden + column, width * 4, rows, this.#padded, outputs, 0);
      kernels.matmul(
        dHidden + column,
        4,
        width * 4,
        trace.input,
        inputs * 4,
        32,
        part.downGradient,
        inputs * 4,
        this.#padded,
        inputs,
        rows,
        1,
      );
    }
    if (dX === 0) return;
    const target = trace.keep ? this.#arena.allocate(rows * inputs) : dX;
    kernels.matmul(dHidden, width * 4, 4, this.#downBackward, inputs * 4, 32, target, inputs * 4, rows, inputs, width, trace.keep ? 0 : 1);
    if (trace.keep) kernels.addRows(this.#masked(target, trace.keep), inputs * 4, dX, inputs * 4, rows, inputs);
  }

  /** Copies the summed gradients to their places in the flat vector. */
  collect(gradient: Float32Array): void {
    for (const { slot, downGradient, upGradient } of this.#parts) {
      gradient.set(this.#heap.floats(downGradient, this.#rank * slot.inputs), slot.down);
      const up = this.#heap.floats(upGradient, slot.outputs * this.#padded);
      for (let row = 0; row < slot.outputs; row++) {
        for (let r = 0; r < this.#rank; r++) gradient[slot.up + row * this.#rank + r] = up[row * this.#padded + r]! * this.#scale;
      }
    }
  }

  #masked(x: number, keep: Float32Array): number {
    const out = this.#arena.allocate(keep.length);
    const source = this.#heap.floats(x, keep.length);
    const target = this.#heap.floats(out, keep.length);
    for (let i = 0; i < keep.length; i++) target[i] = source[i]! * keep[i]!;
    return out;
  }
}

/** 0 with the given probability, else 1 / (1 − probability). */
function dropoutMask(length: number, probability: number, seed: number): Float32Array {
  const scale = 1 / (1 - probability);
  return Float32Array.from({ length }, (_, index) => (uniform(seed, index) < probability ? 0 : scale));
}
