import type { Draws } from './draws.ts';

/** Groups of rows of sizes `smallest` to `largest`, whose latent numbers have `shared` of their variance in common. */
export interface Clusters {
  readonly smallest: number;
  readonly largest: number;
  readonly shared: number;
}

/** Group of every row, group after group as they are drawn; undefined where rows stand alone. */
export function drawGroups(rows: number, clusters: Clusters | undefined, draws: Draws): Int32Array | undefined {
  if (clusters === undefined) return undefined;
  const groups = new Int32Array(rows);
  for (let row = 0, group = 0; row < rows; group++) {
    for (let left = draws.integer(clusters.smallest, clusters.largest); left > 0 && row < rows; left--) groups[row++] = group;
  }
  return groups;
}

/** Standard normal numbers, one a row, that rows of one group share in part. */
export function drawLatent(rows: number, groups: Int32Array | undefined, shared: number, draws: Draws): Float64Array {
  const latent = new Float64Array(rows);
  for (let row = 0; row < rows; row++) latent[row] = draws.normal();
  if (groups === undefined) return latent;
  const common = new Float64Array(rows);
  for (let group = 0; group < rows; group++) common[group] = draws.normal();
  const [together, alone] = [Math.sqrt(shared), Math.sqrt(1 - shared)];
  return latent.map((own, row) => together * common[groups[row]!]! + alone * own);
}

/** Two latent numbers a row into one that is standard normal again and correlates with the first by the root of `correlation`. */
export function blend(first: Float64Array, second: Float64Array, correlation: number): Float64Array {
  const [common, own] = [Math.sqrt(correlation), Math.sqrt(1 - correlation)];
  return first.map((value, row) => common * value + own * second[row]!);
}
