import { Pool } from 'undici';
import { contentHash } from '#core/json.ts';
import type { GenerateOptions, Model, ModelAbilities, ModelRequest, ModelResponse } from '#core/model.ts';
import type { Price } from '#core/money.ts';
import { readCompletion, type Unreadable } from './chat-completion.ts';
import { type ChatDialect, encodeRequest } from './chat-request.ts';
import { ChatStream } from './chat-stream.ts';
import { type Exchange, ExchangeError, exchange } from './http-exchange.ts';
import { badResponse, replyError, type ServiceIdentity, type ServiceReply, transportError } from './service-error.ts';

export interface ChatModelOptions {
  /** `provider/model`. */
  readonly name: string;
  readonly baseUrl: URL;
  readonly dialect: ChatDialect;
  readonly key: string | undefined;
  readonly keyVariable: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly concurrency: Model['concurrency'];
  readonly can: ModelAbilities;
  readonly price?: Price;
  readonly priceIsAssumed?: boolean;
  readonly contextLength?: number;
}

function readAs(response: ModelResponse | Unreadable, service: ServiceIdentity): ModelResponse {
  if ('fault' in response) throw badResponse(service, response.fault, 200);
  return response;
}

function contentTypeOf(reply: ServiceReply): string {
  const value = reply.headers['content-type'];
  return (Array.isArray(value) ? value[0] : value) ?? '';
}

/** Reads a whole reply of a chat server; throws the ModelError that fits anything but an answer. */
function readReply(reply: ServiceReply, request: ModelRequest, stream: ChatStream | undefined, service: ServiceIdentity): ModelResponse {
  if (reply.status !== 200) throw replyError(reply, service, Date.now());
  if (stream?.begun === true) return readAs(stream.response(request), service);
  const type = contentTypeOf(reply);
  if (!type.includes('json'))
    throw badResponse(service, type === '' ? 'the reply has no content type' : 'the reply is not JSON but another content type', 200);
  return readAs(readCompletion(reply.body, request), service);
}

/** A model behind a server that speaks OpenAI's chat API, over a connection pool of its own. */
export function openChatModel(options: ChatModelOptions): Model {
  const { name, baseUrl, dialect, timeoutMs, concurrency } = options;
  const service: ServiceIdentity = { name, keyVariable: options.keyVariable, key: options.key };
  const pool = new Pool(baseUrl.origin, {
    connections: concurrency.maximum,
    pipelining: 1,
    connect: { timeout: Math.min(timeoutMs, 10_000) },
  });
  const path = `${baseUrl.pathname.replace(/\/+$/, '')}/chat/completions${baseUrl.search}`;
  const headers = [
    'content-type',
    'application/json',
    'accept',
    dialect.stream ? 'text/event-stream, application/json' : 'application/json',
  ];
  if (options.key !== undefined) headers.push('authorization', `Bearer ${options.key}`);
  for (const [header, value] of Object.entries(options.headers)) headers.push(header, value);

  async function generate(request: ModelRequest, { signal }: GenerateOptions): Promise<ModelResponse> {
    const stream = dialect.stream ? new ChatStream() : undefined;
    const sent: Exchange = {
      path,
      headers,
      body: encodeRequest(request, dialect),
      timeoutMs,
      signal,
      onEventData: stream === undefined ? undefined : (chunk) => stream.feed(chunk),
    };
    let reply: ServiceReply;
    try {
      reply = await exchange(pool, sent);
    } catch (error) {
      if (error instanceof ExchangeError) throw transportError(error, service, error.answering);
      throw error;
    }
    return readReply(reply, request, stream, service);
  }

  return {
    name,
    // Neither the key nor headers: they decide who pays, not what is answered.
    fingerprint: contentHash({ kind: 'chat', baseUrl: baseUrl.href, model: dialect.model, omitTemperature: dialect.omitTemperature }),
    price: options.price,
    priceIsAssumed: options.priceIsAssumed,
    contextLength: options.contextLength,
    can: options.can,
    concurrency,
    remote: true,
    generate,
    async close() {
      if (!pool.closed && !pool.destroyed) await pool.close();
    },
  };
}
