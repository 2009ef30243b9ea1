import { Arena } from './arena.ts';
import type { Heap } from './heap.ts';
import { type FusedModule, fusedModules, type LinearModule, linearShapes } from './linear-layers.ts';
import type { LlamaConfig } from './llama-config.ts';
import { LoraGroup, type LoraTrace } from './lora-group.ts';
import { type LoraSettings, loraLayout } from './lora-layout.ts';
import { linearWeight, type ModelWeights, type RawWeights, type SharedWeights } from './model-weights.ts';
import { judge, type Objective } from './objective.ts';
import { type PackedBatch, packBatch, type TrainingRow } from './packed-batch.ts';
import { multiplyPacked, type PackedMatrix, packBackward } from './packed-matrix.ts';
import { createRotaryTable, type RotaryTable } from './rotary-table.ts';
import { SpanAttention, type SpanTrace } from './span-attention.ts';

export interface GradientResult {
  /** Sum of −ln p over the judged tokens of each conversation. */
  readonly losses: number[];
  /** What the objective makes of the losses, one for each of its items. */
  readonly values: number[];
  /** Judged tokens of each conversation that were the likeliest. */
  readonly correct: number[];
  /** Gradient of the sum of the values; empty when only losses were asked for. */
  readonly gradient: Float32Array;
}

type BackwardWeights = { readonly [fused in FusedModule]: PackedMatrix };

interface LayerTrace {
  readonly input: number;
  readonly queryKeyValue: number;
  readonly spans: SpanTrace[];
  readonly middle: number;
  readonly gateUp: number;
  readonly lora: { [fused in FusedModule]: LoraTrace };
}

/** Loss of packed conversations under an adapter, and its gradient by the adapter's parameters, written out by hand. */
export class LoraGradient {
  readonly #heap: Heap;
  readonly #arena: Arena;
  readonly #config: LlamaConfig;
  readonly #shared: SharedWeights;
  readonly #weights: ModelWeights;
  readonly #backward: readonly BackwardWeights[];
  readonly #headBackward: PackedMatrix;
  readonly #rotary: RotaryTable;
  readonly #attention: SpanAttention;

