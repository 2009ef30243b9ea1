import type { RoutingVerdict } from '#core/routing.ts';
import type { VerdictRung } from '#core/verdict.ts';
import { routingLines } from '#verdict/routing-words.ts';
import { html, type SafeHtml } from './html.ts';
import { countText, unbrokenText, valueTextOf } from './number-text.ts';
import { nameText } from './outside-text.ts';
import type { ReportView } from './report-view.ts';
import { type RoutingMark, routingFigure } from './routing-chart.ts';
import { type Section, scrolling } from './section.ts';

/** Cascades: the cost-quality curve beside random routing and the parts alone, the figures, and the signals there were. */
export function routingSection(view: ReportView): Section | null {
  const rungs = view.verdict.rungs.flatMap((rung) => (rung.routing === undefined ? [] : [{ rung, routing: rung.routing }]));
  if (rungs.length === 0) return null;
  const parts = rungs.map(({ rung, routing }, index) => cascadePart(view, rung, routing, index));
  return {
    id: 'routing',
    title: 'Cheap first, strong when unsure',
    lead: 'A cascade is worth its trouble only where it beats asking either model at random at the same cost.',
    body: html`<div class="stack">${parts}</div>`,
    notes: `Intervals are at ${view.confidence} confidence. Area recovered is 0.5 for random routing and 1 at best for a strong part that is never worse. The calibration error is told beside what a perfect calibration would show on as many rows.`,
  };
}

function cascadePart(view: ReportView, rung: VerdictRung, routing: RoutingVerdict, index: number): SafeHtml {
  const [, ...lines] = routingLines(rung.rung, routing, view.verdict.criteria.confidence);
  return html`${curveOf(view, rung, routing, index)}<p><strong>${unbrokenText(routing.says)}</strong></p><ul class="plain">${lines.map((line) => html`<li>${unbrokenText(line)}</li>`)}</ul>${routing.signals.length > 0 && signalTable(routing)}`;
}

function curveOf(view: ReportView, rung: VerdictRung, { compared, cheap, strong, strongShare }: RoutingVerdict, index: number) {
  if (compared === null || compared.curve.length < 2) return null;
  const parts = view.input.evidence?.candidates ?? [];
  const named = (part: string) => parts.find((candidate) => candidate.part === part)?.rung;
  const marks = [
    { name: named(cheap.part), share: 0 },
    { name: named(strong.part), share: 1 },
    { name: rung.rung, share: strongShare.value },
  ].flatMap(({ name, share }): RoutingMark[] => {
    const shown = view.verdict.rungs.find((each) => each.rung === name);
    const quality = shown?.metrics[compared.metric];
    if (shown === undefined || quality === undefined) return [];
    return [{ name: shown.rung, quality, costPer1k: shown.costPer1k, strongShare: share, isCascade: shown.rung === rung.rung }];
  });
  const text = valueTextOf([
    ...compared.curve.flatMap(({ value, random }) => [value, random]),
    ...marks.map(({ quality }) => quality.value),
  ]);
  return routingFigure({
    id: `routing-${index}`,
    title: `Cost and quality of ${rung.rung}`,
    metric: compared.metric,
    text,
    curve: compared.curve,
    marks,
  });
}

function signalTable({ signals, signal: taken }: RoutingVerdict): SafeHtml {
  const rows = signals.map(
    ({ signal, area, calibration, accepted }) =>
      html`<tr><th scope="row">${nameText(signal, 40)}${signal === taken && ' (taken)'}</th><td class="figure">${area === null ? 'no gap' : area.toFixed(2)}</td><td class="figure">${(100 * calibration.error).toFixed(1)}</td><td class="figure">${(100 * calibration.expected).toFixed(1)}</td><td class="figure">${(100 * accepted).toFixed(1)} %</td><td class="figure">${countText(calibration.n)}</td></tr>`,
  );
  return scrolling(
    'Signals of confidence',
    html`<table class="measures"><caption>What could have decided, on the validation rows</caption><thead><tr><th scope="col">signal</th><th scope="col" class="figure">area recovered</th><th scope="col" class="figure">calibration error, points</th><th scope="col" class="figure">of a perfect one</th><th scope="col" class="figure">may be accepted</th><th scope="col" class="figure">rows</th></tr></thead><tbody>${rows}</tbody></table>`,
  );
}
