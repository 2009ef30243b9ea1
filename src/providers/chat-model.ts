import { Pool } from 'undici';
import { contentHash } from '#core/json.ts';
import type {
  EmbeddingResponse,
  GenerateOptions,
  Model,
  ModelAbilities,
  ModelRequest,
  ModelResponse,
  ScoreRequest,
  ScoreResponse,
} from '#core/model.ts';
import type { Price } from '#core/money.ts';
import { type Exchange, ExchangeError, exchange } from '#http/exchange.ts';
import { badResponse, replyError, type ServiceIdentity, type ServiceReply, transportError } from '#http/service-error.ts';
import { readCompletion } from './chat-completion.ts';
import { type ChatDialect, encodeRequest } from './chat-request.ts';
import { ChatStream } from './chat-stream.ts';
import { encodeEmbeddings, readEmbeddings } from './embedding-reply.ts';
import { encodeScoring, readScores } from './score-reply.ts';
import type { Unreadable } from './unreadable.ts';

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
  /** Set where the model makes vectors: how they are asked for. */
  readonly embeddings?: 'base64' | 'float';
  /** True for the server of `trainer/serve.py`, which tells how likely a given answer is. */
  readonly scores?: boolean;
}

function readAs<T extends object>(response: T | Unreadable, service: ServiceIdentity): T {
  if ('fault' in response) throw badResponse(service, response.fault, 200);
  return response;
}

function contentTypeOf(reply: ServiceReply): string {
  const value = reply.headers['content-type'];
  return (Array.isArray(value) ? value[0] : value) ?? '';
}

/** The body of a reply that is JSON; throws the ModelError that fits anything else. */
function jsonBody(reply: ServiceReply, service: ServiceIdentity): string {
  if (reply.status !== 200) throw replyError(reply, service, Date.now());
  const type = contentTypeOf(reply);
  if (type.includes('json')) return reply.body;
  throw badResponse(service, type === '' ? 'the reply has no content type' : 'the reply is not JSON but another content type', 200);
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
  const pathOf = (resource: string) => `${baseUrl.pathname.replace(/\/+$/, '')}/${resource}${baseUrl.search}`;
  const paths = { chat: pathOf('chat/completions'), embeddings: pathOf('embeddings') };
  const headers = ['content-type', 'application/json'];
  if (options.key !== undefined) headers.push('authorization', `Bearer ${options.key}`);
  for (const [header, value] of Object.entries(options.headers)) headers.push(header, value);
  const whole = [...headers, 'accept', 'application/json'];
  const streamed = [...headers, 'accept', 'text/event-stream, application/json'];

  async function post(sent: Omit<Exchange, 'timeoutMs'>): Promise<ServiceReply> {
    try {
      return await exchange(pool, { ...sent, timeoutMs });
    } catch (error) {
      if (error instanceof ExchangeError) throw transportError(error, service, error.answering);
      throw error;
    }
  }

  async function generate(request: ModelRequest, { signal, onPiece }: GenerateOptions): Promise<ModelResponse> {
    // what a function is called with is read once it is whole
    const toPieces = request.jsonSchema !== undefined && dialect.schemaBy === 'tool' ? undefined : onPiece;
    const asksStream = dialect.stream ?? toPieces !== undefined;
    const body = encodeRequest(request, { ...dialect, stream: asksStream });
    const stream = asksStream ? new ChatStream(toPieces) : undefined;
    const onEventData = stream === undefined ? undefined : (chunk: Buffer) => stream.feed(chunk);
    const reply = await post({ path: paths.chat, headers: asksStream ? streamed : whole, body, signal, onEventData });
    if (reply.status === 200 && stream?.begun === true) return readAs(stream.response(request), service);
    return readAs(readCompletion(jsonBody(reply, service), request), service);
  }

  async function embed(texts: readonly string[], { signal }: GenerateOptions): Promise<EmbeddingResponse> {
    const body = encodeEmbeddings(texts, dialect.model, options.embeddings ?? 'float');
    const reply = await post({ path: paths.embeddings, headers: whole, body, signal });
    return readAs(readEmbeddings(jsonBody(reply, service), texts), service);
  }

  async function score(request: ScoreRequest, { signal }: GenerateOptions): Promise<ScoreResponse> {
    const body = encodeScoring(request, dialect.model);
    const reply = await post({ path: pathOf('score'), headers: whole, body, signal });
    return readAs(readScores(jsonBody(reply, service), request.answers), service);
  }

  return {
    name,
    // Neither the key nor headers: they decide who pays, not what is answered.
    fingerprint: contentHash({
      kind: 'chat',
      baseUrl: baseUrl.href,
      model: dialect.model,
      omitTemperature: dialect.omitTemperature,
      schemaBy: dialect.schemaBy === 'format' ? undefined : dialect.schemaBy,
    }),
    price: options.price,
    priceIsAssumed: options.priceIsAssumed,
    contextLength: options.contextLength,
    can: options.can,
    concurrency,
    remote: true,
    generate,
    ...(options.embeddings === undefined ? {} : { embed }),
    ...(options.scores === true ? { score } : {}),
    async close() {
      if (!pool.closed && !pool.destroyed) await pool.close();
    },
  };
}
