import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** A form with plain fields and one file (RFC 7578). */
export interface FileForm {
  readonly fields: Readonly<Record<string, string>>;
  /** Name of the field that holds the file. */
  readonly field: string;
  readonly fileName: string;
  /** Where the file is on this machine. */
  readonly path: string;
}

export interface EncodedForm {
  readonly contentType: string;
  /** Bytes of the whole body. */
  readonly length: number;
  /** The body from its beginning; the file is read as it is sent. */
  body(): AsyncIterable<Uint8Array>;
}

/** Encodes a form as multipart/form-data without holding its file. Rejects where the file cannot be read. */
export async function encodeForm(form: FileForm): Promise<EncodedForm> {
  const boundary = `rung-${randomUUID()}`;
  const fields = Object.entries(form.fields).map(
    ([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${quoted(name)}"\r\n\r\n${value}\r\n`,
  );
  const disposition = `content-disposition: form-data; name="${quoted(form.field)}"; filename="${quoted(form.fileName)}"`;
  const head = Buffer.from(`${fields.join('')}--${boundary}\r\n${disposition}\r\ncontent-type: application/octet-stream\r\n\r\n`);
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const { size } = await stat(form.path);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    length: head.length + size + tail.length,
    async *body() {
      yield head;
      yield* createReadStream(form.path);
      yield tail;
    },
  };
}

// As HTML's form submission escapes names: a quote or a line end would end the header.
function quoted(text: string): string {
  return text.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22');
}
