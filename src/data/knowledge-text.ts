import { TextDecoder } from 'node:util';
import { inputError } from '#core/errors.ts';

/** The text of a UTF-8 document, without byte order mark and with plain line ends. Throws a usage error for anything else. */
export function decodeDocument(bytes: Uint8Array, file: string): string {
  const wide = wideEncoding(bytes);
  if (wide !== undefined) throw notUtf8(file, 1, `The document is ${wide} text.`);
  const kind = binaryKinds.find(({ begins }) => begins.every((byte, index) => bytes[index] === byte));
  if (kind !== undefined) throw binary(file, `The document is ${kind.is}, not plain text.`);
  const zero = bytes.indexOf(0);
  if (zero !== -1) throw binary(file, `The document is not text in UTF-8: byte ${zero + 1} is zero.`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r\n?/g, '\n');
  } catch {
    throw whereNotUtf8(bytes, file);
  }
}

/** What files of other kinds begin with, whatever their name says. */
const binaryKinds = [
  { begins: Buffer.from('%PDF-'), is: 'a PDF' },
  { begins: Buffer.from('{\\rtf'), is: 'an RTF file' },
  { begins: Buffer.from('PK\x03\x04'), is: 'a zip archive, as Word and OpenDocument files are' },
  { begins: Buffer.of(0x1f, 0x8b), is: 'a gzip archive' },
] as const;

/** The encoding that a byte order mark names; undefined without one, and for that of UTF-8. */
function wideEncoding([first, second, third, fourth]: Uint8Array): string | undefined {
  if (first === 0xff && second === 0xfe) return third === 0 && fourth === 0 ? 'UTF-32' : 'UTF-16';
  if (first === 0 && second === 0 && third === 0xfe && fourth === 0xff) return 'UTF-32';
  return first === 0xfe && second === 0xff ? 'UTF-16' : undefined;
}

function binary(file: string, message: string): Error {
  const hint = 'Save it as plain text or Markdown in UTF-8, or take it out of the knowledge folder.';
  return inputError({ code: 'document-binary', message, hint, place: { file } });
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