  constructor(heap: Heap, config: LlamaConfig, raw: RawWeights, shared: SharedWeights, weights: ModelWeights) {
    this.#heap = heap;
    this.#arena = new Arena(heap);
    this.#config = config;
    this.#shared = shared;
    this.#weights = weights;
    this.#rotary = createRotaryTable(heap, config);
    this.#attention = new SpanAttention(heap, this.#arena, config);
    this.#backward = weights.layers.map((_, layer) => {
      const pack = (fused: FusedModule): PackedMatrix =>
        packBackward(
          heap,
          fusedModules[fused].map((module) => linearWeight(config, raw, layer, module)),
        );
      return { queryKeyValue: pack('queryKeyValue'), attentionOutput: pack('attentionOutput'), gateUp: pack('gateUp'), down: pack('down') };
    });
    const head = raw.get(config.tiedEmbeddings ? 'model.embed_tokens.weight' : 'lm_head.weight')!.data;
    this.#headBackward = packBackward(heap, [{ data: head, outputs: config.vocabularySize, inputs: config.hiddenSize }]);
  }

  /** `noise` seeds dropout; `wantGradient` false gives losses only, without dropout. */
  run(
    rows: readonly TrainingRow[],
    parameters: Float32Array,
    settings: LoraSettings,
    noise: number,
    wantGradient: boolean,
    objective: Objective = { type: 'likelihood' },
  ): GradientResult {
    const { slots, size } = loraLayout(this.#config, settings);
    const active: LoraSettings = wantGradient ? settings : { ...settings, dropout: 0 };
    const batch = packBatch(rows);
    const shapes = linearShapes(this.#config);
    const groups = this.#weights.layers.map((_, layer) => {
      const group = (fused: FusedModule): LoraGroup => {
        let column = 0;
        const parts = fusedModules[fused].flatMap((module: LinearModule) => {
          const slot = slots.find((candidate) => candidate.layer === layer && candidate.module === module);
          const part = { slot, column };
          column += shapes[module].outputs;
          return slot ? [{ ...part, slot }] : [];
        });
        return new LoraGroup(this.#heap, this.#arena, active, parameters, parts);
      };
      return {
        queryKeyValue: group('queryKeyValue'),
        attentionOutput: group('attentionOutput'),
        gateUp: group('gateUp'),
        down: group('down'),
      };
    });
    try {
      const { stream, traces } = this.#forward(batch, groups, noise);
      const { losses, values, correct, dStream } = this.#loss(batch, stream, rows.length, wantGradient, objective);
      if (!wantGradient) return { losses, values, correct, gradient: new Float32Array(0) };
      for (let layer = groups.length - 1; layer >= 0; layer--) this.#backLayer(layer, batch, groups[layer]!, traces[layer]!, dStream);
      const gradient = new Float32Array(size);
      for (const layer of groups) for (const group of Object.values(layer)) group.collect(gradient);
      return { losses, values, correct, gradient };
    } finally {
      this.#arena.clear();
    }
  }

  #forward(batch: PackedBatch, groups: readonly { [fused in FusedModule]: LoraGroup }[], noise: number) {
    const { kernels } = this.#heap;
    const { hiddenSize, intermediateSize, normEpsilon, vocabularySize, heads, keyValueHeads, headSize } = this.#config;
    const rows = batch.tokens.length;
    const queries = heads * headSize;
    const wide = (heads + 2 * keyValueHeads) * headSize;
    const positions = this.#arena.allocate(rows);
    this.#heap.integers(positions, rows).set(batch.positions);
    let stream = this.#arena.allocate(rows * hiddenSize);
    const embedding = this.#heap.floats(this.#shared.embedding, vocabularySize * hiddenSize);
    const first = this.#heap.floats(stream, rows * hiddenSize);
    for (const [row, token] of batch.tokens.entries()) {
      first.set(embedding.subarray(token * hiddenSize, (token + 1) * hiddenSize), row * hiddenSize);
    }
    const traces: LayerTrace[] = [];
    for (const [index, layer] of this.#weights.layers.entries()) {
      const lora = groups[index]!;
      let seed = noise + index * 4;
      const linear = (fused: FusedModule, x: number, out: number): LoraTrace => {
        const matrix = layer[fused];
        multiplyPacked(this.#heap, x, matrix.inputs, matrix, out, matrix.outputs, rows, fused === 'attentionOutput' || fused === 'down');
        return lora[fused].forward(x, out, matrix.outputs, rows, seed++);
      };
      const normed = this.#arena.allocate(rows * hiddenSize);
      const queryKeyValue = this.#arena.allocate(rows * wide);
      const attended = this.#arena.allocate(rows * queries);
      kernels.rmsNorm(stream, layer.attentionNorm, normed, rows, hiddenSize, normEpsilon);
      const queryTrace = linear('queryKeyValue', normed, queryKeyValue);
      kernels.rotate(
        queryKeyValue,
        wide * 4,
        positions,
        this.#rotary.cosines,
        this.#rotary.sines,
        rows,
        heads + keyValueHeads,
        headSize,
        1,
      );
      const spans = batch.spans.map((span) => this.#attention.forward(queryKeyValue, attended, span));
      const middle = this.#copy(stream, rows * hiddenSize);
      const outputTrace = linear('attentionOutput', attended, middle);
      const normedMiddle = this.#arena.allocate(rows * hiddenSize);
      const gateUp = this.#arena.allocate(rows * 2 * intermediateSize);
      const activated = this.#arena.allocate(rows * intermediateSize);
      kernels.rmsNorm(middle, layer.mlpNorm, normedMiddle, rows, hiddenSize, normEpsilon);
      const gateTrace = linear('gateUp', normedMiddle, gateUp);
      const up = gateUp + intermediateSize * 4;
      kernels.swiGlu(gateUp, up, intermediateSize * 8, activated, intermediateSize * 4, rows, intermediateSize);
      const output = this.#copy(middle, rows * hiddenSize);
      const downTrace = linear('down', activated, output);
      traces.push({
        input: stream,
        queryKeyValue,
        spans,
        middle,
        gateUp,
        lora: { queryKeyValue: queryTrace, attentionOutput: outputTrace, gateUp: gateTrace, down: downTrace },
      });
      stream = output;
    }
    return { stream, traces, positions };
  }

  /** Cross-entropy of the judged tokens, and its gradient by the residual stream. */
  #loss(batch: PackedBatch, stream: number, conversations: number, wantGradient: boolean, objective: Objective) {
    const { kernels } = this.#heap;
    const { hiddenSize, normEpsilon, vocabularySize } = this.#config;
    const { head, finalNorm } = this.#shared;
    const { targets } = batch;
    const count = targets.length;
    const rowBytes = hiddenSize * 4;
    const normed = this.#arena.allocate(count * hiddenSize);
    for (const [index, { row }] of targets.entries()) {
      kernels.rmsNorm(stream + row * rowBytes, finalNorm, normed + index * rowBytes, 1, hiddenSize, normEpsilon);
    }
    const logits = this.#arena.allocate(count * head.outputs);
    multiplyPacked(this.#heap, normed, hiddenSize, head, logits, head.outputs, count);
    const statistics = this.#arena.allocate(count * 2);
    const dStream = this.#arena.zeros(batch.tokens.length * hiddenSize);
    const wanted = this.#heap.floats(logits, count * head.outputs);
    const chosen = targets.map(({ token }, index) => wanted[index * head.outputs + token]!);
    kernels.softmax(logits, head.outputs * 4, count, vocabularySize, 0, head.outputs, 1, statistics);
    const sums = this.#heap.floats(statistics, count * 2);
    const losses = new Array<number>(conversations).fill(0);
    const correct = new Array<number>(conversations).fill(0);
    for (const [index, { token, conversation }] of targets.entries()) {
      losses[conversation]! += sums[index * 2]! + Math.log(sums[index * 2 + 1]!) - chosen[index]!;
      if (chosen[index]! >= sums[index * 2]!) correct[conversation]! += 1;
      // The gradient by the logits is the probabilities with 1 taken from the right token.
      wanted[index * head.outputs + token]! -= 1;
    }
    const { values, weights } = judge(losses, objective);
    if (wantGradient) {
      for (const [index, { conversation }] of targets.entries()) {
        const weight = weights[conversation]!;
        if (weight === 1) continue;
        const row = wanted.subarray(index * head.outputs, (index + 1) * head.outputs);
        for (let i = 0; i < row.length; i++) row[i]! *= weight;
      }
      multiplyPacked(this.#heap, logits, head.outputs, this.#headBackward, normed, hiddenSize, count);
      for (const [index, { row }] of targets.entries()) {
        kernels.rmsNormBackward(
          stream + row * rowBytes,
          finalNorm,
          normed + index * rowBytes,
          dStream + row * rowBytes,
          1,
          hiddenSize,
          normEpsilon,
        );
      }
    }
    return { losses, values, correct, dStream };
  }

  /** Turns the gradient by a layer's output into that by its input, in place, and adds up its adapter's gradients. */
  #backLayer(index: number, batch: PackedBatch, groups: { [fused in FusedModule]: LoraGroup }, trace: LayerTrace, dStream: number): void {
    const { kernels } = this.#heap;
    const { hiddenSize, intermediateSize, normEpsilon, heads, keyValueHeads, headSize } = this.#config;
    const rows = batch.tokens.length;
    const wide = (heads + 2 * keyValueHeads) * headSize;
    const layer = this.#weights.layers[index]!;
    const back = (fused: FusedModule, dOut: number): number => {
      const matrix = this.#backward[index]![fused];
      const dX = this.#arena.allocate(rows * matrix.outputs);
      multiplyPacked(this.#heap, dOut, matrix.inputs, matrix, dX, matrix.outputs, rows);
      groups[fused].backward(trace.lora[fused], dOut, matrix.inputs, dX, rows);
      return dX;
    };
    const dActivated = back('down', dStream);
    const dGateUp = this.#arena.allocate(rows * 2 * intermediateSize);
    const half = intermediateSize * 4;
    kernels.swiGluBackward(trace.gateUp, trace.gateUp + half, half * 2, dActivated, half, dGateUp, dGateUp + half, rows, intermediateSize);
    kernels.rmsNormBackward(trace.middle, layer.mlpNorm, back('gateUp', dGateUp), dStream, rows, hiddenSize, normEpsilon);
    const dAttended = back('attentionOutput', dStream);
    const dQueryKeyValue = this.#arena.zeros(rows * wide);
    for (const [number, span] of batch.spans.entries()) {
      this.#attention.backward(trace.queryKeyValue, dAttended, dQueryKeyValue, span, trace.spans[number]!);
    }
    const positions = this.#arena.allocate(rows);
    this.#heap.integers(positions, rows).set(batch.positions);
    kernels.rotate(
      dQueryKeyValue,
      wide * 4,
      positions,
      this.#rotary.cosines,
      this.#rotary.sines,
      rows,
      heads + keyValueHeads,
      headSize,
      -1,
    );
    if (index === 0) {
      // Nothing below the first layer is trained.
      groups.queryKeyValue.backward(trace.lora.queryKeyValue, dQueryKeyValue, wide, 0, rows);
      return;
    }
    kernels.rmsNormBackward(
      trace.input,
      layer.attentionNorm,
      back('queryKeyValue', dQueryKeyValue),
      dStream,
      rows,
      hiddenSize,
      normEpsilon,
    );
  }

  #copy(source: number, elements: number): number {
    const target = this.#arena.allocate(elements);
    this.#heap.kernels.copyRows(source, elements * 4, target, elements * 4, 1, elements);
    return target;
  }
}
