import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ChatRequestBody } from '../src/testing.ts';

interface Answered {
  readonly text: string;
  /** Counted by words where the model has no tokenizer. */
  readonly tokens?: { readonly input: number; readonly output: number };
}

/** Answers one chat request; throws where the conversation is longer than the model reads. */
export type Answerer = (request: ChatRequestBody & { readonly max_tokens?: number }) => Promise<Answered> | Answered;

/** What one client was answered, by model. */
export type Calls = Readonly<Record<string, number>>;

export interface ModelServer {
  /** The base URL of a client: its calls are counted apart from those of all others. */
  urlOf(client: string): string;
  /** Where a contender has an answer scored: POST {id, text} gives {score, reason}. */
  readonly scoreUrl: string;
  /** Answers given to a client. Refused requests are not counted. */
  callsOf(client: string): Calls;
  close(): Promise<void>;
}

/** A server on a free loopback port that speaks OpenAI's chat API over named models and counts answers per client. */
export async function startModelServer(
  models: Readonly<Record<string, Answerer>>,
  score: (id: string, text: string) => { score: number; reason?: string },
): Promise<ModelServer> {
  const counts = new Map<string, Record<string, number>>();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (request.url === '/score') return send(response, 200, JSON.stringify(score(body.id, body.text)));
    const [, client, path] = /^\/([^/]+)\/v1\/(.+)$/.exec(request.url ?? '') ?? [];
    const answer = models[body.model as string];
    if (client === undefined || path !== 'chat/completions' || answer === undefined) return send(response, 404, failure('not_found'));
    try {
      const request = withTexts(body);
      const answered = await answer(request);
      const calls = counts.get(client) ?? {};
      counts.set(client, { ...calls, [body.model]: (calls[body.model] ?? 0) + 1 });
      send(response, 200, completion(request, answered));
    } catch {
      send(response, 400, failure('context_length_exceeded'));
    }
  }

  const server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()));
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    urlOf: (client) => `${root}/${client}/v1`,
    scoreUrl: `${root}/score`,
    callsOf: (client) => counts.get(client) ?? {},
    async close() {
      server.closeAllConnections();
      server.close();
      if (server.listening) await once(server, 'close');
    },
  };
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
}

function completion({ model, messages }: ChatRequestBody, { text, tokens }: Answered): string {
  const words = (content: string) => content.split(/\s+/).length;
  const { input, output } = tokens ?? { input: messages.reduce((sum, { content }) => sum + words(content), 0), output: words(text) };
  const choices = [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }];
  const usage = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
  return JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion', created: 0, model, choices, usage });
}

function failure(code: string): string {
  return JSON.stringify({ error: { message: code, type: 'invalid_request_error', code } });
}

// some clients send a turn as a list of parts
function withTexts(body: ChatRequestBody): ChatRequestBody {
  const messages = body.messages.map(({ role, content }) => ({
    role: role === 'developer' ? 'system' : role,
    content: Array.isArray(content)
      ? (content as readonly { text?: string }[]).map(({ text }) => text ?? '').join('\n')
      : String(content ?? ''),
  }));
  return { ...body, messages };
}
