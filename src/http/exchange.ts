import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { ServiceReply } from './service-error.ts';

/** Longest reply that is held in memory, in bytes. */
const maximumReplyBytes = 64 * 1024 * 1024;

export interface Exchange {
  /** POST unless told. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** Name, value, name, value. */
  readonly headers: string[];
  /** None with GET and DELETE; pieces are sent as they come. */
  readonly body?: string | AsyncIterable<Uint8Array>;
  /** For the headers, between two pieces of the body, and for the whole. */
  readonly timeoutMs: number;
  /** True where the whole may take as long as it takes, so long as pieces come. */
  readonly isLong?: boolean;
  readonly signal: AbortSignal;
  /** Takes the pieces of a successful event stream as they come; such a reply's `body` is empty. */
  readonly onEventData?: (chunk: Buffer) => void;
  /** Told once, before the first piece of the body. */
  readonly onHeaders?: (status: number, headers: ServiceReply['headers']) => void;
  /** Takes the pieces of any other successful reply as they come, however long it is; such a reply's `body` is empty. */
  readonly onBytes?: (chunk: Buffer) => void;
}

export class ExchangeError extends Error {
  readonly code: string;
  /** True once the headers of the reply had come. */
  readonly answering: boolean;

  constructor(error: Error & { code?: unknown }, answering: boolean) {
    super(error.message);
    this.code = typeof error.code === 'string' ? error.code : '';
    this.answering = answering;
  }
}

function timeoutError(): Error {
  return Object.assign(new Error('The reply took too long.'), { code: 'UND_ERR_BODY_TIMEOUT' });
}

// undici's own dispatch interface: `request` would wrap every body in a stream, which costs more than the rest of the call.
class ReplyHandler implements Dispatcher.DispatchHandler {
  readonly #exchange: Exchange;
  readonly #resolve: (reply: ServiceReply) => void;
  readonly #reject: (error: unknown) => void;
  readonly #chunks: Buffer[] = [];
  readonly #startedAt = performance.now();
  readonly #onAbort: () => void;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #bytes = 0;
  #onData: ((chunk: Buffer) => void) | undefined;

  constructor(exchange: Exchange, resolve: (reply: ServiceReply) => void, reject: (error: unknown) => void) {
    this.#exchange = exchange;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#onAbort = () => {
      reject(exchange.signal.reason);
      this.#controller?.abort(new Error('aborted'));
    };
    exchange.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#exchange.signal.aborted) controller.abort(new Error('aborted'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    this.#exchange.onHeaders?.(status, headers);
    const isEventStream = status === 200 && headers['content-type']?.startsWith('text/event-stream') === true;
    if (isEventStream) this.#onData = this.#exchange.onEventData;
    else if (status < 300) this.#onData = this.#exchange.onBytes;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    // undici's own time-out starts anew with every piece; a slow drip must end too.
    const isOver = performance.now() - this.#startedAt > this.#exchange.timeoutMs && this.#exchange.isLong !== true;
    if (isOver) controller.abort(timeoutError());
    else if (this.#bytes > maximumReplyBytes && this.#exchange.onBytes === undefined) controller.abort(new Error('The reply is too long.'));
    else if (this.#onData === undefined) this.#chunks.push(chunk);
    else this.#onData(chunk);
  }

  onResponseEnd(): void {
    this.#detach();
    const only = this.#chunks.length === 1 ? this.#chunks[0] : undefined;
    const body = (only ?? Buffer.concat(this.#chunks)).toString('utf8');
    this.#resolve({ status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(error);
  }

  fail(error: Error): void {
    this.#detach();
    this.#reject(new ExchangeError(error, this.#status !== 0));
  }

  #detach(): void {
    this.#exchange.signal.removeEventListener('abort', this.#onAbort);
  }
}

/**
 * Sends one request and gives the whole reply, whatever its status.
 * Rejects with the signal's reason, or with an ExchangeError where the connection failed or timed out.
 */
export function exchange(dispatcher: Dispatcher, options: Exchange): Promise<ServiceReply> {
  return new Promise((resolve, reject) => {
    if (options.signal.aborted) return reject(options.signal.reason);
    const handler = new ReplyHandler(options, resolve, reject);
    try {
      dispatcher.dispatch(
        {
          path: options.path,
          method: options.method ?? 'POST',
          headers: options.headers,
          body: options.body as Dispatcher.DispatchOptions['body'],
          headersTimeout: options.timeoutMs,
          bodyTimeout: options.timeoutMs,
        },
        handler,
      );
    } catch (error) {
      handler.fail(error instanceof Error ? error : new Error(String(error)));
    }
  });
}
