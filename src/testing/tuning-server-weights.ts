import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { zstdCompressSync } from 'node:zlib';
import type { TuningReply } from './tuning-server-request.ts';
import type { TuningWeights } from './tuning-server-world.ts';

const blockBytes = 512;

/** A tar of plain files (POSIX ustar), packed as `tar --zstd` packs it. */
export function archiveOf(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const blocks = Object.entries(files).flatMap(([name, content]) => {
    const padding = Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes);
    return [tarHeader(name, { size: content.length }), content, padding];
  });
  return zstdCompressSync(Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)]));
}

/** One header block of a tar; `type` is its flag: 0 a file, 1 a hard link, 2 a symbolic link, 3 and 4 devices, 5 a folder. */
export function tarHeader(
  name: string,
  { size = 0, type = '0', target = '' }: { size?: number; type?: string; target?: string } = {},
): Buffer {
  const header = Buffer.alloc(blockBytes);
  const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, '0')}\0`;
  header.write(name, 0);
  header.write(octal(0o644, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(size, 12), 124);
  header.write(octal(0, 12), 136);
  header.write(' '.repeat(8), 148);
  header.write(type, 156);
  header.write(target, 157);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

export function archiveReply({ files, archive }: TuningWeights): TuningReply {
  return bytesReply(archive ?? archiveOf(files));
}

export function fileReply({ files }: TuningWeights, name: string): TuningReply | undefined {
  const content = Object.hasOwn(files, name) ? files[name] : undefined;
  return content && bytesReply(content);
}

function bytesReply(bytes: Uint8Array): TuningReply {
  const etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}"`;
  return { status: 200, body: bytes, headers: { 'content-type': 'application/octet-stream', etag } };
}

/** The byte from which a request wants the rest of a file. */
export function firstByteOf({ headers }: IncomingMessage): number {
  return Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
}

/** Sends bytes, or those from the one that was asked for where they are of the same file still (RFC 9110, 13.1.5 and 14). */
export function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  { status, body, headers }: TuningReply,
  fault?: string,
): void {
  const bytes = body as Uint8Array;
  const from = request.headers['if-range'] === headers?.['etag'] ? firstByteOf(request) : 0;
  if (from > 0 && from >= bytes.length) return void response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
  const range = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
  const rest = bytes.subarray(from);
  response.writeHead(from > 0 ? 206 : status, { ...headers, 'content-length': rest.length, ...(from > 0 ? range : {}) });
  if (fault !== 'cut-reply' && fault !== 'stalled') return void response.end(rest);
  response.write(rest.subarray(0, Math.floor(rest.length / 2)), () => {
    if (fault === 'cut-reply') request.socket.destroy();
  });
}
