import type { ComparableUnits } from './comparable-units.ts';

/** Characters of a shingle, as in shingles.ts. */
const shingleLength = 5;

const base = 0x01000193;
const lastPower = Math.imul(Math.imul(base, base), Math.imul(base, base));

/**
 * Hashes of all pieces of five characters of a text, equal ones as often as they come; a shorter text is one piece. A polynomial
 * that rolls on (Karp and Rabin 1987, IBM Journal of Research and Development 31) with a final mix. The array is used again.
 */
export function shingleReader(): (text: ComparableUnits) => { readonly hashes: Uint32Array; readonly count: number } {
  let hashes = new Uint32Array(4096);
  return ({ units, length }) => {
    const count = Math.max(1, length - shingleLength + 1);
    if (hashes.length < count) hashes = new Uint32Array(2 * count);
    let rolling = 0;
    for (let at = 0; at < Math.min(length, shingleLength); at += 1) rolling = (Math.imul(rolling, base) + units[at]! + 1) | 0;
    hashes[0] = mixed(rolling);
    for (let at = shingleLength; at < length; at += 1) {
      rolling = (Math.imul(rolling - Math.imul(units[at - shingleLength]! + 1, lastPower), base) + units[at]! + 1) | 0;
      hashes[at - shingleLength + 1] = mixed(rolling);
    }
    return { hashes, count };
  };
}

/** The finalizer of MurmurHash3 (Austin Appleby, public domain). */
export function mixed(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
