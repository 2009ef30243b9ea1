import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { isJsonObject } from '#core/json.ts';
import { readChatHead } from './chat-request.ts';
import { newId } from './new-id.ts';
import type { Asked } from './served-model.ts';
import type { ServedModels } from './served-models.ts';
import { WireError } from './wire-error.ts';

export interface ChatRoutesOptions {
  readonly models: ServedModels;
  /** Most requests in work: one more is refused with status 429, since waiting would only hide it. */
  readonly requestsAtATime: number;
  readonly timeoutMs: number;
  now(): number;
  /** What went wrong with a request as a client may read it; the log is told what it may not. */
  refusal(error: unknown, request: string): WireError;
}

/** `/v1/chat/completions`, whole and as a stream of events. */
export function chatRoutes(server: FastifyInstance, options: ChatRoutesOptions): void {
  let working = 0;
  server.post('/v1/chat/completions', async ({ body, id }, reply) => {
    const head = readChatHead(body);
    if (working >= options.requestsAtATime) {
      throw new WireError(429, `${working} requests are being answered, which is as many as this server takes at a time.`, {
        type: 'requests',
        code: 'rate_limit_exceeded',
        retryAfter: 1,
      });
    }
    working++;
    reply.raw.once('close', () => working--);
    const asked: Asked = {
      head,
      body: isJsonObject(body) ? body : {},
      id: newId('chatcmpl-', 29),
      created: Math.floor(options.now() / 1000),
      signal: goneOrLate(reply, options.timeoutMs),
    };
    try {
      const answerer = await options.models.answerer(head.model);
      if (!head.stream) return await answerer.complete(asked);
      // the first chunk decides about the status, so it is awaited
      const chunks = answerer.stream(asked)[Symbol.asyncIterator]();
      const first = await chunks.next();
      reply
        .header('content-type', 'text/event-stream; charset=utf-8')
        .header('cache-control', 'no-cache')
        .header('x-accel-buffering', 'no');
      return reply.send(Readable.from(events(first, chunks, (error) => options.refusal(isLate(asked.signal) ? tooLate() : error, id))));
    } catch (error) {
      throw isLate(asked.signal) ? tooLate() : error;
    }
  });
}

async function* events(
  first: IteratorResult<object>,
  chunks: AsyncIterator<object>,
  refusal: (error: unknown) => WireError,
): AsyncGenerator<string> {
  try {
    for (let next = first; next.done !== true; next = await chunks.next()) yield `data: ${JSON.stringify(next.value)}\n\n`;
    yield 'data: [DONE]\n\n';
  } catch (error) {
    // the status is out: clients read an error from the stream
    yield `data: ${JSON.stringify(refusal(error).body())}\n\n`;
  } finally {
    await chunks.return?.();
  }
}

/** Aborted when the caller hung up or the time is over. */
function goneOrLate(reply: FastifyReply, timeoutMs: number): AbortSignal {
  const ending = new AbortController();
  const late = setTimeout(() => ending.abort(new DOMException('It took too long.', 'TimeoutError')), timeoutMs);
  reply.raw.once('close', () => {
    clearTimeout(late);
    if (!reply.raw.writableFinished) ending.abort(new DOMException('The caller hung up.', 'AbortError'));
  });
  return ending.signal;
}

function tooLate(): WireError {
  return new WireError(504, 'The model took too long to answer.', { code: 'timeout' });
}

function isLate({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason instanceof DOMException && reason.name === 'TimeoutError';
}
