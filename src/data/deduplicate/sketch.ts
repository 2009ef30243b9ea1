import { mixed } from './shingle-hashes.ts';

/** Bytes of a sketch. Many numbers divide it, so that it can be cut into bands of several widths. */
export const sketchLength = 168;
/** Rounds in which each element falls into one place drawn by its hash; a place still empty then takes the smallest of all. */
const rounds = 12;

/**
 * Writes the sketch of a set of hashes: at each place, equal in two sketches with the sets' Jaccard similarity as probability
 * (and by accident in 1 of 256, for only eight bits are kept: Li and König 2010, WWW, b-bit minwise hashing). Each element
 * is hashed about once, not once per place: fast similarity sketching (Dahlgaard, Knudsen and Thorup 2017, FOCS).
 */
export function sketchWriter(): (hashes: Uint32Array, count: number, into: Uint8Array, start: number) => void {
  const least = new Float64Array(sketchLength);
  const round = new Int8Array(sketchLength);
  return (hashes, count, into, start) => {
    round.fill(-1);
    least.fill(Number.POSITIVE_INFINITY);
    let empty = sketchLength;
    for (let turn = 0; turn < rounds && empty > 0; turn += 1) {
      const salt = Math.imul(turn, 0x9e3779b9);
      for (let at = 0; at < count; at += 1) {
        const hash = turn === 0 ? hashes[at]! : mixed(hashes[at]! ^ salt);
        // the upper bits choose the place, a multiplication brings the lower ones up
        const place = Math.floor(hash * (sketchLength / 4_294_967_296));
        const value = Math.imul(hash, 0x9e3779b1) >>> 0;
        if (round[place] === -1) {
          round[place] = turn;
          empty -= 1;
          least[place] = value;
        } else if (round[place] === turn && value < least[place]!) least[place] = value;
      }
    }
    for (let place = 0; place < sketchLength; place += 1) {
      if (round[place] === -1) least[place] = leastOf(hashes, count, place + 1);
      into[start + place] = least[place]! & 0xff;
    }
  };
}

function leastOf(hashes: Uint32Array, count: number, salt: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at < count; at += 1) {
    const value = mixed(hashes[at]! ^ Math.imul(salt, 0x85ebca77));
    if (value < least) least = value;
  }
  return least;
}
