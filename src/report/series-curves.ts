import type { Estimate } from '#core/estimate.ts';
import type { SeriesPoint } from '#core/probe.ts';
import { estimateText } from './estimate-text.ts';
import { html, type SafeHtml } from './html.ts';
import { countText, type ValueText } from './number-text.ts';
import { nameText } from './outside-text.ts';
import { notMeasured } from './probe-figures.ts';
import type { ProbedRung, ProbeView } from './probe-view.ts';
import { companions, followedOver, measureWords } from './probe-words.ts';
import { scrolling } from './section.ts';
import { type Curve, seriesFigure } from './series-chart.ts';

const columnsAtMost = 12;

function noteOf(slope: Estimate | undefined, text: ValueText): string | undefined {
  return slope === undefined ? undefined : `slope ${text.difference(slope.value)} (${text.differenceInterval(slope)})`;
}

function curveOf(probe: ProbeView, probed: ProbedRung, index: number, measure: string, companion?: string): Curve[] {
  const points = probed.findings.series.filter((point) => point.measure === measure).sort((a, b) => a.x - b.x);
  if (points.length === 0) return [];
  const name = companion === undefined ? probed.rung : `${probed.rung}, ${companion}`;
  const note = noteOf(probed.findings.metrics[`${measure}Slope`], probe.text(measure));
  return [{ name, index, dashed: companion !== undefined, note, points }];
}

function table(curves: readonly Curve[], over: string, text: ValueText): SafeHtml {
  const xs = [...new Set(curves.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  const cell = (point: SeriesPoint | undefined) => html`<td>${point === undefined ? notMeasured : estimateText(point, text)}</td>`;
  if (xs.length > columnsAtMost) {
    const rows = curves.flatMap(({ name, points }) =>
      points.map(
        (point) =>
          html`<tr><th scope="row">${nameText(name)}</th><td class="figure">${countText(point.x)}</td>${cell(point)}<td>${point.method}</td></tr>`,
      ),
    );
    return html`<table><thead><tr><th scope="col">rung</th><th scope="col" class="figure">${over}</th><th scope="col">value</th><th scope="col">method</th></tr></thead><tbody>${rows}</tbody></table>`;
  }
  const rows = curves.map(
    ({ name, points }) =>
      html`<tr><th scope="row">${nameText(name)}</th>${xs.map((x) => cell(points.find((point) => point.x === x)))}<td>${[...new Set(points.map(({ method }) => method))].join('; ')}</td></tr>`,
  );
  return html`<table><thead><tr><th scope="col">rung</th>${xs.map((x) => html`<th scope="col">${over} ${countText(x)}</th>`)}<th scope="col">method</th></tr></thead><tbody>${rows}</tbody></table>`;
}

/** A chart for each measure that was followed, its companion dashed beside it; the same numbers below as a table. */
export function seriesCurves(probe: ProbeView): SafeHtml[] {
  const followed = [...new Set(probe.rungs.flatMap(({ findings }) => findings.series.map(({ measure }) => measure)))];
  const own = followed.filter((measure) => !followed.includes(companions[measure]?.of ?? ''));
  return own.flatMap((measure) => {
    const beside = followed.filter((each) => companions[each]?.of === measure);
    const curves = probe.rungs.flatMap((probed, index) => [
      ...curveOf(probe, probed, index, measure),
      ...beside.flatMap((each) => curveOf(probe, probed, index, each, companions[each]!.name)),
    ]);
    if (!curves.some(({ points }) => points.length > 1)) return [];
    const [text, words, over] = [probe.text(measure), measureWords(measure), followedOver(probe.probe, measure)];
    const share = probe.rungs.every(({ findings }) => findings.units?.[measure] === undefined);
    const title = `${words.charAt(0).toUpperCase()}${words.slice(1)} by ${over.title}`;
    const id = `${probe.probe}-${measure}`.replace(/[^a-zA-Z0-9-]/g, '-');
    const chart = { id, title, over, measure: words, text, share, curves, bound: probe.bound(measure) };
    return [
      html`${seriesFigure(chart)}<details class="panel"><summary>The same as numbers</summary>${scrolling(title, table(curves, over.title, text))}</details>`,
    ];
  });
}
