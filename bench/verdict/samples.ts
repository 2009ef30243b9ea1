import { normalCdf, normalQuantile } from '#statistics/distributions.ts';
import type { Draws } from './draws.ts';
import { blend, type Clusters, drawGroups, drawLatent } from './latent.ts';

/** Rows of one simulated sample: what is common to all that is measured on them. */
export interface Sample {
  readonly rows: number;
  /** Index of every row's group; undefined where rows stand alone. */
  readonly clusters: Int32Array | undefined;
  /** A standard normal number a row, partly shared within groups, and partly with other calls. */
  latent(correlation: number): Float64Array;
}

export const groupsOfRows: Clusters = { smallest: 2, largest: 10, shared: 0.5 };

export function drawSample(draws: Draws, sizes: readonly [number, number], clusters?: Clusters): Sample {
  const rows = Math.round(draws.logBetween(...sizes));
  const groups = drawGroups(rows, clusters, draws);
  const difficulty = drawLatent(rows, groups, clusters?.shared ?? 0, draws);
  return {
    rows,
    clusters: groups,
    latent: (correlation) => blend(difficulty, drawLatent(rows, groups, clusters?.shared ?? 0, draws), correlation),
  };
}

/** A column with the number that it estimates. */
export interface Column {
  readonly values: Float64Array;
  readonly truth: number;
}

/** Right or wrong, with a true share. */
export function rightColumn(sample: Sample, share: number, correlation = 0): Column {
  const threshold = normalQuantile(share);
  return { values: sample.latent(correlation).map((latent) => (latent < threshold ? 1 : 0)), truth: share };
}

const levels = [-0.8, -0.3, 0.3, 0.8];

/** Scores of 0, 0.25, 0.5, 0.75 or 1, the more skewed the higher `ability` is. */
export function scoreColumn(sample: Sample, ability: number, correlation = 0): Column {
  const thresholds = levels.map((level) => ability + level);
  const scoreOf = (latent: number) => thresholds.filter((threshold) => latent < threshold).length / levels.length;
  return {
    values: sample.latent(correlation).map(scoreOf),
    truth: thresholds.reduce((sum, threshold) => sum + normalCdf(threshold), 0) / levels.length,
  };
}

/** Log-normal costs or latencies of mean 1. */
export function skewedColumn(sample: Sample, spread: number, correlation = 0): Column {
  return { values: sample.latent(correlation).map((latent) => Math.exp(spread * latent - spread ** 2 / 2)), truth: 1 };
}
