import { closeSync, openSync, rmSync, statfsSync, writeFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { ModelError } from '#core/model-error.ts';
import { type DownloadReply, startOf, validatorOf } from './download-range.ts';
import { badResponse, type ServiceIdentity } from './service-error.ts';

export interface FileSinkOptions {
  readonly file: string;
  /** Bytes that are in the file and were asked to be gone on from. */
  readonly kept: number;
  readonly mostBytes: number;
  readonly identity: ServiceIdentity;
  onBytes(done: number, total: number | undefined): void;
}

/** Holds the entity tag of what a file has the beginning of. */
export const tagFileOf = (file: string) => `${file}.etag`;

/** What comes of a reply, on its way into a file. Written at once, so that what is held does not grow where the disk is slow. */
export class FileSink {
  readonly #options: FileSinkOptions;
  #handle: number | undefined;
  #done = 0;
  #total: number | undefined;

  constructor(options: FileSinkOptions) {
    this.#options = options;
  }

  /** Throws a ModelError where the reply is longer than is taken, and what the file system says, also where it is told to be too full. */
  begin(reply: DownloadReply): void {
    const { file, kept, identity, mostBytes, onBytes } = this.#options;
    const { from, total } = startOf(reply, kept, identity);
    if (total !== undefined && total > mostBytes) throw this.#tooLong();
    if (total !== undefined && total - from > freeBytes(file))
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const tag = validatorOf(reply.headers);
    this.#handle = openSync(file, from === 0 ? 'w' : 'a');
    if (tag === undefined) rmSync(tagFileOf(file), { force: true });
    else writeFileSync(tagFileOf(file), tag);
    this.#done = from;
    this.#total = total;
    onBytes(from, total);
  }

  write(chunk: Uint8Array): void {
    if (this.#handle === undefined) return;
    if (this.#done + chunk.length > this.#options.mostBytes) throw this.#tooLong();
    for (let at = 0; at < chunk.length; ) at += writeSync(this.#handle, chunk, at);
    this.#done += chunk.length;
    this.#options.onBytes(this.#done, this.#total);
  }

  /** Throws where less came than was told. */
  end(): void {
    if (this.#total !== undefined && this.#done !== this.#total) throw badResponse(this.#options.identity, 'the reply broke off');
  }

  close(): void {
    if (this.#handle !== undefined) closeSync(this.#handle);
    this.#handle = undefined;
  }

  #tooLong(): ModelError {
    const { identity, mostBytes } = this.#options;
    return new ModelError({ kind: 'rejected', message: `${identity.name} handed out a file of more than ${mostBytes} bytes.` });
  }
}

function freeBytes(file: string): number {
  const { bavail, bsize } = statfsSync(dirname(file));
  return bavail * bsize;
}
