/** A hash of 64 bits as two of 32: random texts fall together once in 10^13 pairs of a million texts. Not for secrets. */
export interface TextHash {
  readonly low: number;
  readonly high: number;
}

const seeds: readonly [number, number] = [0xdeadbeef | 0, 0x41c6ce57];
const lowest = 0x85ebca6b;
const highest = 0xc2b2ae35;

/** The hash of code units. Two multiplicative lanes, crossed at the end (after MurmurHash3's finalizer, Austin Appleby). */
export function hashUnits(units: Uint16Array, length: number): TextHash {
  let [first, second] = seeds;
  for (let at = 0; at < length; at += 1) {
    first = Math.imul(first ^ units[at]!, 0x9e3779b1);
    second = Math.imul(second ^ units[at]!, 0x5f356495);
    // a product only carries upwards; this brings what came earlier down again
    first ^= first >>> 15;
    second ^= second >>> 13;
  }
  return crossed(first, second);
}

function crossed(first: number, second: number): TextHash {
  const high = Math.imul(first ^ (first >>> 16), lowest) ^ Math.imul(second ^ (second >>> 13), highest);
  const low = Math.imul(second ^ (second >>> 16), lowest) ^ Math.imul(high ^ (high >>> 13), highest);
  return { low: low >>> 0, high: high >>> 0 };
}

/** The same of a text. */
export function hashText(text: string): TextHash {
  let [first, second] = seeds;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    first = Math.imul(first ^ code, 0x9e3779b1);
    second = Math.imul(second ^ code, 0x5f356495);
    first ^= first >>> 15;
    second ^= second >>> 13;
  }
  return crossed(first, second);
}

/**
 * Hashes texts whose spacing, and whose composition of accents (Unicode NFC), do not matter; case and signs do. Control
 * characters below 8, which rowText puts between turns, take no spaces beside them.
 */
export function exactHashReader(): (text: string) => TextHash {
  let units = new Uint16Array(4096);
  return (given) => {
    const text = isAscii(given) ? given : given.normalize('NFC');
    if (units.length < text.length) units = new Uint16Array(2 * text.length);
    let length = 0;
    let pending = false;
    let afterMark = true;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === 0x20 || (code >= 9 && code <= 13) || code === 0xa0 || code === 0x2028 || code === 0x2029) {
        pending = true;
        continue;
      }
      const isMark = code < 8;
      if (pending && !afterMark && !isMark) {
        units[length] = 0x20;
        length += 1;
      }
      pending = false;
      afterMark = isMark;
      units[length] = code;
      length += 1;
    }
    return hashUnits(units, length);
  };
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}
