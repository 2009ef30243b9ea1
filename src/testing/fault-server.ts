import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ChatRequestBody, completionEvents, completionJson } from './chat-reply.ts';
import type { Fault, FaultPlan } from './faults.ts';

export interface FaultServerOptions {
  /** The answer to a request; the last user message unless told. */
  readonly answer?: (request: ChatRequestBody) => string;
  /** Time from request to reply, in milliseconds. */
  readonly thinkMs?: number;
  readonly faults?: FaultPlan;
  /** Requests without `Authorization: Bearer KEY` get status 401 where this is set. */
  readonly key?: string;
  /** Models it knows; others get status 404. All unless told. */
  readonly models?: readonly string[];
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

/** Starts a server on a free loopback port that speaks OpenAI's chat API, streaming and not, and fails as the plan says. */
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
    if (refuse(request, response, body, options)) return;
    const parsed = JSON.parse(body) as ChatRequestBody;
    const answer = (options.answer ?? lastMessage)(parsed);
    if (fault !== undefined && fault.kind !== 'slow-drip') return failWith(fault, parsed, answer, response);
    response.once('finish', () => {
      if (!response.destroyed) tally.delivered++;
    });
    const [type, text] = encode(parsed, answer, requests);
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

function errorJson(message: string, code: string): string {
  return JSON.stringify({ error: { message, type: code, code } });
}

function refuse(request: IncomingMessage, response: ServerResponse, body: string, options: FaultServerOptions): boolean {
  if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
    sendJson(response, 404, errorJson('There is no such path.', 'not_found'));
  } else if (options.key !== undefined && request.headers.authorization !== `Bearer ${options.key}`) {
    sendJson(response, 401, errorJson(`Incorrect API key provided: ${request.headers.authorization ?? 'none'}`, 'invalid_api_key'));
  } else if (options.models !== undefined && !options.models.includes((JSON.parse(body) as ChatRequestBody).model)) {
    sendJson(response, 404, errorJson('The model does not exist.', 'model_not_found'));
  } else {
    return false;
  }
  return true;
}

/** Content type and body of a faultless reply. */
function encode(request: ChatRequestBody, answer: string, number: number): [type: string, text: string] {
  const id = `chatcmpl-${number}`;
  if (request.stream !== true) return ['application/json', completionJson(request, answer, id)];
  const events = completionEvents(request, answer, id).map((data) => `data: ${data}\n\n`);
  return ['text/event-stream', events.join('')];
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
  reply: readonly [string, string],
  request: ChatRequestBody,
) => void;

// Each kind of fault declares how it is done.
const failures: { readonly [K in ImmediateFault['kind']]: Failure<K> } = {
  'rate-limited': (fault, response) =>
    sendJson(
      response,
      429,
      errorJson('Rate limit reached.', 'rate_limit_exceeded'),
      fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) },
    ),
  'server-error': (fault, response) => sendJson(response, fault.status ?? 500, errorJson('The server had an error.', 'server_error')),
  unauthorised: (_fault, response) => sendJson(response, 401, errorJson('Incorrect API key provided.', 'invalid_api_key')),
  'no-answer': () => undefined,
  'connection-reset': (_fault, response) => response.socket?.resetAndDestroy(),
  truncated: (_fault, response, [type, text]) => {
    response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
    response.write(text.slice(0, Math.floor(text.length / 2)), () => response.destroy());
  },
  'invalid-json': (_fault, response, [type, text]) => {
    const broken = type === 'application/json' ? text.slice(0, Math.floor(text.length / 2)) : 'data: {"choices": [{"delta"\n\n';
    response.writeHead(200, { 'content-type': type }).end(broken);
  },
  'empty-choices': (_fault, response, [type]) => {
    const empty = JSON.stringify({ object: 'chat.completion', choices: [], usage: { prompt_tokens: 1, completion_tokens: 0 } });
    response.writeHead(200, { 'content-type': type }).end(type === 'application/json' ? empty : `data: ${empty}\n\ndata: [DONE]\n\n`);
  },
  'missing-content': (_fault, response, _reply, request) => sendJson(response, 200, completionJson(request, null, 'chatcmpl-0')),
  'wrong-content-type': (_fault, response) =>
    void response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>The gateway is being updated.</body></html>'),
};

function failWith(fault: ImmediateFault, request: ChatRequestBody, answer: string, response: ServerResponse): void {
  const fail = failures[fault.kind] as Failure<ImmediateFault['kind']>;
  fail(fault as never, response, encode(request, answer, 0), request);
}
