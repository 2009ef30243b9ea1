import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { MultipartFile } from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { messageOf } from '#core/errors.ts';
import type { FileStore, StoredFile } from './file-store.ts';
import { pageOf } from './paging.ts';
import { invalid, WireError } from './wire-error.ts';

const pageSize = { usual: 10_000, most: 10_000 };
const purposes = ['fine-tune'];
const listSchema = z.object({ purpose: z.string().optional(), order: z.enum(['asc', 'desc']).default('desc') });

/** `/v1/files`: upload, list, look at, fetch, delete. */
export function fileRoutes(server: FastifyInstance, files: FileStore): void {
  server.post('/v1/files', async (request) => wireFile(await upload(request, files)));

  server.get('/v1/files', async ({ query }) => {
    const { purpose, order } = listSchema.parse(query);
    const listed = files.list().filter((file) => purpose === undefined || file.purpose === purpose);
    return pageOf((order === 'asc' ? listed.reverse() : listed).map(wireFile), query, pageSize);
  });

  server.get<{ Params: { id: string } }>('/v1/files/:id', async ({ params }) => wireFile(fileOf(params.id, files)));

  server.get<{ Params: { id: string } }>('/v1/files/:id/content', async ({ params }, reply) => {
    const file = fileOf(params.id, files);
    return reply
      .header('content-type', 'application/octet-stream')
      .header('content-length', file.bytes)
      .header('x-content-type-options', 'nosniff')
      .send(createReadStream(files.path(file)));
  });

  server.delete<{ Params: { id: string } }>('/v1/files/:id', async ({ params }) => {
    const { id } = fileOf(params.id, files);
    await files.remove(id);
    return { id, object: 'file', deleted: true };
  });
}

function fileOf(id: string, files: FileStore): StoredFile {
  const file = files.read(id);
  if (file !== undefined) return file;
  throw new WireError(404, `No such File object: ${JSON.stringify(id)}.`, { param: 'id' });
}

/** The fields may come in any order, so the file is written before its purpose is known, and taken back where that does not fit. */
async function upload(request: FastifyRequest, files: FileStore): Promise<StoredFile> {
  if (!request.isMultipart()) throw new WireError(415, 'Send the file as multipart/form-data with the fields purpose and file.');
  let file: StoredFile | undefined;
  let purpose: unknown;
  try {
    for await (const part of request.parts()) {
      if (part.type === 'field') {
        if (part.fieldname === 'purpose') purpose = part.value;
        continue;
      }
      if (part.fieldname !== 'file' || file !== undefined) throw invalid('One file is uploaded at a time, in the field file.', 'file');
      file = await keep(part, files);
    }
    if (typeof purpose !== 'string') throw invalid("'purpose' is a required property.", 'purpose');
    if (!purposes.includes(purpose)) throw invalid(`'${purpose.slice(0, 40)}' is not one of ${JSON.stringify(purposes)}.`, 'purpose');
    if (file === undefined) throw invalid("'file' is a required property.", 'file');
    if (file.bytes === 0) throw invalid('The file is empty.', 'file', 'empty_file');
    return file;
  } catch (error) {
    // what is left unread would stand before the next request of the same connection
    request.raw.unpipe().resume();
    if (file !== undefined) await files.remove(file.id);
    throw isFormFault(error) ? invalid(`The form cannot be read: ${messageOf(error)}.`) : error;
  }
}

/** The form parser's own errors bear no code, unlike those of files and connections. */
function isFormFault(error: unknown): boolean {
  return error instanceof Error && error.name === 'Error' && !('code' in error);
}

async function keep(part: MultipartFile, files: FileStore): Promise<StoredFile> {
  const filename = part.filename.replace(/[\p{Cc}\p{Cf}/\\]/gu, '_').slice(0, 200) || 'upload.jsonl';
  const file = await files.add(Readable.from(part.file), { filename, purpose: 'fine-tune' });
  if (part.file.truncated) {
    await files.remove(file.id);
    throw new WireError(413, 'The file is larger than this server takes.', { param: 'file' });
  }
  return file;
}

/** A file as OpenAI's clients type it. */
function wireFile({ id, bytes, createdAt, filename, purpose }: StoredFile) {
  const created_at = Math.floor(createdAt / 1000);
  return {
    id,
    object: 'file' as const,
    bytes,
    created_at,
    filename,
    purpose,
    status: 'processed' as const,
    status_details: null,
    expires_at: null,
  };
}
