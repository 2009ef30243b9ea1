/** Whether a line belongs to a sample of that share: the same for the same seed, and independent of the other lines. */
export function inSample(line: number, share: number, seed: number): boolean {
  // the finalizer of MurmurHash3 (Appleby 2011, public domain): neighbours end far apart
  let hash = Math.imul(line ^ Math.imul(seed, 0x9e3779b1), 0x85ebca6b);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return (hash >>> 0) / 4_294_967_296 < share;
}
