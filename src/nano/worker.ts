import { setImmediate as nextTurn } from 'node:timers/promises';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { BatchRunner } from './batch-runner.ts';
import { ChatTokenizer } from './chat-tokenizer.ts';
import { Decoder } from './decoder.ts';
import { type GradientRequest, gradientInChunks } from './gradient-chunks.ts';
import { GrowingText } from './growing-text.ts';
import { Heap } from './heap.ts';
import type { LoraAdapter } from './lora-adapter.ts';
import { LoraGradient } from './lora-gradient.ts';
import { loadShared, loadWeights, type ModelWeights, releaseWeights } from './model-weights.ts';
import { PrefixCache } from './prefix-cache.ts';
import type { FromWorker, ToWorker, WorkerRequest, WorkerStart } from './worker-protocol.ts';

const maxRows = 256;
const maxSequences = 16;
/** Copies of the weights with an adapter merged in; the base is kept besides. */
const maxAdapters = 3;

function serve(port: MessagePort, start: WorkerStart): void {
  const { config, weights: raw } = start;
  const heap = new Heap();
  const shared = loadShared(heap, config, raw);
  const cache = new PrefixCache(start.prefixCacheBytes);
  const loaded = new Map<string, ModelWeights>();
  let tokenizer: ChatTokenizer | undefined;
  let trainer: LoraGradient | undefined;

  const weightsOf = (adapter: LoraAdapter | undefined): ModelWeights => {
    const key = adapter?.key ?? '';
    const weights = loaded.get(key) ?? loadWeights(heap, config, raw, adapter);
    // Setting a key again moves it to the end: the map is in order of use.
    loaded.delete(key);
    loaded.set(key, weights);
    const oldest = [...loaded.keys()].find((other) => other !== '' && other !== key);
    if (oldest !== undefined && loaded.size > maxAdapters + 1) {
      releaseWeights(heap, loaded.get(oldest)!);
      loaded.delete(oldest);
      cache.clear(oldest);
    }
    return weights;
  };
  const post = (message: FromWorker): void => port.postMessage(message);
  const runner = new BatchRunner({
    heap,
    config,
    decoder: new Decoder(heap, config, shared, maxRows),
    cache,
    maxRows,
    maxSequences,
    weights: weightsOf,
    stopper: (stop) => {
      tokenizer ??= new ChatTokenizer(start.tokenizerFiles);
      return stopFinder(tokenizer, stop);
    },
    onTokens: (id, coming) => post({ id, coming }),
    onResult: (id, response) => post({ id, response }),
  });

  let scheduled = false;
  const schedule = (): void => {
    if (scheduled || runner.idle) return;
    scheduled = true;
    // One step at a time, so that new requests and aborts are seen between steps.
    setImmediate(() => {
      scheduled = false;
      runner.step();
      schedule();
    });
  };
  /** Answers take turns with training: after each piece of work they get as long as it took. */
  const letAnswer = async (tookMs: number): Promise<void> => {
    await nextTurn();
    const until = performance.now() + tookMs;
    while (!runner.idle && performance.now() < until) {
      runner.step();
      await nextTurn();
    }
  };
  const giveGradient = async (id: number, request: GradientRequest): Promise<void> => {
    trainer ??= new LoraGradient(heap, config, raw, shared, weightsOf(undefined));
    const response = await gradientInChunks(trainer, request, letAnswer);
    // given away, not copied
    port.postMessage({ id, response } satisfies FromWorker, [response.gradient.buffer as ArrayBuffer]);
  };
  let gradients: Promise<void> = Promise.resolve();
  const handle = (id: number, request: WorkerRequest): void => {
    switch (request.type) {
      case 'gradient':
        gradients = gradients.then(() => giveGradient(id, request));
        break;
      case 'usage':
        post({ id, response: { bytesInUse: heap.bytesInUse, bytesReserved: heap.bytesReserved, prefixCacheBytes: cache.bytes } });
        break;
      default:
        runner.add(id, request);
        schedule();
    }
  };
  port.on('message', (message: ToWorker) => {
    if (message.type === 'abort') runner.abort(message.id);
    else handle(message.id, message.request);
  });
}

/** Says with which token an answer has come to one of the stop strings. */
function stopFinder(tokenizer: ChatTokenizer, stop: readonly string[]): (token: number) => boolean {
  const growing = new GrowingText((tokens) => tokenizer.decode(tokens));
  const longest = Math.max(...stop.map((end) => end.length));
  let tail = '';
  return (token) => {
    tail += growing.push(token);
    const found = stop.some((end) => tail.includes(end));
    tail = tail.slice(-longest);
    return found;
  };
}

if (parentPort) serve(parentPort, workerData as WorkerStart);
