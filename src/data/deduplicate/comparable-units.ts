/** Code units of a comparable text: `units[0]` up to `units[length - 1]`. The array is longer and is used again for the next text. */
export interface ComparableUnits {
  readonly units: Uint16Array;
  readonly length: number;
}

const space = 0x20;

/**
 * Makes the text by which rows are compared, as `comparableText` of shingles.ts does (NFKC, lower case, letters and digits, one space
 * for everything else), into an array that is used again. Texts of plain ASCII take a loop instead of three passes.
 */
export function comparableReader(): (text: string) => ComparableUnits {
  let units = new Uint16Array(4096);
  return (text) => {
    if (units.length < text.length) units = new Uint16Array(2 * text.length);
    const length = fromAscii(text, units);
    if (length >= 0) return { units, length };
    const whole = text
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, ' ')
      .trim();
    if (units.length < whole.length) units = new Uint16Array(2 * whole.length);
    for (let at = 0; at < whole.length; at += 1) units[at] = whole.charCodeAt(at);
    return { units, length: whole.length };
  };
}

/** Gives the length, or -1 at the first character that is not ASCII. */
function fromAscii(text: string, units: Uint16Array): number {
  let length = 0;
  let pending = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) return -1;
    const lower = code >= 0x41 && code <= 0x5a ? code + 32 : code;
    if ((lower >= 0x61 && lower <= 0x7a) || (lower >= 0x30 && lower <= 0x39)) {
      if (pending && length > 0) {
        units[length] = space;
        length += 1;
      }
      pending = false;
      units[length] = lower;
      length += 1;
    } else pending = true;
  }
  return length;
}
