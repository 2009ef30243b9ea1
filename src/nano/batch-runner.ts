import type { Decoder, Segment } from './decoder.ts';
import type { Heap } from './heap.ts';
import type { ComingTokens, InferenceResult, InferenceTask } from './inference-task.ts';
import { KeyValueBlock } from './key-value-block.ts';
import type { LlamaConfig } from './llama-config.ts';
import type { LoraAdapter } from './lora-adapter.ts';
import type { ModelWeights } from './model-weights.ts';
import { commonPrefix, type PrefixCache } from './prefix-cache.ts';
import { sample } from './sampler.ts';

interface Waiting {
  readonly id: number;
  readonly task: InferenceTask;
}

interface Sequence {
  readonly id: number;
  readonly task: InferenceTask;
  readonly model: string;
  block: KeyValueBlock;
  readonly tokens: number[];
  readonly result: InferenceResult & { finishReason: 'stop' | 'length'; afterFirstTokenMs: number };
  /** When its first token was there. */
  firstTokenAt: number | undefined;
  /** Whether its answer has come to a stop string with this token. */
  readonly stops: (token: number) => boolean;
}

export interface BatchRunnerOptions {
  readonly heap: Heap;
  readonly config: LlamaConfig;
  readonly decoder: Decoder;
  readonly cache: PrefixCache;
  readonly maxRows: number;
  readonly maxSequences: number;
  /** The weights of a model, loaded if need be; they stay valid for one step. */
  readonly weights: (adapter: LoraAdapter | undefined) => ModelWeights;
  /** What an answer is asked of each of its tokens: whether its text contains one of the stop strings now. */
  readonly stopper: (stop: readonly string[]) => (token: number) => boolean;
  readonly onTokens: (id: number, coming: ComingTokens) => void;
  readonly onResult: (id: number, result: InferenceResult) => void;
}

/** A saving below this many tokens is not worth copying or waiting for. */
const smallestReuse = 8;

/** Room for an answer beyond its prompt, in tokens, before its block has to grow. */
const headroom = 32;

/**
 * Continuous batching: each step advances a mix of sequences, decoding ones by a token and new ones by a piece of
 * their prompt, so a long prompt never holds up short answers.
 */
export class BatchRunner {
  readonly #options: BatchRunnerOptions;
  #waiting: Waiting[] = [];
  #active: Sequence[] = [];

  constructor(options: BatchRunnerOptions) {
    this.#options = options;
  }

  get idle(): boolean {
    return this.#waiting.length === 0 && this.#active.length === 0;
  }

  add(id: number, task: InferenceTask): void {
    this.#waiting.push({ id, task });
  }

  /** Forgets a task that has not finished; its result is never given. */
  abort(id: number): void {
    this.#waiting = this.#waiting.filter((entry) => entry.id !== id);
    const sequence = this.#active.find((entry) => entry.id === id);
    if (!sequence) return;
    this.#active = this.#active.filter((entry) => entry !== sequence);
    sequence.block.release();
  }

  /** One forward pass over as much work as fits. */
  step(): void {
    this.#admit();
    const model = this.#active[0]?.model;
    if (model === undefined) return;
    const { decoder, maxRows } = this.#options;
    const batch: { sequence: Sequence; segment: Segment }[] = [];
    let rows = 0;
    const sameModel = this.#active.filter((sequence) => sequence.model === model);
    // Decoding sequences must never wait for prompts; prompts take their turn in the order they came.
    const decoding = (sequence: Sequence): number => (remaining(sequence) === 1 ? 0 : 1);
    for (const sequence of sameModel.sort((a, b) => decoding(a) - decoding(b))) {
      const count = Math.min(remaining(sequence), maxRows - rows);
      if (count === 0) break;
      this.#makeRoom(sequence, count);
      batch.push({ sequence, segment: segmentOf(sequence, count) });
      rows += count;
    }
    const weights = this.#options.weights(sameModel[0]!.task.adapter);
    const segments = batch.map((entry) => entry.segment);
    const logits = decoder.forward(weights, segments);
    this.#consume(batch, logits);
    // The stepped model goes to the end, so that sequences of several adapters take turns.
    const others = this.#active.filter((sequence) => sequence.model !== model);
    this.#active = [...others, ...this.#active.filter((sequence) => sequence.model === model)];
  }

