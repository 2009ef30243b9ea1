import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { newId } from './new-id.ts';
import { openRecordFolder } from './record-folder.ts';
import { turns } from './turns.ts';

const storedFile = z.object({
  id: z.string(),
  /** Milliseconds since 1970. */
  createdAt: z.number(),
  filename: z.string(),
  purpose: z.string(),
  bytes: z.number(),
  /** SHA-256 of the content, under which it lies. */
  sha256: z.string(),
});

export type StoredFile = z.infer<typeof storedFile>;

/** Uploaded and written files: the content under its hash, so that one content lies once. */
export interface FileStore {
  /** The newest first. */
  list(): readonly StoredFile[];
  read(id: string): StoredFile | undefined;
  /** Keeps what the stream brings; nothing is kept where it breaks off. */
  add(content: Readable, about: { readonly filename: string; readonly purpose: string }): Promise<StoredFile>;
  path(file: StoredFile): string;
  content(file: StoredFile): Promise<Buffer>;
  remove(id: string): Promise<void>;
}

export async function openFileStore(folder: string, now: () => number): Promise<FileStore> {
  const contents = join(folder, 'contents');
  await mkdir(contents, { recursive: true });
  // what a kill left half uploaded
  for (const name of await readdir(contents)) if (name.startsWith('.')) await rm(join(contents, name), { force: true });
  const records = await openRecordFolder<StoredFile>(
    join(folder, 'records'),
    (value) => storedFile.parse(value),
    (one, other) => one.createdAt - other.createdAt,
  );
  const inTurn = turns();
  const path = (file: StoredFile) => join(contents, file.sha256);
  return {
    list: () => [...records.list()].reverse(),
    read: (id) => records.read(id),
    path,
    content: (file) => readFile(path(file)),
    async add(content, about) {
      const temporary = join(contents, `.${newId('new-')}`);
      const hash = createHash('sha256');
      let bytes = 0;
      const counted = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          hash.update(chunk);
          bytes += chunk.length;
          done(null, chunk);
        },
      });
      try {
        await pipeline(content, counted, createWriteStream(temporary, { flags: 'wx' }));
        const file: StoredFile = { id: newId('file-'), createdAt: now(), ...about, bytes, sha256: hash.digest('hex') };
        // a removal of the same content at the same time would take it away
        await inTurn(async () => {
          await rename(temporary, path(file));
          await records.write(file);
        });
        return file;
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },
    remove: (id) =>
      inTurn(async () => {
        const file = records.read(id);
        if (file === undefined) return;
        await records.remove(id);
        if (!records.list().some(({ sha256 }) => sha256 === file.sha256)) await rm(path(file), { force: true });
      }),
  };
}
