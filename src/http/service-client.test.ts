import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { download } from './download.ts';
import { encodeForm } from './multipart.ts';
import { mostAttempts, retryDelayMs, ServiceClient } from './service-client.ts';
import { replyError } from './service-error.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const { signal } = new AbortController();
const identity = { name: 'bench', key: 'sk-secret-0123456789', keyVariable: 'BENCH_API_KEY' };

async function serve(handle: (request: IncomingMessage, body: Buffer, response: ServerResponse) => void): Promise<URL> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    handle(request, Buffer.concat(chunks), response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1?api-version=7`);
}

function clientOf(baseUrl: URL, waits: number[] = []) {
  const clock = { now: () => 0, random: () => 1, wait: async (ms: number) => void waits.push(ms) };
  const client = new ServiceClient({ identity, baseUrl, headers: { authorization: 'Bearer x' }, timeoutMs: 5_000, clock });
  closing.push(() => client.close());
  return client;
}

test('sends each method under the base address, with its query and the one of the request', async () => {
  const seen: string[] = [];
  const url = await serve((request, body, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers['authorization']} ${body}`);
    response.end(request.method === 'DELETE' ? '' : '{"ok":true}');
  });
  const client = clientOf(url);
  expect(await client.json({ path: 'files', query: { limit: '2' }, signal })).toEqual({ ok: true });
  expect(await client.json({ method: 'POST', path: 'jobs', body: { a: 1 }, signal })).toEqual({ ok: true });
  expect(await client.json({ method: 'DELETE', path: 'files/1', signal })).toEqual({});
  expect(seen).toEqual([
    'GET /v1/files?api-version=7&limit=2 Bearer x ',
    'POST /v1/jobs?api-version=7 Bearer x {"a":1}',
    'DELETE /v1/files/1?api-version=7 Bearer x ',
  ]);
});

test('tries what may pass again, as long as the service asks or twice as long each time, and gives up', async () => {
  let calls = 0;
  const url = await serve((_request, _body, response) => {
    calls++;
    if (calls === 2) response.setHeader('retry-after', '9');
    response.writeHead(calls === 2 ? 429 : 503).end();
  });
  const waits: number[] = [];
  await expect(clientOf(url, waits).json({ path: 'jobs', signal })).rejects.toMatchObject({ kind: 'overloaded' });
  expect(calls).toBe(mostAttempts);
  expect(waits).toEqual([1_000, 9_000, 4_000, 8_000, 16_000]);
});

test('sends what must not be done twice once, and what is refused once', async () => {
  let calls = 0;
  const url = await serve((request, _body, response) => {
    calls++;
    response.writeHead(request.url?.includes('jobs') ? 503 : 400).end('{"error":{"message":"no"}}');
  });
  await expect(clientOf(url).json({ method: 'POST', path: 'jobs', body: {}, signal, once: true })).rejects.toMatchObject({ status: 503 });
  await expect(clientOf(url).json({ path: 'files', signal })).rejects.toMatchObject({ kind: 'rejected', status: 400 });
  expect(calls).toBe(2);
});

test('a wait is never longer than two minutes, and spread by half', () => {
  const limited = (after: string) => replyError({ status: 429, headers: { 'retry-after': after }, body: '' }, identity, 0);
  expect(retryDelayMs(0, limited('86400'), 1)).toBe(120_000);
  expect(retryDelayMs(20, replyError({ status: 503, headers: {}, body: '' }, identity, 0), 0)).toBe(30_000);
});

test('sends a form with its file byte for byte, of the length that it says', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rung-form-'));
  closing.push(() => rm(folder, { recursive: true }));
  const path = join(folder, 'rows.jsonl');
  const content = `${'{"text":"né\\r\\n--"}\n'.repeat(20_000)}`;
  await writeFile(path, content);
  let form: FormData | undefined;
  let length: string | undefined;
  const url = await serve(async (request, body, response) => {
    length = request.headers['content-length'];
    // read back by the platform's own parser
    form = await new Response(new Uint8Array(body), { headers: { 'content-type': request.headers['content-type'] ?? '' } }).formData();
    response.end('{}');
  });
  const sent = { fields: { purpose: 'fine-tune' }, field: 'file', fileName: 'a"b\n.jsonl', path };
  await clientOf(url).json({ method: 'POST', path: 'files', form: sent, signal, once: true });
  expect(form?.get('purpose')).toBe('fine-tune');
  const file = form?.get('file');
  expect(file instanceof File && (await file.text())).toBe(content);
  expect(Number(length)).toBe((await encodeForm(sent)).length);
});

test('asks for nothing else where an id that a service gave leads elsewhere', async () => {
  const asked: (string | undefined)[] = [];
  const url = await serve((request, _body, response) => {
    asked.push(request.url);
    response.end('{}');
  });
  for (const id of ['..', '.']) {
    const request = { path: `jobs/${encodeURIComponent(id)}/cancel`, method: 'POST', signal } as const;
    await expect(clientOf(url).json(request)).rejects.toMatchObject({ kind: 'rejected', retryable: false });
  }
  await clientOf(url).json({ path: `jobs/${encodeURIComponent('../a..b')}`, signal });
  expect(asked).toEqual(['/v1/jobs/..%2Fa..b?api-version=7']);
});

test('hands over the pieces of a download, without the key', async () => {
  const url = await serve((request, _body, response) => {
    if (request.url?.includes('gone')) response.writeHead(404).end();
    else response.end(`${request.headers['authorization'] ?? 'none'} `.repeat(100_000));
  });
  let bytes = 0;
  const onBytes = (chunk: Buffer) => {
    bytes += chunk.length;
  };
  const options = { identity, signal, timeoutMs: 5_000, now: 0, mostBytes: 1_000_000, onBytes };
  await download(new URL('/x', url).href, options);
  expect(bytes).toBe('none '.length * 100_000);
  await expect(download(new URL('/gone', url).href, options)).rejects.toMatchObject({ status: 404 });
  await expect(download(new URL('/x', url).href, { ...options, mostBytes: 1_000 })).rejects.toMatchObject({ kind: 'rejected' });
  await expect(download('file:///etc/passwd', options)).rejects.toMatchObject({ kind: 'rejected' });
});
