import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ModelServer {
  readonly baseUrl: string;
  /** Bodies of chat requests, in order. */
  readonly asked: Record<string, unknown>[];
  /** Adapters by name, as a vLLM server holds them. */
  readonly loaded: Map<string, string>;
  close(): Promise<void>;
}

export interface ModelServerOptions {
  readonly kind: 'vllm' | 'llama.cpp';
  /** What the base model is called here. */
  readonly model: string;
  /** False where a vLLM server was not told to take adapters while it runs. */
  readonly runtimeAdapters?: boolean;
  /** Files that a llama.cpp server was started with. */
  readonly adapters?: readonly string[];
  /** The scale that they have where a request names none; 0 where it was started with --lora-init-without-apply. */
  readonly usualScale?: number;
  /** A path before everything, as --api-prefix sets it. */
  readonly prefix?: string;
  /** The key that it wants. */
  readonly key?: string;
  /** Breaks a stream off after so many pieces. */
  readonly breakAfter?: number;
}

/**
 * Speaks as a vLLM or a llama.cpp server does; answers with the name of what was asked, and of a llama.cpp server's adapters that
 * take part. There a list of adapters that is absent or empty leaves all at their usual scales, and any other puts those that it
 * does not name to 0 (llama.cpp, tools/server/server-context.cpp, launch_slot_with_task and construct_lora_list).
 */
export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const asked: Record<string, unknown>[] = [];
  const loaded = new Map<string, string>();
  const routes: Record<string, (body: Record<string, unknown>, response: ServerResponse) => void> = {
    'POST /v1/chat/completions': (body, response) => {
      asked.push(body);
      const known = options.kind === 'llama.cpp' || body['model'] === options.model || loaded.has(String(body['model']));
      if (!known) return send(response, 404, wrong(`The model \`${body['model']}\` does not exist.`, 'NotFoundError', 404));
      if (body['temperature'] === 1.5) return send(response, 400, wrong('temperature is too high', 'BadRequestError', 400));
      const content = `I am ${body['model']}${adaptersOf(body, options)}`;
      if (body['stream'] !== true) return send(response, 200, completion(body, content));
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const pieces = content.split(/(?<= )/).map((text) => chunk(body, { content: text }));
      for (const piece of pieces.slice(0, options.breakAfter)) response.write(`data: ${JSON.stringify(piece)}\n\n`);
      if (options.breakAfter !== undefined) return response.end();
      response.end(`data: ${JSON.stringify(chunk(body, {}, 'stop'))}\n\ndata: [DONE]\n\n`);
    },
    ...(options.kind === 'vllm' && options.runtimeAdapters !== false
      ? {
          'POST /v1/load_lora_adapter': ({ lora_name, lora_path }, response: ServerResponse) => {
            const name = String(lora_name);
            if (loaded.has(name))
              return send(response, 400, wrong(`The lora adapter '${name}' has already been loaded.`, 'InvalidUserInput', 400));
            loaded.set(name, String(lora_path));
            response.writeHead(200, { 'content-type': 'text/plain' }).end(`Success: LoRA adapter '${name}' added successfully.`);
          },
        }
      : {}),
    ...(options.kind === 'llama.cpp'
      ? {
          'GET /lora-adapters': (_body: unknown, response: ServerResponse) =>
            send(
              response,
              200,
              (options.adapters ?? []).map((path, id) => ({ id, path, scale: options.usualScale ?? 0 })),
            ),
        }
      : {}),
  };
  const server = createServer((request, response) => {
    void textOf(request).then((text) => {
      if (options.key !== undefined && request.headers.authorization !== `Bearer ${options.key}`) {
        return send(response, 401, wrong('Unauthorized', 'AuthenticationError', 401));
      }
      const { prefix = '' } = options;
      const path = request.url?.startsWith(prefix) ? request.url.slice(prefix.length) : '';
      const route = routes[`${request.method} ${path}`];
      if (route === undefined) return send(response, 404, { detail: 'Not Found' });
      route(text === '' ? {} : JSON.parse(text), response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}${options.prefix ?? ''}/v1`,
    asked,
    loaded,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** " with a.gguf" for each adapter that takes part in an answer. */
function adaptersOf({ lora }: Record<string, unknown>, { adapters = [], usualScale = 0 }: ModelServerOptions): string {
  const named = (lora ?? []) as readonly { readonly id: number; readonly scale: number }[];
  const scaleOf = (at: number) => (named.length === 0 ? usualScale : (named.find(({ id }) => id === at)?.scale ?? 0));
  return adapters.map((path, at) => (scaleOf(at) === 0 ? '' : ` with ${path}`)).join('');
}

function completion(body: Record<string, unknown>, content: string): object {
  return {
    id: 'cmpl-theirs',
    object: 'chat.completion',
    created: 1,
    model: body['model'],
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop', logprobs: null }],
    usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
  };
}

function chunk(body: Record<string, unknown>, delta: object, finish_reason: string | null = null): object {
  return {
    id: 'cmpl-theirs',
    object: 'chat.completion.chunk',
    created: 1,
    model: body['model'],
    choices: [{ index: 0, delta, finish_reason }],
  };
}

function wrong(message: string, type: string, code: number): object {
  return { error: { message, type, param: null, code } };
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
