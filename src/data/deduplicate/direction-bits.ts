import { mixed } from './shingle-hashes.ts';

/** Signs kept of each vector. */
export const directionBits = 768;
export const directionBytes = directionBits / 8;

/**
 * Writes 768 signs of a vector's products with random directions: two vectors at an angle agree in each with probability
 * 1 - angle / pi (Charikar 2002, STOC). The directions are those of fast random rotations, signs and Hadamard transforms
 * in turn (Andoni and others 2015, NeurIPS), so that a vector costs n log n.
 */
export function directionWriter(length: number): (vector: Float32Array, into: Uint8Array, start: number) => void {
  const padded = 2 ** Math.ceil(Math.log2(Math.max(2, length)));
  const turned = new Float32Array(padded);
  return (vector, into, start) => {
    let [written, rotation] = [0, 0];
    while (written < directionBits) {
      turned.fill(0);
      turned.set(vector);
      for (let round = 0; round < 3; round += 1) {
        for (let at = 0; at < padded; at += 1) if (mixed(at * 4 + round + rotation * 0x10001 + 1) & 1) turned[at] = -turned[at]!;
        transform(turned);
      }
      for (let at = 0; at < padded && written < directionBits; at += 1, written += 1) {
        if (turned[at]! > 0) into[start + (written >>> 3)]! |= 1 << (written & 7);
      }
      rotation += 1;
    }
  };
}

/** The fast Walsh-Hadamard transform, in place, without its scale. */
function transform(values: Float32Array): void {
  for (let half = 1; half < values.length; half *= 2) {
    for (let block = 0; block < values.length; block += 2 * half) {
      for (let at = block; at < block + half; at += 1) {
        const [first, second] = [values[at]!, values[at + half]!];
        values[at] = first + second;
        values[at + half] = first - second;
      }
    }
  }
}
