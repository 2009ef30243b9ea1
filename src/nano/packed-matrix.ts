import type { Heap } from './heap.ts';

/** A matrix in panels of eight columns, each panel contiguous: what `matmul` reads fastest. */
export interface PackedMatrix {
  readonly address: number;
  /** Rows of the matrix as multiplied: x [m, inputs] × matrix [inputs, outputs]. */
  readonly inputs: number;
  /** Columns, padded with zeros to a multiple of eight. */
  readonly outputs: number;
}

/** A weight in Hugging Face order: [outputs, inputs], row-major. */
export interface LinearWeight {
  readonly outputs: number;
  readonly inputs: number;
  readonly data: Float32Array;
}

/** Packs weights that share their input, stacked by outputs, for x × Wᵀ. */
export function packForward(heap: Heap, weights: readonly LinearWeight[]): PackedMatrix {
  const inputs = weights[0]!.inputs;
  const total = weights.reduce((sum, weight) => sum + weight.outputs, 0);
  const outputs = Math.ceil(total / 8) * 8;
  const address = heap.allocate(inputs * outputs);
  const packed = heap.floats(address, inputs * outputs);
  packed.fill(0);
  let column = 0;
  for (const { data, outputs: rows } of weights) {
    for (let row = 0; row < rows; row++, column++) {
      let target = (column >> 3) * inputs * 8 + (column & 7);
      const source = row * inputs;
      for (let k = 0; k < inputs; k++, target += 8) packed[target] = data[source + k]!;
    }
  }
  return { address, inputs, outputs };
}

/** Packs the same stack for the way back, dX = dY × W: inputs and outputs trade places. */
export function packBackward(heap: Heap, weights: readonly LinearWeight[]): PackedMatrix {
  const width = weights[0]!.inputs;
  const depth = weights.reduce((sum, weight) => sum + weight.outputs, 0);
  const address = heap.allocate(width * depth);
  const packed = heap.floats(address, width * depth);
  let k = 0;
  for (const { data, outputs } of weights) {
    for (let row = 0; row < outputs; row++, k++) {
      for (let panel = 0; panel < width; panel += 8) {
        const source = row * width + panel;
        packed.set(data.subarray(source, source + 8), panel * depth + k * 8);
      }
    }
  }
  return { address, inputs: depth, outputs: width };
}

/** out [rows, outputs] = x [rows, inputs] × matrix, or += with `accumulate`. Strides in elements. */
export function multiplyPacked(
  heap: Heap,
  x: number,
  xRow: number,
  matrix: PackedMatrix,
  out: number,
  outRow: number,
  rows: number,
  accumulate = false,
): void {
  const { address, inputs, outputs } = matrix;
  heap.kernels.matmul(x, xRow * 4, 4, address, 32, inputs * 32, out, outRow * 4, rows, outputs, inputs, accumulate ? 1 : 0);
}
