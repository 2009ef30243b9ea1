import { TextDecoder } from 'node:util';

/** Windows-1252's characters for the bytes 0x80 to 0x9F, where it has one (unicode.org, CP1252.TXT). */
const windows1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';
const byteOf = new Map([...windows1252].map((character, index) => [character.charCodeAt(0), 0x80 + index]));
/** A character of a UTF-8 lead byte followed by one of a continuation byte: what correct text all but never holds. */
const suspicious = /[\u00C2-\u00F4][\u0080-\u00BF€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]/;
/**
 * A text that was UTF-8 and read as Windows-1252, as it was; undefined where it was not. Every character must have a byte of
 * that set and all bytes together be UTF-8, so that nothing is guessed.
 */
export function repairedText(text: string): string | undefined {
  if (!suspicious.test(text)) return undefined;
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    const byte = code < 0x80 || (code >= 0xa0 && code <= 0xff) ? code : byteOf.get(code);
    if (byte === undefined) return undefined;
    bytes[index] = byte;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
