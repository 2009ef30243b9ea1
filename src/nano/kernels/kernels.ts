import { f32x4, ModuleBuilder } from './assembler.ts';
import { defineAttention } from './attention.ts';
import { defineElementwise, defineExponential, defineTranspose } from './elementwise.ts';
import { defineMatmul } from './matmul.ts';
import { defineNormalisation } from './normalisation.ts';
import { type WasmMemory, webAssembly } from './web-assembly.ts';

/**
 * The arithmetic of the model, as WebAssembly over one memory, without compiling per shape, padding, or counting references.
 * Every row of a result is bit-equal whatever is computed beside it. Why it is written out rather than left to a library:
 * docs/decisions/2026-11-21-own-kernels-for-the-embedded-model.md; `npm run bench -- nano` measures both.
 *
 * Addresses and strides are bytes, counts are elements; each kernel is described where it is defined.
 */
export interface Kernels {
  matmul(
    a: number,
    aRow: number,
    aColumn: number,
    b: number,
    bRow: number,
    bPanel: number,
    c: number,
    cRow: number,
    m: number,
    n: number,
    k: number,
    accumulate: number,
  ): void;
  swiGlu(gate: number, up: number, inputRow: number, out: number, outRow: number, rows: number, width: number): void;
  swiGluBackward(
    gate: number,
    up: number,
    inputRow: number,
    dOut: number,
    dOutRow: number,
    dGate: number,
    dUp: number,
    rows: number,
    width: number,
  ): void;
  copyRows(source: number, sourceRow: number, target: number, targetRow: number, rows: number, width: number): void;
  addRows(source: number, sourceRow: number, target: number, targetRow: number, rows: number, width: number): void;
  transpose(source: number, sourceRow: number, target: number, targetRow: number, rows: number, columns: number): void;
  rmsNorm(x: number, weight: number, out: number, rows: number, width: number, epsilon: number): void;
  rmsNormBackward(x: number, weight: number, dOut: number, dX: number, rows: number, width: number, epsilon: number): void;
  softmax(
    scores: number,
    scoresRow: number,
    rows: number,
    length: number,
    growth: number,
    width: number,
    scale: number,
    statistics: number,
  ): void;
  softmaxBackward(probabilities: number, upstream: number, stride: number, rows: number, width: number, scale: number): void;
  rotate(
    x: number,
    xRow: number,
    positions: number,
    cosines: number,
    sines: number,
    rows: number,
    heads: number,
    headWidth: number,
    direction: number,
  ): void;
}

/**
 * Assembles and instantiates the kernels over `memory`; a few milliseconds. Products use fused multiply-adds, twice as fast,
 * unless the engine does not know them or `fused` is false; results then differ in the last bits.
 */
export function createKernels(memory: WasmMemory, fused = true): Kernels {
  const bytes = assemble(fused ? f32x4.multiplyAdd : (left, right, addend) => f32x4.add(f32x4.multiply(left, right), addend));
  if (fused && !webAssembly.validate(bytes)) return createKernels(memory, false);
  return new webAssembly.Instance(new webAssembly.Module(bytes), { env: { memory } }).exports as Kernels;
}

function assemble(multiplyAdd: typeof f32x4.multiplyAdd): Uint8Array<ArrayBuffer> {
  const builder = new ModuleBuilder();
  const exponential = defineExponential(builder);
  defineElementwise(builder, exponential);
  defineTranspose(builder);
  defineNormalisation(builder);
  defineAttention(builder, exponential);
  defineMatmul(builder, multiplyAdd);
  return builder.bytes();
}
