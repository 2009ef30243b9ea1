import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inputError, messageOf, RungError } from '#core/errors.ts';
import { isJsonObject } from '#core/json.ts';
import type { LabelAction } from '../growth/label-data.ts';

export interface LabelServerOptions {
  /** 0 for any that is free. */
  readonly port: number;
  /** The page; `nonce` is what its script and style are let through by. */
  page(nonce: string): string;
  /** What the page shows, as JSON. */
  state(): unknown;
  act(action: LabelAction): void;
  /** The person said that they are done. */
  onEnd(): void;
}

export interface LabelServer {
  /** Where the page is. Whoever knows it can label. */
  readonly url: string;
  close(): Promise<void>;
}

const largestBody = 1 << 20;
const actions: readonly string[] = ['label', 'skip', 'undo', 'next', 'back', 'end'] satisfies readonly (LabelAction['do'] | 'end')[];

/**
 * Serves the page to this machine alone, behind a name of 256 random bits. Another site's page can reach 127.0.0.1 through the browser: it does
 * not know the name, and requests whose Host or Origin is not this server's own are refused, so that no name that points here helps either.
 */
export async function openLabelServer(options: LabelServerOptions): Promise<LabelServer> {
  const token = randomBytes(32).toString('base64url');
  const server = createServer((request, response) => {
    answer(request, response, token, options).catch((error: unknown) => {
      if (!response.headersSent) sendJson(response, 500, { error: messageOf(error) });
      else response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portError(error, options.port)));
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/${token}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function portError(error: NodeJS.ErrnoException, port: number): unknown {
  if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') return error;
  const why = error.code === 'EACCES' ? 'may not be used' : 'is in use';
  return inputError({
    code: 'port-taken',
    message: `Port ${port} ${why}.`,
    hint: 'Name another with --port, or leave it out.',
    cause: error,
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, token: string, options: LabelServerOptions): Promise<void> {
  if (!isFromHere(request)) return sendJson(response, 403, { error: 'Requests come from the page itself.' });
  const [, named = '', path = '', ...rest] = new URL(request.url ?? '/', 'http://127.0.0.1').pathname.split('/');
  if (!isSame(named, token) || rest.length > 0) return sendJson(response, 404, { error: 'There is nothing here.' });
  const { method } = request;
  if (path === '' && method === 'GET') return sendPage(response, options);
  if (path === 'state' && method === 'GET') return sendJson(response, 200, options.state());
  if (path !== 'act') return sendJson(response, 404, { error: 'There is nothing here.' });
  if (method !== 'POST') return sendJson(response, 405, { error: 'Acts are sent with POST.' });
  return act(request, response, options);
}

async function act(request: IncomingMessage, response: ServerResponse, options: LabelServerOptions): Promise<void> {
  if (request.headers.origin === undefined || !/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
    return sendJson(response, 403, { error: 'Acts are sent as JSON by the page itself.' });
  }
  const action = readAction(await bodyOf(request));
  if (action === undefined) return sendJson(response, 400, { error: 'That is no act.' });
  try {
    if (action.do === 'end') {
      response.once('finish', options.onEnd);
      return sendJson(response, 200, { ended: true });
    }
    options.act(action);
    return sendJson(response, 200, options.state());
  } catch (error) {
    if (!RungError.is(error)) throw error;
    return sendJson(response, error.exitCode === 2 ? 409 : 500, {
      error: `${error.message}${error.hint === undefined ? '' : ` ${error.hint}`}`,
    });
  }
}

function readAction(body: string | undefined): LabelAction | { readonly do: 'end' } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body ?? '');
  } catch {
    return undefined;
  }
  if (!isJsonObject(value) || typeof value['do'] !== 'string' || !actions.includes(value['do'])) return undefined;
  const { row, label } = value;
  const what = value['do'] as LabelAction['do'] | 'end';
  if (what !== 'label' && what !== 'skip') return { do: what };
  if (typeof row !== 'string') return undefined;
  if (what === 'skip') return { do: what, row };
  return typeof label === 'string' ? { do: what, row, label } : undefined;
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= largestBody) chunks.push(chunk);
  }
  return size <= largestBody ? Buffer.concat(chunks).toString() : undefined;
}

function isFromHere({ headers, socket }: IncomingMessage): boolean {
  const { host, origin } = headers;
  const port = socket.localPort;
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) return false;
  return origin === undefined || origin === `http://${host}`;
}

function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

const guarded = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
};

function sendPage(response: ServerResponse, options: LabelServerOptions): void {
  const nonce = randomBytes(16).toString('base64');
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  response.writeHead(200, { ...guarded, 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy });
  response.end(options.page(nonce));
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, {
    ...guarded,
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Security-Policy': "default-src 'none'",
  });
  response.end(JSON.stringify(value));
}
