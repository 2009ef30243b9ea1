import { html, type SafeHtml } from './html.ts';
import { countText } from './number-text.ts';
import { type Box, type LabelPlace, placeLabels } from './place-labels.ts';
import type { ReportView } from './report-view.ts';
import { linearScale, logScale, niceDomain, type Scale } from './scale.ts';
import { type Axis, chooseAxis, type Point, pointsOf } from './scatter-points.ts';
import type { Section } from './section.ts';
import { shortText } from './visible-text.ts';

/** A logarithmic axis from this ratio of the dearest to the cheapest on: below it a linear one keeps proportions honest. */
const logFromRatio = 50;

interface Size {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const lineHeight = 15;

function horizontal(points: readonly Point[], from: number, to: number): { scale: Scale; zeroAt?: number; logarithmic: boolean } {
  const positive = points.map((point) => point.x).filter((x) => x > 0);
  const [low, high] = [Math.min(...positive), Math.max(...positive)];
  const logarithmic = positive.length > 1 && high / low > logFromRatio;
  if (!logarithmic)
    return {
      scale: linearScale(niceDomain(0, Math.max(0, ...points.map((point) => point.xInterval?.high ?? point.x)), 5), [from, to]),
      logarithmic,
    };
  const hasZero = positive.length < points.length;
  const start = hasZero ? from + 56 : from;
  return { scale: logScale([low / 1.6, high * 1.6], [start, to]), zeroAt: hasZero ? from + 18 : undefined, logarithmic };
}

function vertical(view: ReportView, points: readonly Point[], bound: number | undefined, range: readonly [number, number]): Scale {
  const ends = [...points.flatMap(({ quality }) => [quality.low, quality.high]), ...(bound === undefined ? [] : [bound])];
  const [low, high] = niceDomain(Math.min(...ends), Math.max(...ends), 5);
  const share = view.text(view.primary!).tick(0.5).endsWith('%');
  return linearScale(share ? [Math.max(0, low), Math.min(1, high)] : [low, high], range);
}

function axisMarks(view: ReportView, axis: Axis, x: ReturnType<typeof horizontal>, y: Scale, area: Area): SafeHtml {
  const ticksX = x.scale.ticks.map((tick) => ({ at: x.scale(tick), text: axis.text(tick) }));
  const marks = x.zeroAt === undefined ? ticksX : [{ at: x.zeroAt, text: axis.text(0) }, ...ticksX];
  return html`<g class="axis">${y.ticks.map(
    (tick) =>
      html`<line class="grid" x1="${area.left}" x2="${area.right}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}"/><text x="${area.left - 8}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${view.text(view.primary!).tick(tick)}</text>`,
  )}${marks.map(({ at, text }) => html`<line class="tick" x1="${at.toFixed(1)}" x2="${at.toFixed(1)}" y1="${area.bottom}" y2="${area.bottom + 5}"/><text x="${at.toFixed(1)}" y="${area.bottom + 19}" text-anchor="middle">${text}</text>`)}${
    x.zeroAt !== undefined &&
    html`<path class="break" d="M${x.zeroAt + 20} ${area.bottom - 5}l-4 10M${x.zeroAt + 26} ${area.bottom - 5}l-4 10"/>`
  }<line class="base" x1="${area.left}" x2="${area.right}" y1="${area.bottom}" y2="${area.bottom}"/>
<text class="title" x="${area.right}" y="${area.bottom + 38}" text-anchor="end">${axis.short}${x.logarithmic && ' (logarithmic)'} →</text>
<text class="title" x="${area.left - 40}" y="${area.top - 14}">${view.higherIsBetter ? '↑' : '↓'} ${shortText(view.primary!, 30)}</text></g>`;
}

function pointMark(
  view: ReportView,
  axis: Axis,
  point: Point,
  at: { x: number; y: number },
  y: Scale,
  interval: { low: number; high: number } | undefined,
): SafeHtml {
  const { quality, rung } = point;
  const text = view.text(view.primary!);
  const kind = point.chosen ? 'chosen' : point.onFrontier ? 'frontier' : 'dominated';
  const title = `${shortText(rung.rung, 60)}: ${text.value(quality.value)} (${text.interval(quality)}, n ${countText(quality.n)}, ${quality.method}), ${axis.text(point.x)}`;
  const [top, bottom] = [y(quality.high).toFixed(1), y(quality.low).toFixed(1)];
  const px = at.x.toFixed(1);
  return html`<g class="point ${kind}"><title>${title}</title><path class="whisker" d="M${px} ${top}V${bottom}M${(at.x - 4).toFixed(1)} ${top}h8M${(at.x - 4).toFixed(1)} ${bottom}h8${
    interval && ` M${interval.low.toFixed(1)} ${at.y.toFixed(1)}H${interval.high.toFixed(1)}`
  }"/>${point.chosen && html`<circle class="halo" cx="${px}" cy="${at.y.toFixed(1)}" r="10"/>`}<circle class="dot" cx="${px}" cy="${at.y.toFixed(1)}" r="5.5"/></g>`;
}

function pointLabel(view: ReportView, point: Point, place: LabelPlace, name: string): SafeHtml {
  const value = view.text(view.primary!).value(point.quality.value);
  return html`<text class="label${point.chosen && ' strong'}" x="${place.x.toFixed(1)}" y="${(place.y + 12).toFixed(1)}" text-anchor="${place.anchor}">${name} <tspan class="label-value">${value}</tspan></text>`;
}

