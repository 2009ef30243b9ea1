import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { BatchRunner } from './batch-runner.ts';
import { ChatTokenizer } from './chat-tokenizer.ts';
import { Decoder } from './decoder.ts';
import { gradientInChunks } from './gradient-chunks.ts';
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
    stops: (tokens, stop) => {
      tokenizer ??= new ChatTokenizer(start.tokenizerFiles);
      const text = tokenizer.decode(tokens);
      return stop.some((end) => text.includes(end));
    },
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
  const handle = (id: number, request: WorkerRequest): void => {
    switch (request.type) {
      case 'gradient': {
        trainer ??= new LoraGradient(heap, config, raw, shared, weightsOf(undefined));
        const response = gradientInChunks(trainer, request);
        // given away, not copied
        port.postMessage({ id, response } satisfies FromWorker, [response.gradient.buffer as ArrayBuffer]);
        break;
      }
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

if (parentPort) serve(parentPort, workerData as WorkerStart);
