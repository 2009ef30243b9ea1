import type { Heap } from './heap.ts';
import type { KeyValueBlock } from './key-value-block.ts';
import type { LlamaConfig } from './llama-config.ts';
import type { LayerWeights, ModelWeights, SharedWeights } from './model-weights.ts';
import { multiplyPacked } from './packed-matrix.ts';
import { createRotaryTable, type RotaryTable } from './rotary-table.ts';

/** The next tokens of one sequence, to be appended to its key-value block. */
export interface Segment {
  readonly block: KeyValueBlock;
  readonly tokens: readonly number[];
  /** Indices into `tokens` whose logits are wanted, ascending. */
  readonly outputs: readonly number[];
}

/** Queries handled at once in attention: bounds the work above the causal diagonal and the scratch. */
const queryBlock = 48;

/**
 * The forward pass for inference. A call takes segments of any number of sequences, long or a single token, packed
 * row under row without padding. Every kernel computes a row from that row alone in a fixed order of operations, so
 * logits are bit-equal however sequences are batched, split into calls, or resumed from a cached prefix.
 */
export class Decoder {
  readonly #heap: Heap;
  readonly #config: LlamaConfig;
  readonly #shared: SharedWeights;
  readonly #rotary: RotaryTable;
  readonly #maxRows: number;
  readonly #buffers;

  constructor(heap: Heap, config: LlamaConfig, shared: SharedWeights, maxRows: number) {
    this.#heap = heap;
    this.#config = config;
    this.#shared = shared;
    this.#maxRows = maxRows;
    this.#rotary = createRotaryTable(heap, config);
    const wide = (config.heads + 2 * config.keyValueHeads) * config.headSize;
    const rows = (width: number): number => heap.allocate(maxRows * width);
    this.#buffers = {
      positions: rows(1),
      stream: rows(config.hiddenSize),
      normed: rows(config.hiddenSize),
      queryKeyValue: rows(wide),
      attended: rows(config.heads * config.headSize),
      gateUp: rows(2 * config.intermediateSize),
      activated: rows(config.intermediateSize),
      scores: heap.allocate(queryBlock * Math.ceil(config.contextLength / 8) * 8),
      logits: rows(shared.head.outputs),
    };
  }

  /** Rows of logits follow each other `logitsRow` elements apart. */
  get logitsRow(): number {
    return this.#shared.head.outputs;
  }

  /** Runs the segments (at most `maxRows` tokens together); returns the address of the logits, in segment order. */
  forward(weights: ModelWeights, segments: readonly Segment[]): number {
    const { kernels } = this.#heap;
    const { hiddenSize, intermediateSize, normEpsilon } = this.#config;
    const b = this.#buffers;
    const rows = this.#embed(segments);
    for (const [index, layer] of weights.layers.entries()) {
      kernels.rmsNorm(b.stream, layer.attentionNorm, b.normed, rows, hiddenSize, normEpsilon);
      this.#attend(index, layer, segments, rows);
      kernels.rmsNorm(b.stream, layer.mlpNorm, b.normed, rows, hiddenSize, normEpsilon);
      multiplyPacked(this.#heap, b.normed, hiddenSize, layer.gateUp, b.gateUp, 2 * intermediateSize, rows);
      const up = b.gateUp + intermediateSize * 4;
      kernels.swiGlu(b.gateUp, up, intermediateSize * 8, b.activated, intermediateSize * 4, rows, intermediateSize);
      multiplyPacked(this.#heap, b.activated, intermediateSize, layer.down, b.stream, hiddenSize, rows, true);
    }
    for (const segment of segments) segment.block.length += segment.tokens.length;
    return this.#project(segments);
  }

  #embed(segments: readonly Segment[]): number {
    const { hiddenSize } = this.#config;
    const b = this.#buffers;
    const positions = this.#heap.integers(b.positions, this.#maxRows);
    const stream = this.#heap.floats(b.stream, this.#maxRows * hiddenSize);
    const embedding = this.#heap.floats(this.#shared.embedding, this.#config.vocabularySize * hiddenSize);
    let row = 0;
    for (const { block, tokens } of segments) {
      for (const [index, token] of tokens.entries()) {
        positions[row] = block.length + index;
        stream.set(embedding.subarray(token * hiddenSize, (token + 1) * hiddenSize), row * hiddenSize);
        row++;
      }
    }
    return row;
  }

  #attend(index: number, layer: LayerWeights, segments: readonly Segment[], rows: number): void {
    const { kernels } = this.#heap;
    const { hiddenSize, heads, keyValueHeads, headSize } = this.#config;
    const b = this.#buffers;
    const queries = heads * headSize;
    const keys = keyValueHeads * headSize;
    const wide = (queries + 2 * keys) * 4;
    multiplyPacked(this.#heap, b.normed, hiddenSize, layer.queryKeyValue, b.queryKeyValue, wide / 4, rows);
    const { cosines, sines } = this.#rotary;
    // Queries and keys lie side by side, so one call turns both.
    kernels.rotate(b.queryKeyValue, wide, b.positions, cosines, sines, rows, heads + keyValueHeads, headSize, 1);
    let row = 0;
    for (const { block, tokens } of segments) {
      const query = b.queryKeyValue + row * wide;
      const key = block.keys(index);
      const value = block.values(index);
      const past = block.length;
      kernels.transpose(query + queries * 4, wide, key + past * 4, block.capacity * 4, tokens.length, keys);
      kernels.copyRows(query + (queries + keys) * 4, wide, value + past * keys * 4, keys * 4, tokens.length, keys);
      for (let from = 0; from < tokens.length; from += queryBlock) {
        const count = Math.min(queryBlock, tokens.length - from);
        const seen = past + from + count;
        const width = Math.ceil(seen / 8) * 8;
        for (let head = 0; head < heads; head++) {
          const shared = Math.floor(head / (heads / keyValueHeads)) * headSize * 4;
          const q = query + from * wide + head * headSize * 4;
          kernels.matmul(q, wide, 4, key + shared * block.capacity, block.capacity * 4, 32, b.scores, width * 4, count, width, headSize, 0);
          kernels.softmax(b.scores, width * 4, count, past + from + 1, 1, width, headSize ** -0.5, 0);
          const out = b.attended + ((row + from) * queries + head * headSize) * 4;
          kernels.matmul(b.scores, width * 4, 4, value + shared, keys * 4, 32, out, queries * 4, count, headSize, seen, 0);
        }
      }
      row += tokens.length;
    }
    multiplyPacked(this.#heap, b.attended, queries, layer.attentionOutput, b.stream, hiddenSize, rows, true);
  }

  #project(segments: readonly Segment[]): number {
    const { kernels } = this.#heap;
    const { hiddenSize, normEpsilon } = this.#config;
    const b = this.#buffers;
    let start = 0;
    let wanted = 0;
    for (const { tokens, outputs } of segments) {
      for (const index of outputs) {
        kernels.rmsNorm(
          b.stream + (start + index) * hiddenSize * 4,
          this.#shared.finalNorm,
          b.normed + wanted * hiddenSize * 4,
          1,
          hiddenSize,
          normEpsilon,
        );
        wanted++;
      }
      start += tokens.length;
    }
    multiplyPacked(this.#heap, b.normed, hiddenSize, this.#shared.head, b.logits, this.logitsRow, wanted);
    return b.logits;
  }
}
