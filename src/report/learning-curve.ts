import type { Estimate } from '#core/estimate.ts';
import type { VerdictLearningCurve } from '#core/verdict.ts';
import { scoredText } from '#verdict/learning-curve.ts';
import { estimateText, methodsText } from './estimate-text.ts';
import { html, type SafeHtml } from './html.ts';
import { countText, unbrokenText, type ValueText, valueTextOf } from './number-text.ts';
import { nameText } from './outside-text.ts';
import type { ReportView } from './report-view.ts';
import { linearScale, logScale, niceDomain, type Scale } from './scale.ts';
import { type Section, scrolling } from './section.ts';
import { shortText } from './visible-text.ts';

type Place = { readonly rows: number } & Estimate;

interface Chart {
  readonly id: 'wide' | 'narrow';
  readonly width: number;
  readonly height: number;
}

interface Drawing {
  readonly x: Scale;
  readonly y: Scale;
  readonly text: ValueText;
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
}

const top = 34;

function drawingOf({ points, forecast }: VerdictLearningCurve, bound: number | undefined, { width, height }: Chart): Drawing {
  const [left, right, bottom] = [52, width - 16, height - 48];
  const places = [...points, ...forecast];
  const ends = [...places.flatMap(({ low, high }) => [low, high]), ...(bound === undefined ? [] : [bound])];
  const [low, high] = niceDomain(Math.min(...ends), Math.max(...ends), 5);
  const share = ends.every((end) => end >= 0 && end <= 1);
  const rows = places.map((place) => place.rows);
  return {
    x: logScale([Math.min(...rows) / 1.25, Math.max(...rows) * 1.25], [left, right]),
    y: linearScale(share ? [Math.max(0, low), Math.min(1, high)] : [low, high], [bottom, top]),
    text: valueTextOf(ends),
    left,
    right,
    bottom,
  };
}

function axes({ x, y, text, left, right, bottom }: Drawing, metric: string): SafeHtml {
  return html`<g class="axis">${y.ticks.map(
    (tick) =>
      html`<line class="grid" x1="${left}" x2="${right}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}"/><text x="${left - 8}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${text.tick(tick)}</text>`,
  )}${x.ticks.map(
    (tick) =>
      html`<line class="tick" x1="${x(tick).toFixed(1)}" x2="${x(tick).toFixed(1)}" y1="${bottom}" y2="${bottom + 5}"/><text x="${x(tick).toFixed(1)}" y="${bottom + 19}" text-anchor="middle">${countText(tick)}</text>`,
  )}<line class="base" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/><text class="title" x="${right}" y="${bottom + 38}" text-anchor="end">training rows (logarithmic) →</text><text class="title" x="${left - 40}" y="${top - 14}">${shortText(metric, 30)}, validation</text></g>`;
}

function joined({ x, y }: Drawing, places: readonly Place[], end: 'value' | 'low' | 'high'): string {
  return places.map((place) => `${x(place.rows).toFixed(1)} ${y(place[end]).toFixed(1)}`).join('L');
}

/** From the last measured size on: the band, its middle and its ends dashed. */
function forecastMark(drawing: Drawing, measured: readonly Place[], forecast: readonly Place[]): SafeHtml | null {
  if (forecast.length === 0) return null;
  const places = [...measured.slice(-1), ...forecast];
  const furthest = forecast.at(-1)!;
  const { value, interval } = drawing.text;
  return html`<g class="line metric"><title>${`forecast for ${countText(furthest.rows)} rows: ${value(furthest.value)} (${interval(furthest)})`}</title><path d="M${joined(drawing, places, 'high')}L${joined(drawing, [...places].reverse(), 'low')}Z" style="fill:var(--accent);stroke:none;opacity:.14"/>${(
    ['low', 'high'] as const
  ).map(
    (end) => html`<path d="M${joined(drawing, places, end)}" style="stroke-width:1;stroke-dasharray:3 4"/>`,
  )}<path d="M${joined(drawing, places, 'value')}" style="stroke-dasharray:7 5"/></g>`;
}

function pointMark({ x, y, text }: Drawing, { rows, seeds, ...point }: VerdictLearningCurve['points'][number]): SafeHtml {
  const [across, low, high] = [x(rows), y(point.low).toFixed(1), y(point.high).toFixed(1)];
  const title = `${countText(rows)} rows: ${text.value(point.value)} (${text.interval(point)}, ${seeds} seeds, n ${countText(point.n)}, ${point.method})`;
  return html`<g class="point frontier"><title>${title}</title><path class="whisker" d="M${across.toFixed(1)} ${high}V${low}M${(across - 4).toFixed(1)} ${high}h8M${(across - 4).toFixed(1)} ${low}h8"/><circle class="dot" cx="${across.toFixed(1)}" cy="${y(point.value).toFixed(1)}" r="4.5"/></g>`;
}

function chart(curve: VerdictLearningCurve, bound: number | undefined, size: Chart): SafeHtml {
  const drawing = drawingOf(curve, bound, size);
  const { y, text, left, right } = drawing;
  const id = `learning-${size.id}`;
  const summary = [...curve.points, ...curve.forecast]
    .map(({ rows, value }) => `${text.value(value)} at ${countText(rows)} rows`)
    .join(', ');
  return html`<svg class="chart ${size.id}" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="${id}-title ${id}-desc"><title id="${id}-title">Learning curve of ${shortText(curve.rung, 60)}</title><desc id="${id}-desc">${summary}</desc>
