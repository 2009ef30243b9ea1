import type { Estimate } from '#core/estimate.ts';
import type { RoutingCurvePoint } from '#core/routing.ts';
import { html, type SafeHtml } from './html.ts';
import { countText, dollarsText, type ValueText } from './number-text.ts';
import { linearScale, niceDomain } from './scale.ts';
import { shortText } from './visible-text.ts';

/** A measured rung on the chart. */
export interface RoutingMark {
  readonly name: string;
  readonly quality: Estimate;
  readonly costPer1k: number | undefined;
  /** Of the questions that go to the strong part: 0 and 1 for the two parts. */
  readonly strongShare: number;
  readonly isCascade: boolean;
}

export interface RoutingChart {
  readonly id: string;
  readonly title: string;
  readonly metric: string;
  readonly text: ValueText;
  readonly curve: readonly RoutingCurvePoint[];
  readonly marks: readonly RoutingMark[];
}

interface Size {
  readonly id: 'wide' | 'narrow';
  readonly width: number;
  readonly height: number;
}

/** Quality over cost (over the share of strong calls where a price is not known): by confidence, at random, and the rungs. */
export function routingFigure(chart: RoutingChart): SafeHtml {
  return html`<figure><h3>${chart.title}</h3>${svg(chart, { id: 'wide', width: 960, height: 400 })}${svg(chart, { id: 'narrow', width: 360, height: 360 })}<figcaption class="legend"><span><i class="key metric"></i>by confidence, every threshold</span><span><i class="key validation"></i>at random, same cost</span><span><i class="key chosen"></i>the cascade</span><span><i class="key dominated"></i>its parts alone</span></figcaption></figure>`;
}

function svg({ id, title, metric, text, curve, marks }: RoutingChart, size: Size): SafeHtml {
  const isPriced = curve.every(({ costPer1k }) => costPer1k !== undefined) && marks.every(({ costPer1k }) => costPer1k !== undefined);
  const across = (point: { readonly costPer1k?: number | undefined; readonly strongShare: number }) =>
    isPriced ? point.costPer1k! : point.strongShare;
  const acrossText = isPriced ? dollarsText : (value: number) => `${Math.round(value * 100)} %`;
  const area = { left: 56, right: size.width - 16, top: 34, bottom: size.height - 48 };
  const places = [...curve, ...marks].map(across);
  const x = linearScale(
    isPriced ? niceDomain(0, Math.max(...places), 5) : [0, 1],
    [area.left + 8, area.right - 8],
    size.width < 500 ? 4 : 6,
  );
  const ends = [...curve.flatMap(({ value, random }) => [value, random]), ...marks.flatMap(({ quality }) => [quality.low, quality.high])];
  const y = linearScale(niceDomain(Math.min(...ends), Math.max(...ends), 5), [area.bottom - 4, area.top]);
  const line = (value: (point: RoutingCurvePoint) => number) =>
    `M${curve.map((point) => `${x(across(point)).toFixed(1)} ${y(value(point)).toFixed(1)}`).join('L')}`;
  const key = `${id}-${size.id}`;
  const summary = marks
    .map(({ name, quality, ...mark }) => `${shortText(name, 60)} ${text.value(quality.value)} at ${acrossText(across(mark))}`)
    .join('; ');
  return html`<svg class="chart ${size.id}" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="${key}-title ${key}-desc"><title id="${key}-title">${title}</title><desc id="${key}-desc">${summary}</desc>
<g class="axis">${y.ticks.map(
    (tick) =>
      html`<line class="grid" x1="${area.left}" x2="${area.right}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}"/><text x="${area.left - 8}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${text.tick(tick)}</text>`,
  )}${x.ticks.map((tick) => html`<line class="tick" x1="${x(tick).toFixed(1)}" x2="${x(tick).toFixed(1)}" y1="${area.bottom}" y2="${area.bottom + 5}"/><text x="${x(tick).toFixed(1)}" y="${area.bottom + 19}" text-anchor="middle">${acrossText(tick)}</text>`)}<line class="base" x1="${area.left}" x2="${area.right}" y1="${area.bottom}" y2="${area.bottom}"/><text class="title" x="${area.right}" y="${area.bottom + 38}" text-anchor="end">${isPriced ? 'cost per 1,000 requests' : 'share of strong calls'} →</text><text class="title" x="${area.left - 44}" y="${area.top - 14}">${shortText(metric, 40)}</text></g>
<g class="line validation"><path d="${line(({ random }) => random)}"/></g><g class="line metric"><path d="${line(({ value }) => value)}"/></g>
${marks.map((mark) => markOf(mark, x(across(mark)), y, text))}</svg>`;
}

function markOf({ name, quality, isCascade }: RoutingMark, at: number, y: (value: number) => number, text: ValueText): SafeHtml {
  const height = y(quality.value);
  const side = at > 200 ? { x: at - 10, anchor: 'end' } : { x: at + 10, anchor: 'start' };
  return html`<g class="point ${isCascade ? 'chosen' : 'dominated'}"><title>${shortText(name, 60)}: ${text.value(quality.value)} (${text.interval(quality)}, n ${countText(quality.n)}, ${quality.method})</title><path class="whisker" d="M${at.toFixed(1)} ${y(quality.high).toFixed(1)}V${y(quality.low).toFixed(1)}"/><circle class="dot" cx="${at.toFixed(1)}" cy="${height.toFixed(1)}" r="5"/><text class="label${isCascade && ' strong'}" x="${side.x.toFixed(1)}" y="${(height + (isCascade ? -8 : 16)).toFixed(1)}" text-anchor="${side.anchor}">${shortText(name, 24)}</text></g>`;
}