  #admit(): void {
    const { config, heap, maxSequences } = this.#options;
    const later: Waiting[] = [];
    for (const entry of this.#waiting) {
      if (this.#active.length >= maxSequences) {
        later.push(entry);
        continue;
      }
      const { task, id } = entry;
      const model = task.adapter?.key ?? '';
      // Logits are needed from `first` on, so only tokens before it can be reused.
      const first = task.type === 'generate' ? task.tokens.length - 1 : task.type === 'score' ? task.from - 1 : 0;
      const source = this.#longestPrefix(model, task.tokens, first);
      // A sequence that is computing the same beginning right now will leave more to be copied.
      const worthWaiting = source.coming >= source.length + smallestReuse;
      if (worthWaiting) {
        later.push(entry);
        continue;
      }
      const block = new KeyValueBlock(heap, config, Math.min(task.tokens.length + headroom, config.contextLength));
      const copied = source.block && source.length >= smallestReuse ? source.length : 0;
      if (source.block && copied > 0) block.copyFrom(source.block, copied);
      const empty = { tokens: [], logProbabilities: [], margins: [], logits: [] };
      const result: Sequence['result'] = { ...empty, finishReason: 'length', cachedTokens: copied, afterFirstTokenMs: 0 };
      const stop = task.type === 'generate' ? task.stop : [];
      const stops = stop.length > 0 ? this.#options.stopper(stop) : () => false;
      this.#active.push({ id, task, model, block, tokens: [...task.tokens], result, firstTokenAt: undefined, stops });
    }
    this.#waiting = later;
  }

  /** The longest beginning of `tokens` that is stored already, and how much will be once running prompts are through. */
  #longestPrefix(model: string, tokens: readonly number[], limit: number): { block?: KeyValueBlock; length: number; coming: number } {
    const found = this.#options.cache.find(model, tokens);
    let block = found?.block;
    let length = Math.min(found?.length ?? 0, limit);
    let coming = 0;
    for (const other of this.#active) {
      if (other.model !== model) continue;
      const shared = Math.min(commonPrefix(other.tokens, tokens), limit);
      coming = Math.max(coming, shared);
      const ready = Math.min(shared, other.block.length);
      if (ready > length) [block, length] = [other.block, ready];
    }
    return { block, length, coming };
  }

  /** Most answers are short, so a block grows when needed instead of reserving the longest answer. */
  #makeRoom(sequence: Sequence, count: number): void {
    const { heap, config } = this.#options;
    const { block } = sequence;
    if (block.length + count <= block.capacity) return;
    sequence.block = new KeyValueBlock(heap, config, Math.min(block.length + count + Math.ceil(block.length / 2), config.contextLength));
    sequence.block.copyFrom(block, block.length);
    block.release();
  }

  #consume(batch: readonly { sequence: Sequence; segment: Segment }[], logits: number): void {
    const { heap, decoder, config } = this.#options;
    let row = logits;
    for (const { sequence, segment } of batch) {
      const { task, tokens, block, result } = sequence;
      const start = block.length - segment.tokens.length;
      for (const index of segment.outputs) {
        const values = heap.floats(row, config.vocabularySize);
        row += decoder.logitsRow * 4;
        if (task.type === 'logits') result.logits.push(values.slice());
        else {
          const next = task.type === 'score' ? tokens[start + index + 1]! : sample(values, task.sampling, start + index + 1);
          if (task.type === 'score' || task.logProbabilities) result.logProbabilities.push(logProbability(values, next));
          if (task.type === 'score') result.margins.push(marginOver(values, next));
          result.tokens.push(next);
          if (task.type !== 'generate') continue;
          tokens.push(next);
          sequence.firstTokenAt ??= performance.now();
          if (task.told) this.#options.onTokens(sequence.id, { tokens: [next], logProbabilities: result.logProbabilities.slice(-1) });
        }
      }
      if (this.#finished(sequence)) this.#finish(sequence);
    }
  }

  #finished({ task, tokens, block, result, stops }: Sequence): boolean {
    const { config } = this.#options;
    if (task.type !== 'generate') return block.length === tokens.length;
    const last = result.tokens.at(-1);
    if (last === undefined) return false;
    if (config.endTokens.includes(last) || stops(last)) {
      result.finishReason = 'stop';
      return true;
    }
    return result.tokens.length >= task.maxOutputTokens || tokens.length >= config.contextLength;
  }

  #finish(sequence: Sequence): void {
    const { block, tokens, firstTokenAt } = sequence;
    if (firstTokenAt !== undefined) sequence.result.afterFirstTokenMs = performance.now() - firstTokenAt;
    this.#active = this.#active.filter((entry) => entry !== sequence);
    this.#options.cache.store(sequence.model, tokens.slice(0, block.length), block);
    this.#options.onResult(sequence.id, sequence.result);
  }
}

function remaining({ tokens, block }: Sequence): number {
  return tokens.length - block.length;
}

function segmentOf({ task, tokens, block }: Sequence, count: number): Segment {
  const from = block.length;
  const piece = tokens.slice(from, from + count);
  const wanted = (position: number): boolean => {
    if (task.type === 'logits') return true;
    if (task.type === 'score') return position >= task.from - 1 && position < tokens.length - 1;
    return position === tokens.length - 1;
  };
  return { block, tokens: piece, outputs: piece.map((_, index) => index).filter((index) => wanted(from + index)) };
}

/** ln softmax(logits)[token], in double precision. */
function logProbability(logits: Float32Array, token: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) largest = Math.max(largest, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  return logits[token]! - largest - Math.log(sum);
}

/** ln p of a token less that of the likeliest other one. */
function marginOver(logits: Float32Array, token: number): number {
  let other = Number.NEGATIVE_INFINITY;
  for (let each = 0; each < logits.length; each++) if (each !== token) other = Math.max(other, logits[each]!);
  return logits[token]! - other;
}
