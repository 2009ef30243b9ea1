import type { SeriesPoint } from '#core/probe.ts';
import { html, type SafeHtml } from './html.ts';
import { countText, type ValueText } from './number-text.ts';
import { nameText } from './outside-text.ts';
import { linearScale, logScale, niceDomain, type Scale } from './scale.ts';
import { shortText } from './visible-text.ts';

/** One measure of one rung, followed. */
export interface Curve {
  readonly name: string;
  /** Place among the rungs: its colour and its mark. */
  readonly index: number;
  readonly dashed: boolean;
  /** Stands behind its name in the legend. */
  readonly note?: string;
  /** In the order of x. */
  readonly points: readonly SeriesPoint[];
}

export interface SeriesChart {
  readonly id: string;
  readonly title: string;
  readonly over: { readonly title: string; readonly even: boolean };
  readonly measure: string;
  readonly text: ValueText;
  /** True where values are shares of 1. */
  readonly share: boolean;
  readonly curves: readonly Curve[];
  /** A goal on the measure. */
  readonly bound?: number;
}

const seriesColors = 6;
const marks = [
  'm-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z',
  'm-4 -4h8v8h-8z',
  'm0 -5l5 9h-10z',
  'm0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z',
  'm0 5l5 -9h-10z',
  'm-1.7 -5h3.4v3.3h3.3v3.4h-3.3v3.3h-3.4v-3.3h-3.3v-3.4h3.3z',
];
const logFromRatio = 20;
const top = 34;

/** From the seventh rung on colours come again, with other marks. */
function look(index: number): { color: number; mark: string } {
  return { color: index % seriesColors, mark: marks[(index + Math.floor(index / seriesColors)) % marks.length]! };
}

interface Drawing {
  x(value: number, curve: number): number;
  readonly ticks: readonly number[];
  readonly logarithmic: boolean;
  readonly y: Scale;
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
}

function drawingOf({ curves, over, share, bound }: SeriesChart, width: number, height: number): Drawing {
  const [left, right, bottom] = [58, width - 16, height - 48];
  const points = curves.flatMap((curve) => curve.points);
  const ends = [...points.flatMap(({ low, high }) => [low, high]), ...(bound === undefined ? [] : [bound])];
  const [low, high] = niceDomain(share ? Math.min(...ends) : Math.min(0, ...ends), share ? 1 : Math.max(...ends), 5);
  const y = linearScale(share ? [Math.max(0, low), 1] : [low, high], [bottom, top]);
  const xs = [...new Set(points.map((point) => point.x))].sort((a, b) => a - b);
  if (over.even) {
    const gap = (right - left) / Math.max(1, xs.length);
    const step = Math.min(11, (gap * 0.76) / Math.max(1, curves.length));
    const places = new Map(xs.map((value, index) => [value, left + gap * (index + 0.5)]));
    const x = (value: number, curve: number) => places.get(value)! + (curve - (curves.length - 1) / 2) * step;
    return { x, ticks: xs, logarithmic: false, y, left, right, bottom };
  }
  const logarithmic = xs[0]! > 0 && xs.at(-1)! / xs[0]! > logFromRatio;
  const range = [left + 10, right - 10] as const;
  const scale = logarithmic
    ? logScale([xs[0]! / 1.2, xs.at(-1)! * 1.2], range)
    : linearScale(niceDomain(0, xs.at(-1)!, 6), range, width < 500 ? 4 : 8);
  return { x: (value) => scale(value), ticks: scale.ticks, logarithmic, y, left, right, bottom };
}

