import { Worker } from 'node:worker_threads';
import { RungError } from '#core/errors.ts';
import type { ComingTokens, InferenceResult, InferenceTask } from './inference-task.ts';
import { commonPrefix } from './prefix-cache.ts';
import type { FromWorker, WorkerCalls, WorkerRequest, WorkerResponse, WorkerStart } from './worker-protocol.ts';

interface Pending {
  readonly request: WorkerRequest;
  readonly resolve: (response: WorkerResponse) => void;
  readonly reject: (error: unknown) => void;
  readonly onTokens?: (coming: ComingTokens) => void;
}

interface Slot {
  worker: Worker | undefined;
  readonly pending: Map<number, Pending>;
  /** Tokens of the work in hand: how busy the worker is. */
  load: number;
  /** Beginnings of the prompts it computed last, which its prefix cache is likely to hold. */
  recent: (readonly number[])[];
}

interface Queued {
  readonly id: number;
  readonly task: InferenceTask;
  readonly pending: Pending;
}

/** More than a worker batches at once, so that it never waits for the main thread. */
const maxInFlight = 24;
const recentPrompts = 32;

/** Worker threads with one fair queue before them. Workers start when first needed and keep no process alive while idle. */
export class WorkerPool {
  readonly #slots: Slot[];
  readonly #start: WorkerStart;
  #queue: Queued[] = [];
  #lastId = 0;
  #closed = false;

  constructor(start: WorkerStart, workers: number) {
    this.#start = start;
    this.#slots = Array.from({ length: workers }, () => ({ worker: undefined, pending: new Map(), load: 0, recent: [] }));
  }

  get size(): number {
    return this.#slots.length;
  }

  /** Answers in the order asked, as far as workers are free; an aborted task leaves the queue or its worker at once. */
  infer(task: InferenceTask, signal?: AbortSignal, onTokens?: (coming: ComingTokens) => void): Promise<InferenceResult> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const id = this.#nextId();
      const onAbort = (): void => {
        this.#abort(id);
        reject(signal?.reason);
      };
      const settle = (): void => signal?.removeEventListener('abort', onAbort);
      signal?.addEventListener('abort', onAbort, { once: true });
      const pending: Pending = {
        request: task,
        onTokens,
        resolve: (response) => {
          settle();
          resolve(response as InferenceResult);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      this.#queue.push({ id, task, pending });
      this.#dispatch();
    });
  }

  /** Asks one worker directly, by its number. */
  call<Name extends keyof WorkerCalls>(worker: number, request: WorkerCalls[Name]['request']): Promise<WorkerCalls[Name]['response']> {
    return new Promise((resolve, reject) => {
      const slot = this.#slots[worker % this.#slots.length]!;
      this.#send(slot, this.#nextId(), { request, resolve: resolve as Pending['resolve'], reject });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const error = new RungError({ code: 'nano-closed', message: 'The embedded model was closed.', hint: 'Open it again with openNano.' });
    for (const { pending } of this.#queue) pending.reject(error);
    this.#queue = [];
    await Promise.all(
      this.#slots.map(async (slot) => {
        this.#fail(slot, error);
        await slot.worker?.terminate();
      }),
    );
  }

  #nextId(): number {
    if (this.#closed)
      throw new RungError({ code: 'nano-closed', message: 'The embedded model was closed.', hint: 'Open it again with openNano.' });
    this.#lastId += 1;
    return this.#lastId;
  }

  #dispatch(): void {
    for (;;) {
      const next = this.#queue[0];
      const free = this.#slots.filter((slot) => slot.pending.size < maxInFlight);
      if (!next || free.length === 0) return;
      this.#queue.shift();
      const costs = free.map((slot) => slot.load + next.task.tokens.length - longestShared(slot, next.task.tokens));
      const slot = free[costs.indexOf(Math.min(...costs))]!;
      slot.load += next.task.tokens.length;
      slot.recent = [next.task.tokens, ...slot.recent].slice(0, recentPrompts);
      this.#send(slot, next.id, next.pending);
    }
  }

  #send(slot: Slot, id: number, pending: Pending): void {
    slot.worker ??= this.#spawn(slot);
    if (slot.pending.size === 0) slot.worker.ref();
    slot.pending.set(id, pending);
    slot.worker.postMessage({ type: 'call', id, request: pending.request });
  }

  #abort(id: number): void {
    this.#queue = this.#queue.filter((entry) => entry.id !== id);
    for (const slot of this.#slots) {
      if (!this.#take(slot, id)) continue;
      slot.worker?.postMessage({ type: 'abort', id });
      this.#dispatch();
    }
  }

  #take(slot: Slot, id: number): Pending | undefined {
    const pending = slot.pending.get(id);
    if (!pending) return undefined;
    slot.pending.delete(id);
    if ('tokens' in pending.request) slot.load -= pending.request.tokens.length;
    if (slot.pending.size === 0) slot.worker?.unref();
    return pending;
  }

  #spawn(slot: Slot): Worker {
    // The build renames files but not the strings in URLs: the worker has the extension that this file has.
    const source = new URL('./worker.ts', import.meta.url);
    const file = import.meta.url.endsWith('.ts') ? source : new URL(source.href.replace(/\.ts$/, '.js'));
    const worker = new Worker(file, { workerData: this.#start, execArgv: [] });
    worker.on('message', (message: FromWorker) => {
      if ('coming' in message) return slot.pending.get(message.id)?.onTokens?.(message.coming);
      this.#take(slot, message.id)?.resolve(message.response);
      this.#dispatch();
    });
    worker.on('error', (cause) => {
      slot.worker = undefined;
      this.#fail(slot, workerFailed(cause instanceof Error ? cause.message : String(cause), cause));
      this.#dispatch();
    });
    return worker;
  }

  #fail(slot: Slot, error: unknown): void {
    for (const id of [...slot.pending.keys()]) this.#take(slot, id)?.reject(error);
    slot.recent = [];
  }
}

function longestShared(slot: Slot, tokens: readonly number[]): number {
  return slot.recent.reduce((longest, other) => Math.max(longest, commonPrefix(other, tokens)), 0);
}

function workerFailed(message: string, cause: unknown): RungError {
  return new RungError({
    code: 'nano-worker-failed',
    message: `The embedded model's worker failed: ${message}`,
    hint: 'Run the request again; if it fails again, report it with the request.',
    cause,
  });
}
