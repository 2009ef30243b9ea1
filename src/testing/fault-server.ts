import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerTo, type ChatAnswer, type ChatRequestBody, completionEvents, completionJson } from './chat-reply.ts';
import { type EmbeddingRequestBody, embeddingsJson } from './embedding-reply.ts';
import type { Fault, FaultPlan } from './faults.ts';
import { errorJson, refusalOf, type ServerLimits } from './refusals.ts';

export interface FaultServerOptions extends ServerLimits {
  /** The answer to a request; the last user message unless told. A text becomes the arguments where a function is forced. */
  readonly answer?: (request: ChatRequestBody) => string | ChatAnswer;
  /** Time from request to reply, in milliseconds. */
  readonly thinkMs?: number;
  readonly faults?: FaultPlan;
}

/** What a server saw of one distinct request body. */
export interface RequestTally {
  received: number;
  /** Complete, faultless answers that were written out: what a service would bill. */
  delivered: number;
}

export interface FaultServer {
  /** The `baseUrl` for a client. */
  readonly baseUrl: string;
  /** By request body. */
  readonly tallies: ReadonlyMap<string, RequestTally>;
  /** Requests received and answers delivered, over all bodies. */
  totals(): RequestTally;
  /** Most requests that were in work at the same time. */
  readonly peakConcurrency: number;
  close(): Promise<void>;
}

/**
 * Starts a server on a free loopback port that speaks OpenAI's chat API (streaming, tools, JSON schema, log-probabilities) and
 * its embeddings, and fails as the plan says.
 */
