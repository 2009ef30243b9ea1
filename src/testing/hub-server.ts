import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A model of the hub: its files at each commit, and what its branches mean. */
export interface HubRepository {
  /** Commit, 40 hexadecimal digits → file name → content. */
  readonly commits: Readonly<Record<string, Readonly<Record<string, Buffer>>>>;
  /** Branch or tag → commit. May be changed while the server runs. */
  readonly refs: Record<string, string>;
  /** The token that is let in; everybody is where absent. */
  readonly gated?: string;
}

export interface HubServer {
  readonly url: string;
  /** Every request as it came: method, path, and the range that was asked for. */
  readonly requests: { readonly method: string; readonly path: string; readonly range?: string }[];
  /** Ends the connection once so many bytes of a file were sent, as often as `times` says. */
  cut(file: string, afterBytes: number, times: number): void;
  close(): Promise<void>;
}

/**
 * A server on this machine that speaks the part of Hugging Face's hub that clients ask of a model: its description, the tree
 * of a revision, and files with ranges. From huggingface_hub 2.4: `hf_api.repo_info`, `hf_api.list_repo_tree` and
 * `file_download.get_hf_file_metadata`, with the headers `X-Repo-Commit`, `ETag`, `X-Linked-Size` and `X-Error-Code`.
 */
export async function startHubServer(repositories: Readonly<Record<string, HubRepository>>): Promise<HubServer> {
  const requests: HubServer['requests'] = [];
  const cuts = new Map<string, { afterBytes: number; times: number }>();
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://hub').pathname);
    const { range } = request.headers;
    requests.push({ method: request.method ?? 'GET', path, ...(range !== undefined && { range }) });
    const reply = replyTo(path, request.headers.authorization, repositories);
    if ('content' in reply) sendFile(request, response, reply.content, { commit: reply.commit, cut: cuts.get(reply.file) });
    else {
      response.setHeader('content-type', 'application/json');
      if ('code' in reply) response.writeHead(reply.status, { 'x-error-code': reply.code });
      response.end(JSON.stringify('json' in reply ? reply.json : { error: reply.code }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    cut: (file, afterBytes, times) => void cuts.set(file, { afterBytes, times }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const described = /^\/api\/models\/([^/]+\/[^/]+)(?:\/revision\/([^/]+))?$/;
const listed = /^\/api\/models\/([^/]+\/[^/]+)\/tree\/([^/]+)$/;
const resolved = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/;

type Reply =
  | { readonly status: number; readonly code: string }
  | { readonly json: object }
  | { readonly content: Buffer; readonly commit: string; readonly file: string };

function replyTo(path: string, authorization: string | undefined, repositories: Readonly<Record<string, HubRepository>>): Reply {
  const [, name = '', revision = 'main', file = ''] = described.exec(path) ?? listed.exec(path) ?? resolved.exec(path) ?? [];
  const repository = repositories[name];
  // the hub says 401 of what does not exist too, to whoever sent no token
  if (repository === undefined) return { status: authorization === undefined ? 401 : 404, code: 'RepoNotFound' };
  const commit = repository.refs[revision] ?? revision;
  const files = repository.commits[commit];
  if (files === undefined) return { status: 404, code: 'RevisionNotFound' };
  if (described.test(path)) return { json: describe(name, commit, repository, files) };
  if (repository.gated !== undefined && authorization !== `Bearer ${repository.gated}`) {
    return { status: authorization === undefined ? 401 : 403, code: 'GatedRepo' };
  }
  if (listed.test(path)) {
    return {
      json: Object.entries(files).map(([each, { length: size }]) => ({ type: 'file', path: each, size, oid: etagOf(files[each]!) })),
    };
  }
  const content = files[file];
  return content === undefined ? { status: 404, code: 'EntryNotFound' } : { content, commit, file };
}

function describe(name: string, commit: string, { gated }: HubRepository, files: Readonly<Record<string, Buffer>>): object {
  const siblings = Object.keys(files).map((rfilename) => ({ rfilename }));
  return {
    _id: '0',
    id: name,
    modelId: name,
    sha: commit,
    private: false,
    gated: gated === undefined ? false : 'manual',
    tags: [],
    siblings,
  };
}

function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  { commit, cut }: { commit: string; cut: { afterBytes: number; times: number } | undefined },
): void {
  const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  response.statusCode = from > 0 ? 206 : 200;
  response.setHeader('x-repo-commit', commit);
  response.setHeader('etag', `"${etagOf(content)}"`);
  response.setHeader('accept-ranges', 'bytes');
  response.setHeader('content-length', content.length - from);
  if (from > 0) response.setHeader('content-range', `bytes ${from}-${content.length - 1}/${content.length}`);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  if (cut === undefined || cut.times === 0 || content.length - from <= cut.afterBytes) {
    response.end(content.subarray(from));
    return;
  }
  cut.times -= 1;
  response.write(content.subarray(from, from + cut.afterBytes), () => setImmediate(() => response.destroy()));
}

function etagOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 40);
}