function axes(chart: SeriesChart, { x, y, ticks, logarithmic, left, right, bottom }: Drawing): SafeHtml {
  const middle = (chart.curves.length - 1) / 2;
  return html`<g class="axis">${y.ticks.map(
    (tick) =>
      html`<line class="grid" x1="${left}" x2="${right}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}"/><text x="${left - 8}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${chart.text.tick(tick)}</text>`,
  )}${ticks.map((tick) => {
    const at = x(tick, middle).toFixed(1);
    return html`<line class="tick" x1="${at}" x2="${at}" y1="${bottom}" y2="${bottom + 5}"/><text x="${at}" y="${bottom + 19}" text-anchor="middle">${countText(tick)}</text>`;
  })}<line class="base" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/><text class="title" x="${right}" y="${bottom + 38}" text-anchor="end">${chart.over.title}${logarithmic && ' (logarithmic)'} →</text><text class="title" x="${left - 46}" y="${top - 14}">${shortText(chart.measure, 46)}</text></g>`;
}

function pointText({ over, text }: SeriesChart, { name }: Curve, point: SeriesPoint): string {
  return `${shortText(name, 60)}, ${over.title} ${countText(point.x)}: ${text.value(point.value)} (${text.interval(point)}, n ${countText(point.n)}, ${point.method})`;
}

function curveMark(chart: SeriesChart, { x, y }: Drawing, curve: Curve, place: number): SafeHtml {
  const { color, mark } = look(curve.index);
  const at = curve.points.map((point) => ({ point, x: x(point.x, place), y: y(point.value) }));
  return html`<g class="series s${color}${curve.dashed && ' dashed'}"><path class="curve" d="M${at.map((each) => `${each.x.toFixed(1)} ${each.y.toFixed(1)}`).join('L')}"/>${at.map(
    (each) =>
      html`<g><title>${pointText(chart, curve, each.point)}</title><path class="whisker" d="M${each.x.toFixed(1)} ${y(each.point.high).toFixed(1)}V${y(each.point.low).toFixed(1)}"/><path class="mark" d="M${each.x.toFixed(1)} ${each.y.toFixed(1)}${mark}"/></g>`,
  )}</g>`;
}

function svg(chart: SeriesChart, size: 'wide' | 'narrow', width: number, height: number): SafeHtml {
  const drawing = drawingOf(chart, width, height);
  const { y, left, right } = drawing;
  const id = `${chart.id}-${size}`;
  const summary = chart.curves
    .map(({ name, points }) => {
      const [first, last] = [points[0]!, points.at(-1)!];
      const said = ({ x, value }: SeriesPoint) => `${chart.text.value(value)} at ${chart.over.title} ${countText(x)}`;
      return `${shortText(name, 60)} ${points.length === 1 ? said(first) : `${said(first)}, ${said(last)}`}`;
    })
    .join('; ');
  return html`<svg class="chart ${size}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc"><title id="${id}-title">${chart.title}</title><desc id="${id}-desc">${summary}</desc>
${axes(chart, drawing)}
${chart.bound !== undefined && html`<line class="goal" x1="${left}" x2="${right}" y1="${y(chart.bound).toFixed(1)}" y2="${y(chart.bound).toFixed(1)}"/><text class="goal-text" x="${left + 4}" y="${(y(chart.bound) - 6).toFixed(1)}">goal ${chart.text.tick(chart.bound)}</text>`}
${chart.curves.map((curve, place) => curveMark(chart, drawing, curve, place))}</svg>`;
}

function key({ name, index, dashed, note }: Curve): SafeHtml {
  const { color, mark } = look(index);
  return html`<span><svg class="series s${color}${dashed && ' dashed'} series-key" viewBox="0 0 32 14" aria-hidden="true"><path class="curve" d="M0 7H32"/><path class="mark" d="M16 7${mark}"/></svg>${nameText(name, 60)}${note && html` <span class="n">${note}</span>`}</span>`;
}

/** Measures followed over turns or tokens: a line for each rung, whiskers for intervals, and a legend with what is noted of each. */
export function seriesFigure(chart: SeriesChart): SafeHtml {
  const [low] = drawingOf(chart, 960, 380).y.ticks;
  const cut = chart.share && low !== undefined && low > 0;
  return html`<figure><h3>${chart.title}</h3>${svg(chart, 'wide', 960, 380)}${svg(chart, 'narrow', 360, 380)}<figcaption class="legend">${chart.curves.map(key)}${
    cut && html`<span class="n">The axis begins at ${chart.text.tick(low)}, not at 0.</span>`
  }</figcaption></figure>`;
}