${axes(drawing, curve.metric)}
${bound !== undefined && html`<line class="goal" x1="${left}" x2="${right}" y1="${y(bound).toFixed(1)}" y2="${y(bound).toFixed(1)}"/><text class="goal-text" x="${left + 4}" y="${(y(bound) - 6).toFixed(1)}">goal ${text.tick(bound)}</text>`}
${forecastMark(drawing, curve.points, curve.forecast)}
<g class="line metric"><path d="M${joined(drawing, curve.points, 'value')}"/></g>
${curve.points.map((point) => pointMark(drawing, point))}</svg>`;
}

function table({ points, forecast }: VerdictLearningCurve, text: ValueText): SafeHtml {
  const row = (place: Place, kind: string) =>
    html`<tr><th scope="row" class="figure">${countText(place.rows)}</th><td>${estimateText(place, text)}</td><td>${kind}</td></tr>`;
  return html`<table><thead><tr><th scope="col" class="figure">training rows</th><th scope="col">value</th><th scope="col">how it is known</th></tr></thead><tbody>${points.map(
    (point) => row(point, `measured, ${point.seeds} seeds`),
  )}${forecast.map((place) => row(place, 'forecast'))}</tbody></table>`;
}

/** What a rung reaches with fewer training rows, and what more are forecast to bring. */
export function learningCurveSection(view: ReportView): Section | null {
  const curve = view.verdict.learningCurve;
  if (curve === null || curve.points.length === 0) return null;
  const bound = view.bound(curve.metric);
  const places = [...curve.points, ...curve.forecast];
  const text = valueTextOf(places.flatMap(({ value, low, high }) => [value, low, high]));
  const scored = curve.scored.map((each) => html`<li>${unbrokenText(scoredText(each))}</li>`);
  return {
    id: 'learning-curve',
    title: 'Would more labels help?',
    lead: unbrokenText(curve.why),
    body: html`<figure><h3>${nameText(curve.rung)}</h3>${chart(curve, bound, { id: 'wide', width: 960, height: 400 })}${chart(curve, bound, { id: 'narrow', width: 360, height: 340 })}<figcaption class="legend"><span><i class="key metric"></i>measured</span>${
      curve.forecast.length > 0 && html`<span><i class="key metric" style="border-top-style:dashed"></i>forecast with its band</span>`
    }${bound !== undefined && html`<span><i class="key goal"></i>goal</span>`}</figcaption></figure><div style="margin-top:12px">${scrolling('Learning curve', table(curve, text))}</div>${
      scored.length > 0 && html`<h3>What earlier forecasts came to</h3><ul class="signs">${scored}</ul>`
    }`,
    notes: html`Parts of the training split, drawn anew for each seed and nested within it, measured on the validation split. Intervals and bands at ${view.confidence}: ${methodsText(
      [
        ...curve.points.map(({ method }) => ['measured', method] as const),
        ...curve.forecast.map(({ method }) => ['forecast', method] as const),
      ],
    )}. A forecast takes it that further rows are like those there are, and goes no further than four times as many.`,
  };
}