export async function startFaultServer(options: FaultServerOptions = {}): Promise<FaultServer> {
  const tallies = new Map<string, RequestTally>();
  const closing = new AbortController();
  let requests = 0;
  let working = 0;
  let peakConcurrency = 0;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request);
    const tally = tallies.get(body) ?? { received: 0, delivered: 0 };
    tallies.set(body, tally);
    const asked = { index: requests++, attempt: tally.received++, body };
    const fault = options.faults?.(asked);
    if (options.thinkMs !== undefined && options.thinkMs > 0) await sleep(options.thinkMs, undefined, { signal: closing.signal });
    const refusal = refusalOf(request, body, options);
    if (refusal !== undefined) return sendJson(response, refusal.status, refusal.body);
    const reply = replyTo(request.url ?? '', body, options, requests);
    if (fault !== undefined && fault.kind !== 'slow-drip') return failWith(fault, reply, response);
    response.once('finish', () => {
      if (!response.destroyed) tally.delivered++;
    });
    const { type, text } = reply;
    response.writeHead(200, { 'content-type': type, ...(fault === undefined ? { 'content-length': Buffer.byteLength(text) } : {}) });
    if (fault !== undefined) await drip(text, fault.millisecondsPerByte, response, closing.signal);
    else response.end(text);
  }

  const server = createServer((request, response) => {
    peakConcurrency = Math.max(peakConcurrency, ++working);
    response.once('close', () => working--);
    handle(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    tallies,
    totals() {
      const totals = { received: 0, delivered: 0 };
      for (const tally of tallies.values()) {
        totals.received += tally.received;
        totals.delivered += tally.delivered;
      }
      return totals;
    },
    get peakConcurrency() {
      return peakConcurrency;
    },
    async close() {
      closing.abort();
      server.closeAllConnections();
      server.close();
      if (server.listening) await once(server, 'close');
    },
  };
}

function lastMessage(request: ChatRequestBody): string {
  return request.messages.findLast((message) => message.role === 'user')?.content ?? '';
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function sendJson(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
}

/** A reply in every state it can be in. */
interface Reply {
  readonly type: string;
  /** The faultless body. */
  readonly text: string;
  /** Of the right shape, and with nothing in it. */
  readonly empty: string;
  /** With an entry that lacks what matters. */
  readonly missing: string;
}

const eventStream = 'text/event-stream';

function eventsText(events: readonly string[]): string {
  return events.map((data) => `data: ${data}\n\n`).join('');
}

function replyTo(path: string, body: string, options: FaultServerOptions, number: number): Reply {
  return path.endsWith('/embeddings')
    ? embeddingReply(JSON.parse(body), options.embed ?? (() => []))
    : chatReply(JSON.parse(body), options.answer ?? lastMessage, number);
}

function embeddingReply(request: EmbeddingRequestBody, embed: (text: string) => readonly number[]): Reply {
  const list = (data: readonly object[]) => JSON.stringify({ object: 'list', data, model: request.model });
  const missing = list([{ object: 'embedding', index: 0 }]);
  return { type: 'application/json', text: embeddingsJson(request, embed), empty: list([]), missing };
}

function chatReply(request: ChatRequestBody, answerOf: NonNullable<FaultServerOptions['answer']>, number: number): Reply {
  const answer = answerTo(request, answerOf(request));
  const id = `chatcmpl-${number}`;
  const empty = JSON.stringify({ object: 'chat.completion', choices: [], usage: { prompt_tokens: 1, completion_tokens: 0 } });
  if (request.stream !== true) {
    return { type: 'application/json', text: completionJson(request, answer, id), empty, missing: completionJson(request, {}, id) };
  }
  const [text, missing] = [completionEvents(request, answer, id), completionEvents(request, {}, id)].map(eventsText);
  return { type: eventStream, text: text!, empty: eventsText([empty, '[DONE]']), missing: missing! };
}

async function drip(text: string, millisecondsPerByte: number, response: ServerResponse, signal: AbortSignal): Promise<void> {
  for (const byte of Buffer.from(text)) {
    if (response.destroyed) return;
    response.write(Uint8Array.of(byte));
    await sleep(millisecondsPerByte, undefined, { signal });
  }
  response.end();
}

type ImmediateFault = Exclude<Fault, { kind: 'slow-drip' }>;
type Failure<K extends ImmediateFault['kind']> = (
  fault: Extract<ImmediateFault, { kind: K }>,
  response: ServerResponse,
  reply: Reply,
) => void;

const serverError = errorJson('The server had an error.', 'server_error');

// Each kind of fault declares how it is done.
const failures: { readonly [K in ImmediateFault['kind']]: Failure<K> } = {
  'rate-limited': (fault, response) =>
    sendJson(
      response,
      429,
      errorJson('Rate limit reached.', 'rate_limit_exceeded'),
      fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) },
    ),
  'server-error': (fault, response) => sendJson(response, fault.status ?? 500, serverError),
  unauthorised: (_fault, response) => sendJson(response, 401, errorJson('Incorrect API key provided.', 'invalid_api_key')),
  'no-answer': () => undefined,
  'connection-reset': (_fault, response) => response.socket?.resetAndDestroy(),
  truncated: (_fault, response, { type, text }) => {
    response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
    response.write(text.slice(0, Math.floor(text.length / 2)), () => response.destroy());
  },
  'stream-error': (_fault, response, { type, text }) => {
    if (type !== eventStream) return sendJson(response, 500, serverError);
    const begun = text.slice(0, text.indexOf('\n\n', text.length / 3) + 2);
    response.writeHead(200, { 'content-type': type }).end(`${begun}${eventsText([serverError])}`);
  },
  'invalid-json': (_fault, response, { type, text }) => {
    const broken = type === eventStream ? 'data: {"choices": [{"delta"\n\n' : text.slice(0, Math.floor(text.length / 2));
    response.writeHead(200, { 'content-type': type }).end(broken);
  },
  'empty-choices': (_fault, response, { type, empty }) => void response.writeHead(200, { 'content-type': type }).end(empty),
  'missing-content': (_fault, response, { type, missing }) => void response.writeHead(200, { 'content-type': type }).end(missing),
  'wrong-content-type': (_fault, response) =>
    void response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>The gateway is being updated.</body></html>'),
};

function failWith(fault: ImmediateFault, reply: Reply, response: ServerResponse): void {
  const fail = failures[fault.kind] as Failure<ImmediateFault['kind']>;
  fail(fault as never, response, reply);
}
