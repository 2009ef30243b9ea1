/** Numbers of a text's vector: more tells more texts apart, and takes longer to compare. */
export const featureLength = 128;
const pieceLength = 4;

/**
 * A text as a vector of length 1: its four-character pieces hashed into places with a sign (feature hashing, Weinberger et al.
 * 2009, ICML), damped by the square root so that a long text is not only its commonest piece. Written at `start`.
 */
export function writeFeatures(text: string, into: Float32Array, start: number): void {
  const end = start + featureLength;
  into.fill(0, start, end);
  for (let at = 0; at < Math.max(1, text.length - pieceLength + 1); at += 1) {
    let hash = 0x811c9dc5;
    for (let index = at; index < Math.min(at + pieceLength, text.length); index += 1)
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    hash ^= hash >>> 15;
    into[start + ((hash >>> 8) % featureLength)]! += (hash & 1) === 0 ? 1 : -1;
  }
  let squares = 0;
  for (let place = start; place < end; place += 1) {
    into[place] = Math.sign(into[place]!) * Math.sqrt(Math.abs(into[place]!));
    squares += into[place]! ** 2;
  }
  const length = Math.sqrt(squares);
  if (length > 0) for (let place = start; place < end; place += 1) into[place]! /= length;
}

export interface DiverseSample {
  /** In the order in which they were chosen. */
  readonly chosen: readonly number[];
  /** The largest distance of a text that was left out to the nearest one chosen, from 0 (equal) to 2; 0 where none was left out. */
  readonly radius: number;
}

/**
 * Chooses vectors so that none that is left out is far from one chosen: the first, then always the one farthest from all
 * chosen (k-center greedy: Gonzalez 1985, Theoretical Computer Science 38:293, within twice the best possible radius; for
 * choosing training rows Sener and Savarese 2018, arXiv 1708.00489). Distance is that of points on the sphere.
 */
export function chooseDiverse(vectors: Float32Array, size: number, wanted: number): DiverseSample {
  if (size === 0 || wanted <= 0) return { chosen: [], radius: 0 };
  const nearest = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
  const chosen: number[] = [];
  let next = 0;
  while (chosen.length < Math.min(wanted, size)) {
    chosen.push(next);
    // a vector that was chosen is never the farthest, even where all that are left are equal to one
    nearest[next] = -1;
    let farthest = -1;
    for (let other = 0; other < size; other += 1) {
      if (nearest[other]! < 0) continue;
      const distance = distanceOf(vectors, next, other);
      if (distance < nearest[other]!) nearest[other] = distance;
      if (farthest === -1 || nearest[other]! > nearest[farthest]!) farthest = other;
    }
    if (farthest === -1) return { chosen, radius: 0 };
    next = farthest;
  }
  return { chosen, radius: Math.max(0, nearest[next]!) };
}

// By differences, not by the product: equal vectors are then at distance 0 exactly.
function distanceOf(vectors: Float32Array, left: number, right: number): number {
  let squares = 0;
  const [a, b] = [left * featureLength, right * featureLength];
  for (let place = 0; place < featureLength; place += 1) {
    const difference = vectors[a + place]! - vectors[b + place]!;
    squares += difference * difference;
  }
  return Math.sqrt(squares);
}
