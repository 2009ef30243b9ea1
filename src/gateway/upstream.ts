import { type Dispatcher, Pool } from 'undici';
import { isJsonObject } from '#core/json.ts';
import { EventStreamReader } from '#http/event-stream.ts';
import { replyError, type ServiceIdentity, transportError } from '#http/service-error.ts';
import type { UpstreamSettings } from './config.ts';
import { WireError } from './wire-error.ts';

/** A server of models that this one hands chat requests on to. */
export interface Upstream {
  readonly settings: UpstreamSettings;
  /** Sends JSON (or asks, without a body; a path that begins with a slash is not under /v1) and gives the reply's status and text. Throws status 502 or 504 where there is none. */
  ask(path: string, body: object | undefined, signal: AbortSignal): Promise<{ readonly status: number; readonly text: string }>;
  /** The events of a reply that is a stream. A body that is answered with 404 is made again and sent once more. Throws where the reply is none. */
  events(path: string, body: (again: boolean) => Promise<object>, signal: AbortSignal): AsyncIterable<Record<string, unknown>>;
  /** What to say of a reply that is no success. */
  refusal(status: number, text: string): Error;
  close(): Promise<void>;
}

export function openUpstream(name: string, settings: UpstreamSettings, key: string | undefined): Upstream {
  const base = new URL(settings.baseUrl);
  const pool = new Pool(base.origin, { connections: 64, headersTimeout: settings.timeoutMs, bodyTimeout: settings.timeoutMs });
  const service: ServiceIdentity = { name, keyVariable: settings.apiKeyEnv ?? '', key };
  const underV1 = base.pathname.replace(/\/+$/, '');
  // what a server answers beside OpenAI's API lies where that API does, without its version
  const besideV1 = underV1.replace(/\/v1$/, '');
  const send = async (path: string, body: object | undefined, signal: AbortSignal): Promise<Dispatcher.ResponseData> => {
    try {
      return await pool.request({
        path: path.startsWith('/') ? `${besideV1}${path}` : `${underV1}/${path}`,
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        },
        body: body === undefined ? null : JSON.stringify(body),
        signal,
      });
    } catch (error) {
      if (signal.aborted) throw error;
      throw transportError(error, service, false);
    }
  };
  const refusal = (status: number, text: string): Error => {
    // what it says of the request is the caller's to read, under the same status
    const said = status === 400 || status === 422 ? readError(text) : undefined;
    if (said !== undefined) return new WireError(400, said.message, { param: said.param, code: said.code });
    return replyError({ status, headers: {}, body: text }, service, Date.now());
  };
  return {
    settings,
    refusal,
    async ask(path, body, signal) {
      const { statusCode, body: reply } = await send(path, body, signal);
      return { status: statusCode, text: await reply.text() };
    },
    async *events(path, body, signal) {
      let sent = await send(path, await body(false), signal);
      if (sent.statusCode === 404) {
        await sent.body.dump();
        sent = await send(path, await body(true), signal);
      }
      const { statusCode, body: reply } = sent;
      if (statusCode !== 200) throw refusal(statusCode, await reply.text());
      let arrived: Record<string, unknown>[] = [];
      let ended = false;
      const reader = new EventStreamReader((data) => {
        if (data === '[DONE]') ended = true;
        else arrived.push(eventOf(data));
      });
      try {
        for await (const chunk of reply) {
          reader.feed(chunk as Buffer);
          yield* arrived;
          arrived = [];
        }
      } catch (error) {
        if (signal.aborted) throw error;
        throw transportError(error, service, true);
      }
      if (!ended) throw new WireError(502, `The stream of ${name} broke off.`, { code: 'bad_response' });
    },
    close: () => pool.close(),
  };
}

function eventOf(data: string): Record<string, unknown> {
  try {
    const event: unknown = JSON.parse(data);
    if (isJsonObject(event)) return event;
  } catch {
    // told below
  }
  throw new WireError(502, 'The model server sent a piece that is not JSON.', { code: 'bad_response' });
}

function readError(text: string): { message: string; param: string | null; code: string | null } | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const inner = isJsonObject(parsed) && isJsonObject(parsed['error']) ? parsed['error'] : parsed;
    if (!isJsonObject(inner) || typeof inner['message'] !== 'string') return undefined;
    const textOf = (value: unknown) => (typeof value === 'string' ? value : null);
    return { message: inner['message'].slice(0, 500), param: textOf(inner['param']), code: textOf(inner['code']) };
  } catch {
    return undefined;
  }
}
