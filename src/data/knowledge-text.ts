import { TextDecoder } from 'node:util';
import { inputError } from '#core/errors.ts';

/** The text of a UTF-8 document, without byte order mark and with plain line ends. Throws a usage error for anything else. */
export function decodeDocument(bytes: Uint8Array, file: string): string {
  if (isUtf16(bytes)) throw notUtf8(file, 1, 'The document is UTF-16 text.');
  const zero = bytes.indexOf(0);
  if (zero !== -1) {
    throw inputError({
      code: 'document-binary',
      message: `The document is not text: byte ${zero + 1} is zero.`,
      hint: 'Save it as plain text or Markdown, or take it out of the knowledge folder.',
      place: { file },
    });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r\n?/g, '\n');
  } catch {
    throw whereNotUtf8(bytes, file);
  }
}

function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

/** Tells a document in another encoding from one that mixes two, as pasted ones do. */
function whereNotUtf8(bytes: Uint8Array, file: string): Error {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let utf8Line: number | undefined;
  let otherLine: number | undefined;
  let line = 1;
  for (let start = 0; start <= bytes.length; line += 1) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    const part = bytes.subarray(start, end);
    try {
      decoder.decode(part);
      if (utf8Line === undefined && part.some((byte) => byte > 0x7f)) utf8Line = line;
    } catch {
      otherLine ??= line;
    }
    start = end + 1;
  }
  const where = otherLine ?? 1;
  return utf8Line === undefined
    ? notUtf8(file, where, `Line ${where} is not UTF-8 text.`)
    : notUtf8(file, where, `The document mixes encodings: line ${utf8Line} is UTF-8, line ${where} is not.`);
}

function notUtf8(file: string, line: number, message: string): Error {
  return inputError({ code: 'not-utf8', message, hint: 'Save the document as UTF-8.', place: { file, line } });
}
