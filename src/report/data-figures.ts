import { isJsonObject } from '#core/json.ts';
import type { Bin } from './data-charts.ts';
import type { Cluster, PlacedRow } from './data-cluster-map.ts';

/** A member of what a check saw, through objects; undefined where there is none. */
export function figureAt(figures: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (isJsonObject(value) ? value[key] : undefined), figures);
}

export function countsAt(figures: unknown, ...path: readonly string[]): Record<string, number> {
  const found = figureAt(figures, ...path);
  if (!isJsonObject(found)) return {};
  return Object.fromEntries(Object.entries(found).filter((entry): entry is [string, number] => isCount(entry[1])));
}

export function binsAt(figures: unknown, ...path: readonly string[]): Bin[] {
  const found = figureAt(figures, ...path);
  if (!Array.isArray(found)) return [];
  return found.filter((bin): bin is Bin => isJsonObject(bin) && isCount(bin['from']) && isCount(bin['count']));
}

/** Clusters that a check found, and the places of rows of them; undefined where no check gives any. */
export function clustersOf(figures: Readonly<Record<string, unknown>>): { clusters: Cluster[]; rows: PlacedRow[] } | undefined {
  const seen = Object.values(figures).find((each) => Array.isArray(figureAt(each, 'clusters')) && Array.isArray(figureAt(each, 'map')));
  if (seen === undefined) return undefined;
  const clusters = (figureAt(seen, 'clusters') as unknown[]).map((cluster) => {
    const [rows, words] = [figureAt(cluster, 'rows'), figureAt(cluster, 'words')];
    return { rows: isCount(rows) ? rows : 0, words: Array.isArray(words) ? words.map(String) : [] };
  });
  const rows = (figureAt(seen, 'map') as unknown[]).filter(
    (row): row is PlacedRow =>
      isJsonObject(row) &&
      isNumber(row['x']) &&
      isNumber(row['y']) &&
      isCount(row['row']) &&
      isCount(row['cluster']) &&
      row['cluster'] < clusters.length,
  );
  return { clusters, rows };
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isCount(value: unknown): value is number {
  return isNumber(value) && value >= 0;
}
