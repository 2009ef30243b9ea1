/** Numbers in [0, 1), as seededRandom of statistics gives them. */
export type Random = () => number;

export interface Clusters {
  /** The cluster of each vector. */
  readonly of: Int32Array;
  readonly sizes: readonly number[];
  readonly centres: readonly Float32Array[];
}

const batch = 128;
const rounds = 60;

/**
 * Groups unit vectors by mini-batch k-means (Sculley 2010, WWW), begun from centres drawn as by k-means++ (Arthur and Vassilvitskii 2007,
 * SODA). Empty clusters are left out; the largest comes first.
 */
export function clusterVectors(vectors: readonly Float32Array[], count: number, random: Random): Clusters {
  if (vectors.length === 0) return { of: new Int32Array(0), sizes: [], centres: [] };
  const centres = firstCentres(vectors, Math.min(count, vectors.length), random);
  const seen = new Float64Array(centres.length).fill(1);
  for (let round = 0; round < rounds; round += 1) {
    const drawn = Array.from({ length: Math.min(batch, vectors.length) }, () => vectors[Math.floor(random() * vectors.length)]!);
    const nearest = drawn.map((vector) => nearestOf(vector, centres));
    drawn.forEach((vector, at) => {
      const index = nearest[at]!;
      seen[index]! += 1;
      const rate = 1 / seen[index]!;
      const centre = centres[index]!;
      for (let place = 0; place < centre.length; place += 1) centre[place]! += rate * (vector[place]! - centre[place]!);
    });
  }
  const raw = vectors.map((vector) => nearestOf(vector, centres));
  const counts = centres.map((_, index) => raw.filter((cluster) => cluster === index).length);
  const order = [...centres.keys()]
    .filter((index) => counts[index]! > 0)
    .sort((first, second) => counts[second]! - counts[first]! || first - second);
  const rank = new Map(order.map((index, at) => [index, at]));
  return {
    of: Int32Array.from(raw, (index) => rank.get(index)!),
    sizes: order.map((index) => counts[index]!),
    centres: order.map((index) => centres[index]!),
  };
}

/** Entropy of the clusters' sizes as a share of the most there can be: 1 where all are as large, 0 where there is one. */
export function clusterEvenness(sizes: readonly number[]): number {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (sizes.length < 2 || total === 0) return 0;
  const entropy = sizes.reduce((sum, size) => (size === 0 ? sum : sum - (size / total) * Math.log(size / total)), 0);
  return entropy / Math.log(sizes.length);
}

function firstCentres(vectors: readonly Float32Array[], count: number, random: Random): Float32Array[] {
  const centres = [vectors[Math.floor(random() * vectors.length)]!.slice()];
  const distances = Float64Array.from(vectors, (vector) => squaredDistance(vector, centres[0]!));
  while (centres.length < count) {
    const total = distances.reduce((sum, distance) => sum + distance, 0);
    if (total === 0) break;
    let left = random() * total;
    let chosen = 0;
    while (chosen < vectors.length - 1 && left >= distances[chosen]!) {
      left -= distances[chosen]!;
      chosen += 1;
    }
    const centre = vectors[chosen]!.slice();
    centres.push(centre);
    vectors.forEach((vector, index) => {
      distances[index] = Math.min(distances[index]!, squaredDistance(vector, centre));
    });
  }
  return centres;
}

function nearestOf(vector: Float32Array, centres: readonly Float32Array[]): number {
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  centres.forEach((centre, index) => {
    const distance = squaredDistance(vector, centre);
    if (distance < least) [best, least] = [index, distance];
  });
  return best;
}

function squaredDistance(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let place = 0; place < left.length; place += 1) sum += (left[place]! - right[place]!) ** 2;
  return sum;
}
