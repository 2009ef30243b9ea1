import { normalCritical, studentCritical } from './distributions.ts';

/**
 * The cluster of every row, as a dense index by first appearance: rows of one group share it, a row without a group is
 * its own. Undefined where no two rows share one, so that the plain methods hold.
 */
export function clustersOf(groups: readonly (string | undefined)[]): Int32Array | undefined {
  const seen = new Map<string, number>();
  let next = 0;
  const clusters = new Int32Array(groups.length);
  for (const [row, group] of groups.entries()) {
    const known = group === undefined ? undefined : seen.get(group);
    clusters[row] = known ?? next;
    if (known !== undefined) continue;
    if (group !== undefined) seen.set(group, next);
    next++;
  }
  return next === groups.length ? undefined : clusters;
}

/** The clusters of some of the rows, dense again; undefined where no two of them share one. */
export function clustersAt(clusters: Int32Array | undefined, rows: ArrayLike<number>): Int32Array | undefined {
  if (clusters === undefined) return undefined;
  const dense = new Map<number, number>();
  const kept = Int32Array.from(rows, (row) => {
    const cluster = clusters[row]!;
    const known = dense.get(cluster) ?? dense.size;
    dense.set(cluster, known);
    return known;
  });
  return dense.size === kept.length ? undefined : kept;
}

/** A column without its NaN rows, and the clusters of what is left. */
export function numbersOf(
  values: Float64Array,
  clusters: Int32Array | undefined,
): { numbers: Float64Array; clusters: Int32Array | undefined } {
  const rows = Int32Array.from(values.keys()).filter((row) => !Number.isNaN(values[row]!));
  return { numbers: Float64Array.from(rows, (row) => values[row]!), clusters: clustersAt(clusters, rows) };
}

/** How many clusters dense indexes name. */
export function clusterCount(clusters: Int32Array): number {
  return clusters.reduce((largest, cluster) => Math.max(largest, cluster + 1), 0);
}

/** The sum of the values of every cluster. */
export function clusterSums(values: ArrayLike<number>, clusters: Int32Array): Float64Array {
  const sums = new Float64Array(clusterCount(clusters));
  for (const [row, cluster] of clusters.entries()) sums[cluster]! += values[row]!;
  return sums;
}

/** The mean of values that come in clusters, and how sure it is. */
export interface ClusterSpread {
  readonly n: number;
  readonly mean: number;
  readonly clusters: number;
  /** Variance of the mean, whatever the correlation within clusters. NaN for one cluster. */
  readonly variance: number;
  /** Degrees of freedom of that variance, at most the clusters less one. */
  readonly degrees: number;
  /** Correlation of two rows of one cluster, from 0 to 1. */
  readonly correlation: number;
  /** Rows of as much weight if all rows of a cluster were alike: n² over the sum of squared sizes (Kish 1965). */
  readonly fewest: number;
}

/**
 * Cluster-robust variance of a mean (Liang and Zeger 1986, Biometrika 73:13-22) with the bias-reduced residuals of Bell
 * and McCaffrey 2002 (Survey Methodology 28:169-181); for clusters of one size this is the usual G/(G − 1) correction.
 * Degrees of freedom after Imbens and Kolesár 2016 (Review of Economics and Statistics 98:701-712): G − 1 for clusters
 * of one size, fewer the more the sizes differ. `values` holds no NaN and at least one number.
 */
export function clusterSpread(values: Float64Array, clusters: Int32Array): ClusterSpread {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const residuals = values.map((value) => value - mean);
  const sums = clusterSums(residuals, clusters);
  const sizes = clusterSums(new Float64Array(n).fill(1), clusters);
  const squaredSizes = sizes.reduce((sum, size) => sum + size * size, 0);
  let variance = 0;
  for (const [cluster, sum] of sums.entries()) variance += (sum * sum) / (1 - sizes[cluster]! / n);
  const correlation = correlationWithin(residuals, sums, sizes, clusters);
  const spread = { n, mean, clusters: sizes.length, correlation, fewest: (n * n) / squaredSizes };
  if (sizes.length < 2) return { ...spread, variance: Number.NaN, degrees: 0 };
  return { ...spread, variance: variance / (n * n), degrees: degreesOfFreedom(sizes, correlation) };
}