function goalLine(
  view: ReportView,
  bound: number,
  at: number,
  area: Area,
  places: readonly { x: number }[],
  whiskers: readonly Box[],
): SafeHtml {
  const label = { x: area.right - 76, y: at - 20, width: 76, height: 24 };
  const crowded = whiskers.some(
    (box, index) => places[index]!.x > label.x - 8 && box.y < label.y + label.height && box.y + box.height > label.y,
  );
  const place = crowded ? html`x="${area.left + 4}"` : html`x="${area.right}" text-anchor="end"`;
  return html`<line class="goal" x1="${area.left}" x2="${area.right}" y1="${at.toFixed(1)}" y2="${at.toFixed(1)}"/><text class="goal-text" ${place} y="${(at - 6).toFixed(1)}">goal ${view.text(view.primary!).tick(bound)}</text>`;
}

function chart(view: ReportView, axis: Axis, points: readonly Point[], size: Size): SafeHtml {
  const area = { left: 52, right: size.width - 16, top: 34, bottom: size.height - 48 };
  const bound = view.bound(view.primary!);
  const x = horizontal(points, area.left + 8, area.right - 8);
  const y = vertical(view, points, bound, [area.bottom - 4, area.top]);
  const across = (value: number) => (value === 0 && x.zeroAt !== undefined ? x.zeroAt : x.scale(value));
  const places = points.map((point) => ({ x: across(point.x), y: y(point.quality.value) }));
  const names = points.map((point) => shortText(point.rung.rung, size.width < 500 ? 18 : 32));
  const whiskers = points.map(({ quality }, index) => ({
    x: places[index]!.x - 6,
    y: y(quality.high),
    width: 12,
    height: y(quality.low) - y(quality.high),
  }));
  const spreads = points.flatMap(({ xInterval }, index) =>
    xInterval === undefined
      ? []
      : [{ x: across(xInterval.low), y: places[index]!.y - 2, width: across(xInterval.high) - across(xInterval.low), height: 4 }],
  );
  const labels = placeLabels(
    names.map((name, index) => ({
      ...places[index]!,
      width: (name.length + 7) * 6.9,
      height: lineHeight,
      gap: points[index]!.chosen ? 15 : 10,
    })),
    [
      ...whiskers,
      ...spreads,
      ...(bound === undefined ? [] : [{ x: area.left, y: y(bound) - 2, width: area.right - area.left, height: 4 }]),
    ],
    { x: area.left, y: area.top - 8, width: area.right - area.left, height: area.bottom - area.top + 8 },
  );
  const frontier = points.map((point, index) => ({ point, at: places[index]! })).filter(({ point }) => point.onFrontier);
  const costBound = view.bound(axis.goal);
  const costAt = costBound === undefined || costBound <= 0 ? undefined : x.scale(costBound);
  const summary = points
    .map((point) => `${shortText(point.rung.rung, 60)} ${view.text(view.primary!).value(point.quality.value)} at ${axis.text(point.x)}`)
    .join('; ');
  return html`<svg class="chart ${size.id}" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="scatter-${size.id}-title scatter-${size.id}-desc"><title id="scatter-${size.id}-title">${axis.title}</title><desc id="scatter-${size.id}-desc">${summary}</desc>
${axisMarks(view, axis, x, y, area)}
${bound !== undefined && goalLine(view, bound, y(bound), area, places, whiskers)}
${costAt !== undefined && costAt >= area.left && costAt <= area.right && html`<line class="goal" x1="${costAt.toFixed(1)}" x2="${costAt.toFixed(1)}" y1="${area.top - 8}" y2="${area.bottom}"/><text class="goal-text" x="${(costAt - 6).toFixed(1)}" y="${area.bottom - 8}" text-anchor="end">goal ${axis.text(costBound!)}</text>`}
${frontier.length > 1 && html`<path class="frontier-line" d="M${frontier.map(({ at }) => `${at.x.toFixed(1)} ${at.y.toFixed(1)}`).join('L')}"/>`}
${points.map((point, index) => pointMark(view, axis, point, places[index]!, y, point.xInterval && { low: across(Math.max(point.xInterval.low, x.logarithmic ? point.x / 10 : 0)), high: across(point.xInterval.high) }))}
${points.map((point, index) => pointLabel(view, point, labels[index]!, names[index]!))}</svg>`;
}

/** Every rung by what it costs and how good it is, with intervals, the goal and the frontier. */
export function scatterSection(view: ReportView): Section | null {
  const axis = chooseAxis(view);
  const points = axis === undefined || view.primary === undefined ? [] : pointsOf(view, axis);
  if (axis === undefined || points.length === 0) return null;
  const left = view.measured.filter((rung) => !points.some((point) => point.rung === rung)).map((rung) => shortText(rung.rung, 60));
  return {
    id: 'scatter',
    title: axis.title,
    lead: `Up and to the left is better. Whiskers are ${view.confidence} intervals; the line joins the rungs that no other beats on both axes.`.replace(
      'Up',
      view.higherIsBetter ? 'Up' : 'Down',
    ),
    body: html`<figure>${chart(view, axis, points, { id: 'wide', width: 960, height: 440 })}${chart(view, axis, points, { id: 'narrow', width: 360, height: 380 })}<figcaption class="legend"><span><i class="key chosen"></i>chosen</span><span><i class="key frontier"></i>on the frontier</span><span><i class="key dominated"></i>beaten by another rung</span><span><i class="key goal"></i>goal</span></figcaption></figure>`,
    notes: left.length > 0 && `Not drawn, for want of a ${axis.short}: ${left.join(', ')}.`,
  };
}
