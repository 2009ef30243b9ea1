import type { Socket } from 'node:net';
import multipart from '@fastify/multipart';
import Fastify, { type FastifyInstance } from 'fastify';
import { ZodError } from 'zod';
import { messageOf } from '#core/errors.ts';
import { type CallerRules, checkCaller } from './callers.ts';
import { chatRoutes } from './chat-routes.ts';
import { fileRoutes } from './file-routes.ts';
import type { JobContext } from './job-context.ts';
import type { JobQueue } from './job-queue.ts';
import { jobRoutes } from './job-routes.ts';
import { modelRoutes } from './model-routes.ts';
import { newId } from './new-id.ts';
import { faultOf } from './schema-fault.ts';
import type { ServedModels } from './served-models.ts';
import { WireError, wireErrorOf } from './wire-error.ts';

export interface ServerOptions {
  readonly context: JobContext;
  readonly queue: JobQueue;
  readonly models: ServedModels;
  readonly rules: CallerRules;
  log(line: string): void;
  now(): number;
}

/** Longest JSON body, in bytes: a conversation of a long context, and no more. */
const largestBody = 8 * 2 ** 20;
/** Until a request has come whole, in milliseconds: an upload of half a gigabyte over a slow line. */
const receiveMs = 15 * 60_000;
const answerMs = 10 * 60_000;

/** The routes behind their rules, not yet listening. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { context, queue, models, rules, log, now } = options;
  const { config, files } = context;
  const server = Fastify({
    bodyLimit: largestBody,
    requestTimeout: receiveMs,
    keepAliveTimeout: 65_000,
    // a request that arrives in the last moment is still answered; idle connections are closed
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    genReqId: () => newId('req_'),
    routerOptions: { maxParamLength: 400, ignoreTrailingSlash: true },
    // addresses that no route can be looked up for
    frameworkErrors: ({ statusCode = 400 }, _request, { raw }) => {
      const wire = new WireError(statusCode, 'The address cannot be read, or is too long.', { code: 'unknown_url' });
      const body = JSON.stringify(wire.body());
      raw.writeHead(wire.status, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
    },
    clientErrorHandler: answerBrokenRequest,
  });
  server.removeContentTypeParser('text/plain');
  // bodies that are absent: the clients' POST …/cancel says JSON and sends none
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? undefined : JSON.parse(body as string));
    } catch {
      done(new WireError(400, 'The request body is not JSON.'));
    }
  });
  await server.register(multipart, {
    throwFileSizeLimit: false,
    limits: { fileSize: Math.floor(config.fileMegabytes * 2 ** 20), files: 2, fields: 20, fieldSize: 4096, parts: 24 },
  });

  server.addHook('onRequest', async (request, reply) => {
    reply.header('x-rung-request-id', request.id).header('x-request-id', request.id);
    const { origin } = request.headers;
    if (origin !== undefined && rules.origins.includes(origin)) allow(reply, origin);
    if (request.method === 'OPTIONS' && origin !== undefined && rules.origins.includes(origin)) return reply.code(204).send();
    if (request.url !== '/healthz') checkCaller(request.headers, rules);
  });
  server.addHook('onResponse', async (request, reply) => {
    const [path = ''] = request.url.split('?');
    log(`${request.method} ${visible(path)} ${reply.statusCode} ${Math.round(reply.elapsedTime)} ms ${request.id}`);
  });
  const refusal = (error: unknown, request: string): WireError => {
    const wire = error instanceof ZodError ? faultOf(error) : wireErrorOf(error);
    if (wire.status >= 500) log(`${request}: ${visible(messageOf(error))}`);
    return wire;
  };
  server.setErrorHandler((error, request, reply) => {
    const wire = refusal(error, request.id);
    if (wire.retryAfter !== undefined) reply.header('retry-after', wire.retryAfter);
    return reply.code(wire.status).send(wire.body());
  });
  server.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?');
    const wire = new WireError(404, `Unknown request URL: ${request.method} ${visible(path)}.`, { code: 'unknown_url' });
    return reply.code(404).send(wire.body());
  });

  server.get('/healthz', async () => ({ status: 'ok' }));
  fileRoutes(server, files);
  jobRoutes(server, context, queue);
  modelRoutes(server, models);
  chatRoutes(server, { models, requestsAtATime: config.requestsAtATime, timeoutMs: answerMs, now, refusal });
  return server;
}

/** What is no HTTP, or broke off: no route and no hook ever sees it. */
function answerBrokenRequest({ code }: { code?: string }, socket: Socket): void {
  if (!socket.writable || code === 'ECONNRESET') return void socket.destroy();
  const body = JSON.stringify(new WireError(400, 'The request cannot be read as HTTP, or broke off.').body());
  const head = ['HTTP/1.1 400 Bad Request', 'Content-Type: application/json', `Content-Length: ${body.length}`, 'Connection: close'];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function allow(reply: { header(name: string, value: string): unknown }, origin: string): void {
  reply.header('access-control-allow-origin', origin);
  reply.header('access-control-allow-methods', 'GET, POST, DELETE');
  reply.header('access-control-allow-headers', 'authorization, *');
  reply.header('vary', 'Origin');
}

/** Text from outside for a log line. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '?').slice(0, 300);
}
