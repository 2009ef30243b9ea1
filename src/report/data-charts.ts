import { html, type SafeHtml } from './html.ts';
import { countText } from './number-text.ts';
import { nameText } from './outside-text.ts';
import { linearScale, niceDomain } from './scale.ts';
import { scrolling } from './section.ts';

export interface Bin {
  readonly from: number;
  readonly count: number;
}

const width = 720;
const height = 220;
const [left, right, top, bottom] = [64, 700, 20, 180];
const shownClasses = 40;

/** How many rows have which size, by powers of two. */
export function sizeHistogram(title: string, unit: string, bins: readonly Bin[]): SafeHtml | null {
  if (bins.length === 0) return null;
  const step = (right - left) / bins.length;
  const scale = linearScale(niceDomain(0, Math.max(...bins.map(({ count }) => count)), 4), [bottom, top], 4);
  const bars = bins.map(({ from, count }, index) => {
    const [x, y] = [left + index * step, scale(count)];
    const range = from === 0 ? 'none' : `${countText(from)} to ${countText(from * 2 - 1)} ${unit}`;
    return html`<g><title>${`${range}: ${countText(count)} rows`}</title><rect x="${(x + step * 0.08).toFixed(1)}" y="${y.toFixed(1)}" width="${(step * 0.84).toFixed(1)}" height="${Math.max(0, bottom - y).toFixed(1)}" style="fill:var(--accent)"/><text x="${(x + step / 2).toFixed(1)}" y="${bottom + 18}" text-anchor="middle">${from === 0 ? '0' : countText(from)}</text></g>`;
  });
  const lines = scale.ticks.map(
    (tick) =>
      html`<line class="grid" x1="${left}" x2="${right}" y1="${scale(tick).toFixed(1)}" y2="${scale(tick).toFixed(1)}"/><text x="${left - 8}" y="${(scale(tick) + 4).toFixed(1)}" text-anchor="end">${countText(tick)}</text>`,
  );
  return html`<figure><h3>${title}</h3><svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${`${title}: rows by number of ${unit}`}">${lines}${bars}<line class="base" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/><text class="title" x="${right}" y="${bottom + 36}" text-anchor="end">${unit}, from →</text><text class="title" x="${left}" y="12">rows</text></svg></figure>`;
}

/** Counts by name, the commonest first, with a bar each. */
export function countTable(title: string, counts: Readonly<Record<string, number>>): SafeHtml | null {
  const rows = Object.entries(counts).sort(([, a], [, b]) => b - a);
  if (rows.length === 0) return null;
  const largest = rows[0]![1];
  const total = rows.reduce((sum, [, count]) => sum + count, 0);
  const body = rows.slice(0, shownClasses).map(([name, count]) => {
    const part = largest === 0 ? 0 : (100 * count) / largest;
    return html`<tr><th scope="row">${nameText(name, 80)}</th><td class="figure">${countText(count)}</td><td class="figure">${total === 0 ? '–' : `${((100 * count) / total).toFixed(1)} %`}</td><td><span class="bar" aria-hidden="true"><span class="band" style="left:0;width:${part.toFixed(1)}%"></span></span></td></tr>`;
  });
  const more = rows.length > shownClasses && html`<caption>The commonest ${shownClasses} of ${countText(rows.length)}.</caption>`;
  return html`<h3>${title}</h3>${scrolling(
    title,
    html`<table class="measures">${more}<thead><tr><th scope="col">name</th><th scope="col" class="figure">rows</th><th scope="col" class="figure">share</th><th scope="col"><span class="spoken">bar</span></th></tr></thead><tbody>${body}</tbody></table>`,
  )}`;
}
