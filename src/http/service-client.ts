import { Pool } from 'undici';
import { isJsonObject, type JsonObject } from '#core/json.ts';
import { ModelError } from '#core/model-error.ts';
import { type Exchange, ExchangeError, exchange } from './exchange.ts';
import { encodeForm, type FileForm } from './multipart.ts';
import { badResponse, replyError, type ServiceIdentity, type ServiceReply, transportError } from './service-error.ts';

/** Time and chance as a client uses them, so that tests may set both. */
export interface ServiceClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after that many milliseconds, or rejects when aborted. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** In [0, 1); spreads the waits of several clients. */
  random(): number;
}

export interface ServiceClientOptions {
  readonly identity: ServiceIdentity;
  /** All paths lie under it; its query is sent with each request. */
  readonly baseUrl: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly clock: ServiceClock;
}

export interface ServiceRequest {
  readonly method?: Exchange['method'];
  /** Below the base address, without a leading slash. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: JsonObject;
  readonly form?: FileForm;
  readonly signal: AbortSignal;
  /** True where doing it twice would do harm: it is then sent once, whatever becomes of it. */
  readonly once?: boolean;
}

/** Sendings of one request before its error is given on. */
export const mostAttempts = 6;

/** Whoever asks for more is asked again sooner: a job's watcher must see in time that it is to be cancelled. */
const longestWaitMs = 120_000;

/** How long to wait after the `attempt`-th failure (from 0): what the service asks, else doubling from a second to a minute, spread by half. */
export function retryDelayMs(attempt: number, error: ModelError, random: number): number {
  if (error.retryAfterMs !== undefined) return Math.min(error.retryAfterMs, longestWaitMs);
  return Math.min(60_000, 1000 * 2 ** attempt) * (0.5 + random / 2);
}

/** A service that speaks JSON over HTTP. Whatever may pass is tried again; errors are ModelErrors that never repeat the key. */
export class ServiceClient {
  readonly #options: ServiceClientOptions;
  readonly #pool: Pool;

  constructor(options: ServiceClientOptions) {
    this.#options = options;
    this.#pool = new Pool(options.baseUrl.origin, { connections: 2, connect: { timeout: Math.min(options.timeoutMs, 10_000) } });
  }

  /** The reply as a JSON object; an empty reply is an empty object. */
  async json(request: ServiceRequest): Promise<Record<string, unknown>> {
    return this.#retried(request, async () => {
      const { body } = await this.#send(request);
      if (body.trim() === '') return {};
      let parsed: unknown;
      try {
        parsed = JSON.parse(body);
      } catch {
        throw badResponse(this.#options.identity, 'the reply is not JSON');
      }
      if (Array.isArray(parsed)) return { data: parsed };
      if (isJsonObject(parsed)) return parsed;
      throw badResponse(this.#options.identity, 'the reply is not an object');
    });
  }

  /** The reply as text, as the content of a file. */
  text(request: ServiceRequest): Promise<string> {
    return this.#retried(request, async () => (await this.#send(request)).body);
  }

  async close(): Promise<void> {
    if (!this.#pool.closed && !this.#pool.destroyed) await this.#pool.destroy();
  }

  async #retried<T>(request: ServiceRequest, send: () => Promise<T>): Promise<T> {
    const { clock } = this.#options;
    for (let attempt = 0; ; attempt++) {
      try {
        return await send();
      } catch (error) {
        if (!ModelError.is(error) || !error.retryable || request.once === true || attempt + 1 >= mostAttempts) throw error;
        await clock.wait(retryDelayMs(attempt, error, clock.random()), request.signal);
      }
    }
  }

  async #send(request: ServiceRequest): Promise<ServiceReply> {
    const { identity, baseUrl, timeoutMs, clock } = this.#options;
    // an id that a service gave is a part of a path: as one of these it would ask for something else
    if (request.path.split('/').some((part) => part === '..' || part === '.'))
      throw new ModelError({ kind: 'rejected', message: `${identity.name} gave a name that cannot stand in an address.` });
    const form = request.form === undefined ? undefined : await encodeForm(request.form);
    const headers = ['accept', 'application/json, */*', ...Object.entries(this.#options.headers).flat()];
    if (form !== undefined) headers.push('content-type', form.contentType, 'content-length', String(form.length));
    else if (request.body !== undefined) headers.push('content-type', 'application/json');
    const query = new URLSearchParams([...baseUrl.searchParams, ...Object.entries(request.query ?? {})]).toString();
    let reply: ServiceReply;
    try {
      reply = await exchange(this.#pool, {
        method: request.method ?? 'GET',
        path: `${baseUrl.pathname.replace(/\/+$/, '')}/${request.path}${query === '' ? '' : `?${query}`}`,
        headers,
        body: form?.body() ?? (request.body === undefined ? undefined : JSON.stringify(request.body)),
        timeoutMs,
        // a large file takes its time; whether it gets on is watched piece by piece
        isLong: form !== undefined,
        signal: request.signal,
      });
    } catch (error) {
      if (error instanceof ExchangeError) throw transportError(error, identity, error.answering);
      throw error;
    }
    if (reply.status >= 200 && reply.status < 300) return reply;
    throw replyError(reply, identity, clock.now());
  }
}
