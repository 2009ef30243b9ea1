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
  readonly blocks: readonly QueryBlock[];
}

/** Some queries of a span with the keys up to the last of them: what lies above the diagonal is not computed. */
interface QueryBlock {
  /** First query, counted within the span. */
  readonly from: number;
  readonly count: number;
  readonly seen: number;
  readonly width: number;
  /** Attention of every head, [heads, count, width]. */
  readonly probabilities: number;
}

/** A multiple of the rows that `matmul` takes at once. */
const queryBlock = 48;

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
    const blocks = Array.from({ length: Math.ceil(count / queryBlock) }, (_, index) =>
      this.#attend(queryKeyValue, attended, span, { from: index * queryBlock, width, keysTransposed, values }),
    );
    return { seen, width, keysTransposed, keys, values, blocks };
  }

  #attend(
    queryKeyValue: number,
    attended: number,
    span: PackedSpan,
    given: Pick<SpanTrace, 'width' | 'keysTransposed' | 'values'> & { readonly from: number },
  ): QueryBlock {
    const { kernels } = this.#heap;
    const { from } = given;
    const size = this.#headSize;
    const count = Math.min(queryBlock, span.count - from);
    const seen = span.prefix + from + count;
    const width = Math.ceil(seen / 8) * 8;
    const probabilities = this.#arena.allocate(this.#heads * count * width);
    for (let head = 0; head < this.#heads; head++) {
      const p = probabilities + head * count * width * 4;
      const shared = Math.floor(head / this.#group) * size * 4;
      const q = queryKeyValue + (span.start + from) * this.#wide + head * size * 4;
      const keys = given.keysTransposed + shared * given.width;
      kernels.matmul(q, this.#wide, 4, keys, given.width * 4, 32, p, width * 4, count, width, size, 0);
      kernels.softmax(p, width * 4, count, span.prefix + from + 1, 1, width, size ** -0.5, 0);
      const out = attended + ((span.start + from) * this.#queries + head * size) * 4;
      kernels.matmul(p, width * 4, 4, given.values + shared, this.#keys * 4, 32, out, this.#queries * 4, count, size, seen, 0);
    }
    return { from, count, seen, width, probabilities };
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
    const dScores = this.#arena.allocate(Math.min(count, queryBlock) * width);
    for (const block of trace.blocks) {
      const rows = start + block.from;
      const stride = block.width * 4;
      for (let head = 0; head < this.#heads; head++) {
        const p = block.probabilities + head * block.count * stride;
        const size = this.#headSize;
        const shared = Math.floor(head / this.#group) * size * 4;
        const q = rows * this.#wide + head * size * 4;
        const dOut = dAttended + (rows * this.#queries + head * size) * 4;
        const outRow = this.#queries * 4;
        const keyColumns = valuesTransposed + shared * width;
        kernels.matmul(dOut, outRow, 4, keyColumns, width * 4, 32, dScores, stride, block.count, block.width, size, 0);
        kernels.matmul(p, 4, stride, dOut, outRow, 32, dValues + shared, keyBytes, block.seen, size, block.count, 1);
        kernels.softmaxBackward(p, dScores, stride, block.count, block.width, size ** -0.5);
        const dQuery = dQueryKeyValue + q;
        kernels.matmul(dScores, stride, 4, trace.keys + shared, keyBytes, 32, dQuery, this.#wide, block.count, size, block.seen, 0);
        kernels.matmul(dScores, 4, stride, queryKeyValue + q, this.#wide, 32, dKeys + shared, keyBytes, block.seen, size, block.count, 1);
      }
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