/**
 * Correlation of two rows of one cluster, every row counting once so that a few large clusters do not settle it (Karlin,
 * Cameron and Williams 1981, Proceedings of the National Academy of Sciences 78:2664-2668); held within 0 and 1.
 */
function correlationWithin(residuals: Float64Array, sums: Float64Array, sizes: Float64Array, clusters: Int32Array): number {
  const squares = clusterSums(
    residuals.map((residual) => residual * residual),
    clusters,
  );
  let products = 0;
  let rows = 0;
  for (const [cluster, size] of sizes.entries()) {
    if (size < 2) continue;
    products += (sums[cluster]! ** 2 - squares[cluster]!) / (size - 1);
    rows += size;
  }
  const variance = squares.reduce((sum, square) => sum + square, 0) / residuals.length;
  return variance === 0 || rows === 0 ? 0 : Math.min(1, Math.max(0, products / rows / variance));
}

/** Satterthwaite's degrees of freedom of the variance, if all rows of a cluster had that correlation. */
function degreesOfFreedom(sizes: Float64Array, correlation: number): number {
  const n = sizes.reduce((sum, size) => sum + size, 0);
  const variances = sizes.map((size) => size * (1 - correlation) + size * size * correlation);
  const total = variances.reduce((sum, variance) => sum + variance, 0);
  let trace = 0;
  let own = 0;
  let sizeSquares = 0;
  let shiftSquares = 0;
  let products = 0;
  for (const [cluster, size] of sizes.entries()) {
    const weight = 1 / (1 - size / n);
    // the covariance of two clusters' residual sums is size·shift' + shift·size', plus the variance on the diagonal
    const shift = (size * total) / (2 * n * n) - variances[cluster]! / n;
    const diagonal = variances[cluster]! + 2 * size * shift;
    trace += weight * diagonal;
    own += weight * weight * (diagonal * diagonal - (2 * size * shift) ** 2);
    sizeSquares += weight * size * size;
    shiftSquares += weight * shift * shift;
    products += weight * size * shift;
  }
  const squaredTrace = own + 2 * sizeSquares * shiftSquares + 2 * products * products;
  return Math.min(sizes.length - 1, Math.max(1, trace ** 2 / squaredTrace));
}

/**
 * Independent rows that would tell as much of a mean, for use with the normal critical value: the size over the design
 * effect, less what the few degrees of freedom cost (Korn and Graubard 1998, Survey Methodology 24:193-201). The design
 * effect is the larger of the cluster-robust one and 1 + ρ(m − 1) from the correlation within clusters (Kish 1965): with
 * few wrong rows the first is too small where those happen to lie in small clusters. `variance` is that of one row.
 * Never more than there are rows. Where no value differs the data do not show the correlation: the fewest rows that any
 * correlation leaves.
 */
export function effectiveSize(spread: ClusterSpread, variance: number, confidence: number): number {
  if (spread.variance === 0 || variance <= 0) return spread.fewest;
  const correlated = spread.n / (1 + spread.correlation * (spread.n / spread.fewest - 1));
  const rows = Math.min(spread.n, correlated, variance / spread.variance);
  return rows * (normalCritical(confidence) / studentCritical(confidence, spread.degrees)) ** 2;
}

/**
 * Rows of these that tell as much as one independent row would, at least 1. 1 without clusters; for one cluster, of which
 * nothing is known, all of its rows.
 */
export function designEffect(values: Float64Array, clusters: Int32Array | undefined, confidence: number): number {
  const kept = numbersOf(values, clusters);
  if (kept.clusters === undefined) return 1;
  const spread = clusterSpread(kept.numbers, kept.clusters);
  if (spread.clusters < 2) return spread.n;
  const variance = kept.numbers.reduce((sum, number) => sum + (number - spread.mean) ** 2, 0) / spread.n;
  return spread.n / effectiveSize(spread, variance, confidence);
}
