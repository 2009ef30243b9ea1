import { hashText, hashUnits, type TextHash } from './text-hash.ts';

/** Fewer words that are not masked say too little to call two rows one template. */
const fewestWords = 5;
/** More masked than this and what is left is hardly the rows' own. */
const mostMasked = 0.6;
const space = 0x20;
const number = 0x23;
const name = 0x40;

/**
 * The hash of a text with its numbers and names masked: words with a digit become `#`, words that begin with a capital become
 * `@`, runs of either become one, other words stay as they are, signs and spacing go. Undefined where nothing is masked, or too little is left to tell
 * a template by.
 */
export function maskedHashReader(): (text: string) => TextHash | undefined {
  let units = new Uint16Array(4096);
  return (text) => {
    if (units.length < text.length + 1) units = new Uint16Array(2 * text.length + 2);
    let [length, all, masked, last] = [0, 0, 0, 0];
    let at = 0;
    while (at < text.length) {
      const start = length;
      const firstCode = text.charCodeAt(at);
      let digits = false;
      for (; at < text.length; at += 1) {
        const code = text.charCodeAt(at);
        if (code > 0x7f) return maskedHash(text);
        const isDigit = code >= 0x30 && code <= 0x39;
        if (!isDigit && !isLetter(code)) break;
        digits ||= isDigit;
        units[length] = code;
        length += 1;
      }
      if (length === start) {
        at += 1;
        continue;
      }
      all += 1;
      const mask = digits ? number : firstCode >= 0x41 && firstCode <= 0x5a ? name : 0;
      if (mask !== 0) {
        masked += 1;
        length = start;
        if (mask === last) continue;
        units[length] = mask;
        length += 1;
      }
      last = mask;
      units[length] = space;
      length += 1;
    }
    return tells(all, masked) ? hashUnits(units, length) : undefined;
  };
}

function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
}

function tells(all: number, masked: number): boolean {
  return masked > 0 && all - masked >= fewestWords && masked <= mostMasked * all;
}

/** The same for any script. */
function maskedHash(text: string): TextHash | undefined {
  const words: string[] = [];
  let [all, masked] = [0, 0];
  for (const [word] of text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)) {
    all += 1;
    const mask = /\p{N}/u.test(word) ? '#' : /^\p{Lu}/u.test(word) ? '@' : undefined;
    if (mask !== undefined) masked += 1;
    if (mask === undefined || words.at(-1) !== mask) words.push(mask ?? word);
  }
  return tells(all, masked) ? hashText(`${words.join(' ')} `) : undefined;
}
