import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fireworksDialect } from './tuning-server-fireworks.ts';
import { mistralDialect } from './tuning-server-mistral.ts';
import { openaiDialect } from './tuning-server-openai.ts';
import { readRequest, type TuningAction, type TuningDialect } from './tuning-server-request.ts';
import { togetherDialect } from './tuning-server-together.ts';
import { firstByteOf, sendBytes } from './tuning-server-weights.ts';
import { type TuningFate, type TuningJob, type TuningWeights, TuningWorld } from './tuning-server-world.ts';

/** A way in which a tuning server can fail requests of one kind, so many times. */
export interface TuningFault {
  readonly on: TuningAction;
  readonly kind:
    | 'rate-limited'
    | 'server-error'
    /** The connection breaks before anything was done. */
    | 'reset'
    /** All is done, and the connection breaks before the reply. */
    | 'lost-reply'
    /** The connection breaks in the middle of what is sent. */
    | 'cut'
    | 'unauthorised'
    | 'no-credit'
    | 'gone'
    | 'not-json'
    /** The connection breaks in the middle of the reply. */
    | 'cut-reply'
    /** Half of the reply comes, and then nothing. */
    | 'stalled';
  readonly times: number;
  /** Requests of that kind that are let through first. */
  readonly after?: number;
}

export interface TuningServerOptions {
  readonly service: string;
  readonly key?: string;
  readonly fate?: TuningFate;
  readonly faults?: readonly TuningFault[];
  readonly stepsPerLook?: number;
  readonly tokensPerRow?: number;
  /** What it hands out as a tuned model's weights; nothing where absent. */
  readonly weights?: TuningWeights;
  /** Called before each request is dealt with, counted from 0. */
  readonly onRequest?: (index: number) => void;
}

export interface TuningServer {
  /** The `baseUrl` for a trainer. */
  readonly baseUrl: string;
  /** What was asked, in order. */
  readonly requests: readonly {
    readonly method: string;
    readonly path: string;
    readonly action: TuningAction | undefined;
    /** True where a key came along. */
    readonly hasKey: boolean;
    /** The first byte that was asked for, where not the whole was. */
    readonly from?: number;
  }[];
  /** How often that was done, faults that came before the deed not counted. */
  done(action: TuningAction): number;
  readonly jobs: ReadonlyMap<string, TuningJob>;
  close(): Promise<void>;
}

const accountRoot = '/v1/accounts/rung';

/** Service → where its API lies, and its wire. */
const dialects: Readonly<Record<string, readonly [basePath: string, dialect: TuningDialect]>> = {
  openai: ['/v1', openaiDialect('/v1', { methods: ['supervised', 'dpo'], forbidden: [], fewestRows: 10 })],
  azure: ['/openai/v1', openaiDialect('/openai/v1', { methods: ['supervised', 'dpo'], forbidden: [], fewestRows: 10 }, ['api-key', ''])],
  bedrock: ['/v1', openaiDialect('/v1', { methods: ['reinforcement'], forbidden: ['suffix', 'seed'], fewestRows: 100 })],
  together: ['/v1', togetherDialect('/v1')],
  fireworks: ['/v1', fireworksDialect(accountRoot)],
  mistral: ['/v1', mistralDialect('/v1')],
};

/** Starts a server on a free loopback port that speaks a tuning service's protocol, over jobs that get on with every look at them. */
export async function startTuningServer(options: TuningServerOptions): Promise<TuningServer> {
  const chosen = dialects[options.service];
  if (chosen === undefined) throw new RangeError(`There is no tuning service ${options.service}.`);
  const [basePath, dialect] = chosen;
  const { fate = { kind: 'succeeds' }, stepsPerLook = 3, tokensPerRow = 50, weights = { files: {} } } = options;
  const world = new TuningWorld({ fate, stepsPerLook, tokensPerRow, weights });
  const requests: TuningServer['requests'][number][] = [];
  const seen = new Map<TuningAction, number>();
  const done = new Map<TuningAction, number>();

  function faultOf(action: TuningAction): TuningFault['kind'] | undefined {
    const index = seen.get(action) ?? 0;
    seen.set(action, index + 1);
    let from = 0;
    for (const fault of (options.faults ?? []).filter(({ on }) => on === action)) {
      from += fault.after ?? 0;
      if (index >= from && index < from + fault.times) return fault.kind;
      from += fault.times;
    }
    return undefined;
  }

  const refuse = (response: ServerResponse, status: number, message: string, code: string, headers: Record<string, string> = {}) =>
    send(response, status, dialect.error(status, message, code), headers);

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const early = dialect.route({ ...asked(request), json: {}, form: {}, file: undefined }, world);
    const fault = early && faultOf(early.action);
    options.onRequest?.(requests.length);
    const from = firstByteOf(request);
    const hasKey = request.headers[dialect.key[0]] !== undefined;
    requests.push({ method: request.method ?? '', path: request.url ?? '', action: early?.action, hasKey, ...(from > 0 ? { from } : {}) });
    if (fault === 'reset') return void request.socket.resetAndDestroy();
    if (fault === 'cut') {
      await once(request, 'data');
      return void request.socket.resetAndDestroy();
    }
    const body = await bodyOf(request);
    const [header, before] = dialect.key;
    const isKnown = options.key === undefined || early?.isSigned === true || request.headers[header] === `${before}${options.key}`;
    if (fault === 'unauthorised' || !isKnown) {
      return refuse(response, 401, `Incorrect API key provided: ${request.headers[header] ?? 'none'}`, 'invalid_api_key');
    }
    if (fault === 'rate-limited') return refuse(response, 429, 'Rate limit reached.', 'rate_limit_exceeded', { 'retry-after': '7' });
    if (fault === 'server-error') return refuse(response, 503, 'The server had an error.', 'server_error');
    if (fault === 'no-credit') return refuse(response, 402, 'You have insufficient credit.', 'insufficient_quota');
    if (fault === 'gone') return refuse(response, 404, 'There is no such thing.', 'not_found');
    const route = dialect.route(readRequest(request, body), world);
    if (route === undefined) return refuse(response, 404, 'There is no such path.', 'not_found');
    const reply = route.reply();
    done.set(route.action, (done.get(route.action) ?? 0) + 1);
    if (fault === 'lost-reply') return void request.socket.resetAndDestroy();
    if (fault === 'not-json') return send(response, 200, '<html>The gateway is being updated.</html>');
    if (reply.body instanceof Uint8Array) return sendBytes(request, response, reply, fault);
    send(response, reply.status, reply.body, reply.headers);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: Error) => refuse(response, 400, error.message, 'invalid_request_error'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}${basePath}`,
    requests,
    done: (action) => done.get(action) ?? 0,
    jobs: world.jobs,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function asked(request: IncomingMessage) {
  const url = new URL(request.url ?? '/', 'http://localhost');
  return { method: request.method ?? 'GET', path: decodeURI(url.pathname), query: url.searchParams };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
  const isText = typeof body === 'string';
  response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json', ...headers });
  response.end(isText ? body : JSON.stringify(body));
}
