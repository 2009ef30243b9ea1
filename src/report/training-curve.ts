import type { CandidateEvidence } from '#core/evidence.ts';
import { toDollars } from '#core/money.ts';
import { html, type SafeHtml } from './html.ts';
import { countText, dollarsText, durationText, plainText, valueTextOf } from './number-text.ts';
import { nameText } from './outside-text.ts';
import type { ReportView } from './report-view.ts';
import { linearScale, niceDomain, type Scale } from './scale.ts';
import type { Section } from './section.ts';
import { type SeriesPoint, seriesOf, type TrainingSeries } from './training-series.ts';
import { shortText } from './visible-text.ts';

interface Panel {
  readonly top: number;
  readonly bottom: number;
  readonly title: string;
  readonly y: Scale;
  text(value: number): string;
  readonly lines: readonly {
    readonly kind: string;
    readonly name: string;
    readonly points: readonly SeriesPoint[];
    readonly dots: boolean;
  }[];
}

function scaleFor(points: readonly SeriesPoint[], top: number, bottom: number): Scale {
  const values = points.map((point) => point.value);
  return linearScale(niceDomain(Math.min(...values), Math.max(...values), 3), [bottom, top], 3);
}

function panelsOf(series: TrainingSeries, metric: string, height: number): Panel[] {
  const losses = [...series.trainLoss, ...series.validationLoss];
  const split = series.metric.length > 0 && losses.length > 0;
  const middle = split ? Math.round(height * 0.56) : height - 44;
  const panels: Panel[] = [];
  if (losses.length > 0) {
    panels.push({
      top: 30,
      bottom: middle,
      title: 'loss',
      y: scaleFor(losses, 30, middle),
      text: plainText,
      lines: [
        { kind: 'train', name: 'training loss', points: series.trainLoss, dots: false },
        { kind: 'validation', name: 'validation loss', points: series.validationLoss, dots: true },
      ],
    });
  }
  if (series.metric.length > 0) {
    const text = valueTextOf(series.metric.map((point) => point.value));
    const top = split ? middle + 44 : 30;
    panels.push({
      top,
      bottom: height - 44,
      title: `${metric}, validation`,
      y: scaleFor(series.metric, top, height - 44),
      text: text.tick,
      lines: [{ kind: 'metric', name: metric, points: series.metric, dots: true }],
    });
  }
  return panels;
}

function panel({ top, title, y, text, lines }: Panel, x: Scale, left: number, right: number): SafeHtml {
  const path = (points: readonly SeriesPoint[]) =>
    points.map(({ step, value }) => `${x(step).toFixed(1)} ${y(value).toFixed(1)}`).join('L');
  return html`<g class="axis">${y.ticks.map((tick) => html`<line class="grid" x1="${left}" x2="${right}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}"/><text x="${left - 8}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${text(tick)}</text>`)}<text class="title" x="${left - 40}" y="${top - 12}">${shortText(title, 40)}</text></g>
${lines
  .filter(({ points }) => points.length > 0)
  .map(
    ({ kind, name, points, dots }) =>
      html`<g class="line ${kind}"><title>${`${name}: ${text(points[0]!.value)} at step ${points[0]!.step}, ${text(points.at(-1)!.value)} at step ${points.at(-1)!.step}`}</title><path d="M${path(points)}"/>${dots && points.length <= 60 && points.map(({ step, value }) => html`<circle cx="${x(step).toFixed(1)}" cy="${y(value).toFixed(1)}" r="3"><title>${`${name} at step ${step}: ${text(value)}`}</title></circle>`)}</g>`,
  )}`;
}

function chart(id: string, name: string, series: TrainingSeries, metric: string, width: number, height: number): SafeHtml {
  const [left, right] = [52, width - 16];
  const x = linearScale([0, Math.max(1, series.lastStep)], [left, right], width < 500 ? 4 : 8);
  const panels = panelsOf(series, metric, height);
  const best = series.bestStep === undefined ? undefined : x(series.bestStep);
  const bottom = panels.at(-1)!.bottom;
  return html`<svg class="chart ${width < 500 ? 'narrow' : 'wide'}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc"><title id="${id}-title">Training of ${name}</title><desc id="${id}-desc">${`${series.lastStep} steps${series.bestStep === undefined ? '' : `; the checkpoint of step ${series.bestStep} is kept`}`}</desc>
${panels.map((each) => panel(each, x, left, right))}
<g class="axis">${x.ticks.map((tick) => html`<text x="${x(tick).toFixed(1)}" y="${bottom + 18}" text-anchor="middle">${countText(tick)}</text>`)}<text class="title" x="${right}" y="${bottom + 37}" text-anchor="end">step →</text></g>
${best !== undefined && html`<line class="best" x1="${best.toFixed(1)}" x2="${best.toFixed(1)}" y1="22" y2="${bottom}"/><text class="best-text" x="${(best > width / 2 ? best - 6 : best + 6).toFixed(1)}" y="18" text-anchor="${best > width / 2 ? 'end' : 'start'}">★ kept: step ${countText(series.bestStep!)}</text>`}</svg>`;
}

function figure(view: ReportView, candidate: CandidateEvidence, index: number): SafeHtml | null {
  const series = seriesOf(candidate.training);
  if (series.trainLoss.length + series.validationLoss.length === 0) return null;
  const name = shortText(candidate.rung, 60);
  const metric = view.primary ?? 'metric';
  const messages = candidate.training.filter((event) => event.type === 'message');
  return html`<figure><h3>${nameText(candidate.rung)} <span class="n">${durationText(candidate.setup.seconds)}, ${dollarsText(toDollars(candidate.setup.cost))}</span></h3>${chart(`training-${index}-wide`, name, series, metric, 960, 400)}${chart(`training-${index}-narrow`, name, series, metric, 360, 380)}<figcaption class="legend"><span><i class="key train"></i>training loss</span>${
    series.validationLoss.length > 0 && html`<span><i class="key validation"></i>validation loss</span>`
  }${series.metric.length > 0 && html`<span><i class="key metric"></i>${shortText(metric, 40)}</span>`}${series.bestStep !== undefined && html`<span><i class="key best"></i>checkpoint that was kept</span>`}</figcaption>${
    messages.length > 0 &&
    html`<ul class="warnings">${messages.map(({ level, message }) => html`<li>${level === 'warning' && html`<span class="warn">! </span>`}${shortText(message, 300)}</li>`)}</ul>`
  }</figure>`;
}

/** Loss and metric by step for every rung that trained. */
export function trainingSection(view: ReportView): Section | null {
  const figures = (view.input.evidence?.candidates ?? [])
    .map((candidate, index) => figure(view, candidate, index))
    .filter((each) => each !== null);
  if (figures.length === 0) return null;
  const { split } = view.verdict.criteria;
  return {
    id: 'training',
    title: 'Training',
    lead: 'Validation loss that rises while training loss falls is memorising; the checkpoint kept is the one with the best metric on the validation split.',
    body: figures,
    notes: `Losses are means over assistant tokens; the metric is the mean over the ${countText(split.validation)} validation rows, shown without an interval because it only chooses the checkpoint. It is no evidence for the verdict.`,
  };
}
