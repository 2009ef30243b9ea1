import type { Arena } from './arena.ts';
import type { Heap } from './heap.ts';
import type { LlamaConfig } from './llama-config.ts';
import type { PackedSpan } from './packed-batch.ts';

/** Addresses of packed rows [query | key | value] and of the attended values, and what backward needs of a span. */
export interface SpanTrace {
  readonly seen: number;
  readonly width: number;
  /** Transposed keys and values of prefix and span, [key width, width]; keys and values in rows, [seen, key width]. */
  readonly keysTransposed: number;
  readonly keys: number;
  readonly values: number;
  /** Attention of every head, [heads, count, width]. */
  readonly probabilities: number;
}

/** Causal attention of packed spans, forth and back. Widths are those of LlamaConfig; rows lie `wide` bytes apart. */
export class SpanAttention {
  readonly #heap: Heap;
  readonly #arena: Arena;
  readonly #heads: number;
  readonly #group: number;
  readonly #headSize: number;
  readonly #queries: number;
  readonly #keys: number;
  readonly #wide: number;

  constructor(heap: Heap, arena: Arena, config: LlamaConfig) {
    this.#heap = heap;
    this.#arena = arena;
    this.#heads = config.heads;
    this.#group = config.heads / config.keyValueHeads;
    this.#headSize = config.headSize;
    this.#queries = config.heads * config.headSize;
    this.#keys = config.keyValueHeads * config.headSize;
    this.#wide = (this.#queries + 2 * this.#keys) * 4;
  }

  /** attended [rows, query width] of one span. */
  forward(queryKeyValue: number, attended: number, span: PackedSpan): SpanTrace {
    const { kernels } = this.#heap;
    const { start, count, prefix } = span;
    const seen = prefix + count;
    const width = Math.ceil(seen / 8) * 8;
    const keyBytes = this.#keys * 4;
    const keysTransposed = this.#arena.zeros(this.#keys * width);
    const keys = this.#arena.allocate(seen * this.#keys);
    const values = this.#arena.allocate(seen * this.#keys);
    for (const [from, rows, to] of [
      [0, prefix, 0],
      [start, count, prefix],
    ] as const) {
      const key = queryKeyValue + from * this.#wide + this.#queries * 4;
      kernels.transpose(key, this.#wide, keysTransposed + to * 4, width * 4, rows, this.#keys);
      kernels.copyRows(key, this.#wide, keys + to * keyBytes, keyBytes, rows, this.#keys);
      kernels.copyRows(key + keyBytes, this.#wide, values + to * keyBytes, keyBytes, rows, this.#keys);
    }
    const probabilities = this.#arena.allocate(this.#heads * count * width);
    for (let head = 0; head < this.#heads; head++) {
      const p = probabilities + head * count * width * 4;
      const shared = Math.floor(head / this.#group) * this.#headSize * 4;
      const q = queryKeyValue + start * this.#wide + head * this.#headSize * 4;
      kernels.matmul(q, this.#wide, 4, keysTransposed + shared * width, width * 4, 32, p, width * 4, count, width, this.#headSize, 0);
      kernels.softmax(p, width * 4, count, prefix + 1, 1, width, this.#headSize ** -0.5, 0);
      const out = attended + (start * this.#queries + head * this.#headSize) * 4;
      kernels.matmul(p, width * 4, 4, values + shared, keyBytes, 32, out, this.#queries * 4, count, this.#headSize, seen, 0);
    }
    return { seen, width, keysTransposed, keys, values, probabilities };
  }

  /** Given dAttended, adds to the gradients of the span's queries, keys and values, and of the prefix's keys and values. */
  backward(queryKeyValue: number, dAttended: number, dQueryKeyValue: number, span: PackedSpan, trace: SpanTrace): void {
    const { kernels } = this.#heap;
    const { start, count, prefix } = span;
    const { seen, width } = trace;
    const keyBytes = this.#keys * 4;
    const valuesTransposed = this.#arena.zeros(this.#keys * width);
    kernels.transpose(trace.values, keyBytes, valuesTransposed, width * 4, seen, this.#keys);
    const dKeys = this.#arena.zeros(seen * this.#keys);
    const dValues = this.#arena.zeros(seen * this.#keys);
    const dScores = this.#arena.allocate(count * width);
    for (let head = 0; head < this.#heads; head++) {
      const p = trace.probabilities + head * count * width * 4;
      const shared = Math.floor(head / this.#group) * this.#headSize * 4;
      const offset = start * this.#wide + head * this.#headSize * 4;
      const dOut = dAttended + (start * this.#queries + head * this.#headSize) * 4;
      const size = this.#headSize;
      kernels.matmul(
        dOut,
        this.#queries * 4,
        4,
        valuesTransposed + shared * width,
        width * 4,
        32,
        dScores,
        width * 4,
        count,
        width,
        size,
        0,
      );
      kernels.matmul(p, 4, width * 4, dOut, this.#queries * 4, 32, dValues + shared, keyBytes, seen, size, count, 1);
      kernels.softmaxBackward(p, dScores, width * 4, count, width, size ** -0.5);
      kernels.matmul(dScores, width * 4, 4, trace.keys + shared, keyBytes, 32, dQueryKeyValue + offset, this.#wide, count, size, seen, 0);
      kernels.matmul(dScores, 4, width * 4, queryKeyValue + offset, this.#wide, 32, dKeys + shared, keyBytes, seen, size, count, 1);
    }
    for (const [from, to, rows] of [
      [0, 0, prefix],
      [prefix, start, count],
    ] as const) {
      const target = dQueryKeyValue + to * this.#wide + this.#queries * 4;
      kernels.addRows(dKeys + from * keyBytes, keyBytes, target, this.#wide, rows, this.#keys);
      kernels.addRows(dValues + from * keyBytes, keyBytes, target + keyBytes, this.#wide, rows, this.#keys);
    }
  }
}
