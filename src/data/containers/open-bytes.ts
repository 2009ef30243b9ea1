import { createReadStream } from 'node:fs';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import { readFailure } from '#data/read-lines.ts';

/** Reading ended before the file did. What was read so far holds. */
export class BrokenInput extends Error {
  readonly code: string;
  readonly fix: string;

  constructor(code: string, message: string, fix: string) {
    super(message);
    this.name = 'BrokenInput';
    this.code = code;
    this.fix = fix;
  }
}

/**
 * The bytes of a file as UTF-8 in chunks: unpacked where it is gzip (told by its first bytes, not its name), turned from UTF-16 where a
 * byte order mark says so, without that mark. Throws a usage error for a missing file and `BrokenInput` where a gzip ends too early.
 */
export async function* openBytes(file: string): AsyncGenerator<Buffer> {
  let started = false;
  let decoder: TextDecoder | undefined;
  for await (const chunk of unpacked(file)) {
    let bytes = chunk;
    if (!started) {
      started = true;
      const encoding = utf16Of(chunk);
      if (encoding !== undefined) decoder = new TextDecoder(encoding);
      else if (chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) bytes = chunk.subarray(3);
    }
    if (decoder !== undefined) bytes = Buffer.from(decoder.decode(bytes, { stream: true }));
    if (bytes.length > 0) yield bytes;
  }
}

/** The UTF-16 that a file begins with: by its mark, or by the zero byte beside a first plain character. */
function utf16Of(start: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  if ((start[0] === 0xff && start[1] === 0xfe) || (start[0] !== 0 && start[1] === 0)) return 'utf-16le';
  if ((start[0] === 0xfe && start[1] === 0xff) || (start[0] === 0 && start[1] !== 0)) return 'utf-16be';
  return undefined;
}

async function* unpacked(file: string): AsyncGenerator<Buffer> {
  const source = createReadStream(file, { highWaterMark: 1 << 18 });
  try {
    const chunks = (source as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    const first = await chunks.next();
    if (first.done === true) return;
    const rest = joined(first.value, chunks);
    if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) yield* rest;
    else yield* gunzipped(rest);
  } catch (error) {
    throw readFailure(error, file);
  } finally {
    source.destroy();
  }
}

async function* joined(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

async function* gunzipped(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const unpacker = createGunzip({ chunkSize: 1 << 18 });
  const feeding = feed(chunks, unpacker);
  try {
    for await (const chunk of unpacker as AsyncIterable<Buffer>) yield chunk;
    await feeding;
  } catch (error) {
    throw isGzipFault(error)
      ? new BrokenInput(
          'gzip-broken',
          error.code === 'Z_BUF_ERROR' ? 'The gzip file ends in the middle' : 'The gzip file is damaged',
          'Copy or download it again; the rows before this place were read.',
        )
      : error;
  } finally {
    unpacker.destroy();
  }
}

async function feed(chunks: AsyncIterable<Buffer>, unpacker: ReturnType<typeof createGunzip>): Promise<void> {
  try {
    for await (const chunk of chunks) {
      if (unpacker.destroyed) return;
      if (!unpacker.write(chunk)) await drained(unpacker);
    }
    unpacker.end();
  } catch (error) {
    unpacker.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

function drained(unpacker: ReturnType<typeof createGunzip>): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      unpacker.off('drain', done).off('close', done);
      resolve();
    };
    unpacker.on('drain', done).on('close', done);
  });
}

function isGzipFault(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_');
}
