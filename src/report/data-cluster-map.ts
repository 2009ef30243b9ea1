import { html, type SafeHtml } from './html.ts';
import { countText } from './number-text.ts';
import { nameText } from './outside-text.ts';
import { linearScale } from './scale.ts';
import { scrolling } from './section.ts';
import { shortText } from './visible-text.ts';

/** Rows that are alike, with the words that tell them from others. */
export interface Cluster {
  readonly rows: number;
  readonly words: readonly string[];
}

/** Where a row lies among the others. */
export interface PlacedRow {
  readonly row: number;
  readonly x: number;
  readonly y: number;
  readonly cluster: number;
}

const [width, height, edge] = [720, 420, 16];
const colors = 6;

/** Rows as dots in the colour of their cluster, its number in their middle, and the clusters by number. */
export function clusterMap(clusters: readonly Cluster[], rows: readonly PlacedRow[]): SafeHtml | null {
  if (clusters.length < 2 || rows.length < 2) return null;
  const [x, y] = [
    scaleOf(
      rows.map((row) => row.x),
      [edge, width - edge],
    ),
    scaleOf(
      rows.map((row) => row.y),
      [height - edge, edge],
    ),
  ];
  const dots = rows.map(
    (row) =>
      html`<circle class="s${row.cluster % colors}" cx="${x(row.x).toFixed(1)}" cy="${y(row.y).toFixed(1)}" r="3.5" style="fill:var(--c);fill-opacity:.7"><title>${`row ${row.row}: ${shortText((clusters[row.cluster]?.words ?? []).join(', '), 80)}`}</title></circle>`,
  );
  const numbers = clusters.map((_, index) => {
    const own = rows.filter(({ cluster }) => cluster === index);
    if (own.length === 0) return null;
    const middle = (pick: (row: PlacedRow) => number) => own.reduce((sum, row) => sum + pick(row), 0) / own.length;
    return html`<text class="label strong" x="${x(middle((row) => row.x)).toFixed(1)}" y="${(y(middle((row) => row.y)) + 4).toFixed(1)}" text-anchor="middle">${index + 1}</text>`;
  });
  const lines = clusters.map(
    ({ rows: count, words }, index) =>
      html`<tr><th scope="row">${index + 1}</th><td class="figure">${countText(count)}</td><td>${nameText(words.join(', '), 200)}</td></tr>`,
  );
  return html`<figure><svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${`Map of ${countText(rows.length)} rows in ${clusters.length} clusters`}">${dots}${numbers}</svg></figure><h3>What is in them</h3>${scrolling(
    'Clusters',
    html`<table class="measures"><thead><tr><th scope="col">cluster</th><th scope="col" class="figure">rows</th><th scope="col">words that tell it apart</th></tr></thead><tbody>${lines}</tbody></table>`,
  )}`;
}

function scaleOf(values: readonly number[], range: readonly [number, number]) {
  const [low, high] = values.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  return linearScale([low, high], range);
}
