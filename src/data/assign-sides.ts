import { type SplitName, splitNames } from '#core/example.ts';

/** Rows that must stay together. */
export interface Cluster {
  readonly rows: readonly number[];
  /** The side that one of the rows was given by the file. */
  readonly told?: SplitName | undefined;
}

/**
 * Gives each cluster a side, in their order but larger ones first: the side where the cluster's labels, and rows in
 * all, are furthest behind the fractions. Each label ends within about a row of its share where clusters are single rows.
 */
export function assignSides(
  clusters: readonly Cluster[],
  stratumOf: (row: number) => string,
  fractions: Readonly<Record<SplitName, number>>,
): SplitName[] {
  const sides = splitNames.filter((name) => fractions[name] > 0);
  const total = emptyTally();
  for (const cluster of clusters) add(total, cluster, stratumOf);
  const taken: Record<SplitName, Tally> = { train: emptyTally(), validation: emptyTally(), test: emptyTally() };
  const chosen: SplitName[] = [];
  const order = [...clusters.keys()].sort(
    (a, b) =>
      Number(clusters[b]!.told !== undefined) - Number(clusters[a]!.told !== undefined) ||
      clusters[b]!.rows.length - clusters[a]!.rows.length,
  );
  for (const index of order) {
    const cluster = clusters[index]!;
    const side = cluster.told ?? furthestBehind(cluster, stratumOf, sides, fractions, total, taken);
    chosen[index] = side;
    add(taken[side], cluster, stratumOf);
  }
  return chosen;
}

interface Tally {
  rows: number;
  readonly strata: Map<string, number>;
}

function emptyTally(): Tally {
  return { rows: 0, strata: new Map() };
}

function add(sum: Tally, { rows }: Cluster, stratumOf: (row: number) => string): void {
  sum.rows += rows.length;
  for (const row of rows) sum.strata.set(stratumOf(row), (sum.strata.get(stratumOf(row)) ?? 0) + 1);
}

function furthestBehind(
  { rows }: Cluster,
  stratumOf: (row: number) => string,
  sides: readonly SplitName[],
  fractions: Readonly<Record<SplitName, number>>,
  total: Tally,
  taken: Readonly<Record<SplitName, Tally>>,
): SplitName {
  const behind = (side: SplitName): number => {
    let labels = 0;
    for (const row of rows) {
      const stratum = stratumOf(row);
      labels += total.strata.get(stratum)! * fractions[side] - (taken[side].strata.get(stratum) ?? 0);
    }
    // Rare labels alone would always round in favour of the largest part; bounded, so that labels stay in proportion.
    const all = total.rows * fractions[side] - taken[side].rows;
    return labels / rows.length + Math.max(-1, Math.min(1, all)) / 2;
  };
  return sides.reduce((best, side) => (behind(side) > behind(best) ? side : best));
}
