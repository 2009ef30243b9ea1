import { createReadStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Duplex, Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { messageOf, RungError } from '#core/errors.ts';
import { quotable } from '#http/service-error.ts';
import { adapterFiles, mostBytesOf } from './adapter-folder.ts';
import { framesApart } from './zstd-frames.ts';

/** Bytes that an archive may come to once it is unpacked, all its files together. */
const mostUnpackedBytes = 4 * 1024 ** 3;
const mostEntries = 10_000;
/** Bytes of the longest mark by which a packing is known. */
const markBytes = 4;
const plainFiles = ['File', 'OldFile', 'ContiguousFile'];

export interface UnpackOptions {
  /** An empty folder. */
  readonly into: string;
  /** Who handed the archive out, for the sentence. */
  readonly service: string;
  readonly signal: AbortSignal;
  readonly mostBytes?: number;
}

/**
 * Writes the adapter's two files of a tar (plain, zstd or gzip) into a folder; gives that folder, below `into`. An archive with a
 * path that leads out, or with links or devices, is refused whole; what else it holds is passed over. Throws an error that says
 * what is wrong with it, and what the file system says.
 */
export async function unpackAdapter(
  archive: string,
  { into: home, service, signal, mostBytes = mostUnpackedBytes }: UnpackOptions,
): Promise<string> {
  const found = new Map<string, string[]>();
  let entries = 0;
  /** Where a file goes, by the folder that it lies in; undefined for what is passed over. */
  const place = ({ path, size, type }: ReadEntry): string | undefined => {
    if (++entries > mostEntries) throw new Fault(`holds more than ${mostEntries} files`);
    if (leadsOut(path)) throw new Fault(`holds a path that leads out of its folder: ${quoted(path)}`);
    if (type === 'Directory') return undefined;
    if (!plainFiles.includes(type)) throw new Fault(`holds something that is no file (${type})`);
    const file = basename(path);
    if (size > Math.min(mostBytes, mostBytesOf(file))) throw new Fault(`holds a file of ${size} bytes, which is more than is taken`);
    if (!adapterFiles.includes(file)) return undefined;
    const folder = dirname(path.replace(/^(\.\/)+/, ''));
    const names = found.get(folder) ?? [];
    if (names.includes(file)) throw new Fault(`holds ${quoted(path)} twice`);
    found.set(folder, [...names, file]);
    return join(home, String([...found.keys()].indexOf(folder)), file);
  };
  try {
    await eachFile(archive, mostBytes, place, signal);
    const whole = [...found].flatMap(([, names], index) => (names.length === adapterFiles.length ? [index] : []));
    if (whole.length === 1) return join(home, String(whole[0]));
    throw new Fault(whole.length > 1 ? `holds ${whole.length} adapters` : `holds no ${adapterFiles.join(' with ')}`);
  } catch (error) {
    signal.throwIfAborted();
    if (isFileFault(error)) throw error;
    const what = error instanceof Fault ? error.message : `cannot be unpacked (${messageOf(error).replace(/[.]+$/, '')})`;
    throw new RungError({
      code: 'weights-unreadable',
      message: `${service} handed out an archive that ${what}.`,
      hint: 'Run the same command again: it is fetched anew. Where that does not help, ask the service.',
      cause: error,
    });
  }
}

/** What is wrong with an archive: "holds …". */
class Fault extends Error {}

function quoted(path: string): string {
  return JSON.stringify(quotable(path, undefined));
}

function leadsOut(path: string): boolean {
  return /^([/\\]|[A-Za-z]:)|\0/.test(path) || path.split(/[/\\]/).includes('..');
}

/** What the file system says, as ENOSPC; what zlib and the reader of the archive say is the archive's fault. */
function isFileFault(error: unknown): boolean {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}

/** Reads an archive once, from its first byte to its last, and writes every file that has a place. Nothing is written after it ends. */
async function eachFile(
  archive: string,
  mostBytes: number,
  place: (entry: ReadEntry) => string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const begun: ReadEntry[] = [];
  const writing: Promise<void>[] = [];
  const fault = new AbortController();
  const failed = new Promise<never>((_, reject) => fault.signal.addEventListener('abort', () => reject(fault.signal.reason)));
  const parser = new Parser({
    strict: true,
    onReadEntry(entry) {
      try {
        const target = fault.signal.aborted ? undefined : place(entry);
        if (target === undefined) return void entry.resume();
        begun.push(entry);
        writing.push(write(entry, target, fault.signal).catch((error: unknown) => fault.abort(error)));
      } catch (error) {
        fault.abort(error);
        entry.resume();
      }
    },
  });
  parser.on('error', (error) => fault.abort(error));
  const stages = [createReadStream(archive, { highWaterMark: 1 << 18 }), ...unpackerOf(await firstBytes(archive)), bounded(mostBytes)];
  const fed = pipeline([...stages, into(parser)], { signal: AbortSignal.any([signal, fault.signal]) });
  try {
    await Promise.race([failed, fed.then(() => Promise.all(writing))]);
    fault.signal.throwIfAborted();
  } catch (error) {
    fault.abort(error);
    // a file that is begun and whose rest is missing would wait for it for ever
    for (const entry of begun) entry.destroy();
    await Promise.all(writing);
    throw error;
  }
}

function into(parser: Parser): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (parser.write(chunk)) done();
      else parser.once('drain', () => done());
    },
    final(done) {
      parser.end();
      done();
    },
  });
}

async function write(entry: ReadEntry, target: string, ended: AbortSignal): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const handle = await open(target, 'wx');
  try {
    ended.throwIfAborted();
    for await (const chunk of entry) await handle.writeFile(chunk);
  } finally {
    await handle.close();
  }
}

function bounded(mostBytes: number): Transform {
  let bytes = 0;
  let start = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      start = start.length < markBytes ? Buffer.concat([start, chunk.subarray(0, markBytes)]) : start;
      // the reader of the archive would unpack it again, unbounded; it, too, waits for the whole mark
      if (unpackerOf(start).length > 0) return done(new Fault('is packed twice'));
      bytes += chunk.length;
      if (bytes > mostBytes) done(new Fault(`comes to more than ${mostBytes} bytes`));
      else done(null, chunk);
    },
  });
}

function unpackerOf(start: Buffer): readonly Duplex[] {
  if (start.length >= markBytes && (start.readUInt32LE() === 0xfd2fb528 || start.readUInt32LE() >>> 4 === 0x184d2a5))
    return [Duplex.from(framesApart), createZstdDecompress()];
  return start[0] === 0x1f && start[1] === 0x8b ? [createGunzip()] : [];
}

async function firstBytes(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(markBytes), 0, markBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
