import type { Random } from './clusters.ts';

const rounds = 30;

/** Vectors as points in a plane: their first two principal components, by power iteration. Each lies within -1 and 1. */
export function planePoints(vectors: readonly Float32Array[], random: Random): { readonly x: number; readonly y: number }[] {
  const length = vectors[0]?.length ?? 0;
  const mean = new Float64Array(length);
  for (const vector of vectors) for (let at = 0; at < length; at += 1) mean[at]! += vector[at]! / vectors.length;
  const centred = vectors.map((vector) => Float64Array.from(vector, (value, at) => value - mean[at]!));
  const first = component(centred, [], random);
  const second = component(centred, [first], random);
  const xs = centred.map((vector) => product(vector, first));
  const ys = centred.map((vector) => product(vector, second));
  const reach = Math.max(1e-12, ...xs.map(Math.abs), ...ys.map(Math.abs));
  return xs.map((x, index) => ({ x: x / reach, y: ys[index]! / reach }));
}

function component(vectors: readonly Float64Array[], others: readonly Float64Array[], random: Random): Float64Array {
  let direction = Float64Array.from(vectors[0] ?? [], () => random() - 0.5);
  for (let round = 0; round < rounds; round += 1) {
    const next = new Float64Array(direction.length);
    for (const vector of vectors) {
      const along = product(vector, direction);
      for (let at = 0; at < next.length; at += 1) next[at]! += along * vector[at]!;
    }
    for (const other of others) {
      const along = product(next, other);
      for (let at = 0; at < next.length; at += 1) next[at]! -= along * other[at]!;
    }
    const size = Math.sqrt(product(next, next));
    if (size === 0) return direction.fill(0);
    direction = next.map((value) => value / size);
  }
  return direction;
}

function product(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < left.length; at += 1) sum += left[at]! * right[at]!;
  return sum;
}
