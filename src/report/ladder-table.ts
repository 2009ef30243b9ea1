import type { Estimate } from '#core/estimate.ts';
import type { Verdict, VerdictRung } from '#core/verdict.ts';
import { estimateText, intervalBar, methodsText } from './estimate-text.ts';
import { boundsText, goalDetails } from './goal-bounds.ts';
import { type HtmlValue, html, type SafeHtml } from './html.ts';
import { countText, dollarsText, durationText, measureText, probabilityText, unbrokenText, type ValueText } from './number-text.ts';
import { nameText } from './outside-text.ts';
import type { ReportView } from './report-view.ts';
import { type Section, scrolling } from './section.ts';
import { costText, latencyCell, tokensText } from './service-text.ts';
import { goalMarks, goalText, measureName } from './verdict-view.ts';

interface Column {
  readonly title: string;
  readonly kind?: string;
  /** What the bars of the column span. */
  readonly range?: string;
  cell(rung: VerdictRung): HtmlValue;
}

const none = html`<span class="none" aria-label="not measured">–</span>`;

/** Shares are drawn up to 100 % from the tenth below the lowest, so that narrow intervals can be told apart. */
function barDomain(ends: readonly number[]): readonly [number, number] {
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  return low >= 0 && high <= 1 ? [Math.min(0.9, Math.floor(low * 10) / 10), 1] : [low, high];
}

function metricColumn(view: ReportView, metric: string): Column {
  const estimates = view.measured.flatMap((rung) => rung.metrics[metric] ?? []);
  const bound = view.bound(metric);
  const domain = barDomain([...estimates.flatMap(({ low, high }) => [low, high]), ...(bound === undefined ? [] : [bound])]);
  return {
    title: metric,
    kind: 'metric',
    range: `bars ${view.text(metric).tick(domain[0])} to ${view.text(metric).tick(domain[1])}`,
    cell: (rung) => {
      const estimate = rung.metrics[metric];
      if (estimate === undefined) return none;
      return html`${estimateText(estimate, view.text(metric))}${intervalBar(estimate, domain, bound)}`;
    },
  };
}

const dollarsDifference: Pick<ValueText, 'difference' | 'differenceInterval'> = {
  difference: (value) => `${value > 0 ? '+' : ''}${dollarsText(value)}`,
  differenceInterval: ({ low, high }) => `${dollarsDifference.difference(low)} to ${dollarsDifference.difference(high)}`,
};

function pairedLine(name: string, estimate: Estimate | undefined, text: typeof dollarsDifference): HtmlValue {
  if (estimate === undefined) return null;
  return html` <span class="interval" title="${`${estimate.method}, n = ${estimate.n}`}">${name} ${text.difference(estimate.value)} <span class="n">${text.differenceInterval(estimate)}</span></span>`;
}

function gainColumn(view: ReportView): Column {
  return {
    title: 'gain over previous',
    cell: ({ gain }) => {
      if (gain === null || view.primary === undefined) return none;
      const text = view.text(view.primary);
      return html`<span class="value" title="${`${gain.method}, n = ${gain.n}, over ${view.rungOf(gain.over)}`}">${text.difference(gain.value)}</span> <span class="interval">${text.differenceInterval(gain)} <span class="n">${probabilityText(gain.p)}, n ${countText(gain.n)}</span></span>${pairedLine('cost', gain.costPer1k, dollarsDifference)}${pairedLine('latency', gain.latencyMs, measureText('ms'))}`;
    },
  };
}

function serviceColumns(view: ReportView): Column[] {
  return [
    {
      title: 'cost per 1k, tokens in / out',
      cell: (rung) => html`${costText(view, rung)} ${tokensText(rung)}`,
    },
    {
      title: 'latency p50 / p95',
      cell: (rung) => latencyCell(view, rung, none),
    },
    {
      title: 'horizon cost, set-up',
      cell: ({ horizonCost, setup }) => {
        const total = horizonCost === undefined ? none : html`<span class="value">${dollarsText(horizonCost)}</span>`;
        return html`${total} <span class="interval" title="once, before the first request">${dollarsText(setup.dollars)}, ${durationText(setup.seconds)}</span>`;
      },
    },
  ];
}

function goalsColumn(view: ReportView): Column {
  const written = view.verdict.criteria.goals;
  return {
    title: 'goals',
    cell: (rung) => {
      const goals = Object.entries(rung.goals);
      if (goals.length === 0) return none;
      const title = (measure: string, word: string) => {
        const bounds = rung.goalBounds?.[measure];
        return `${goalText(measure, written[measure])}: ${word}${bounds === undefined ? '' : `; ${boundsText(view, measure, bounds)}`}`;
      };
      return html`<ul class="goals">${goals.map(([measure, status]) => html`<li class="goal ${status}" title="${title(measure, goalMarks[status].word)}"><span aria-hidden="true">${goalMarks[status].mark}</span> ${measureName(measure)} <span class="spoken">${goalMarks[status].word}</span></li>`)}</ul>`;
    },
  };
}

function rowsColumn(view: ReportView): Column[] {
  if (!view.measured.some(({ rows }) => rows?.stopped !== undefined)) return [];
  const cell = ({ rows }: VerdictRung) => {
    if (rows === undefined) return none;
    if (rows.stopped === undefined) return html`<span class="value">${countText(rows.measured)}</span>`;
    return html`<span class="value">${countText(rows.measured)} of ${countText(rows.of)}</span> <span class="stopped">stopped: ${unbrokenText(rows.stopped.why)}</span>`;
  };
  return [{ title: 'rows', cell }];
}

function failuresColumn(view: ReportView): Column[] {
  if (!view.measured.some((rung) => (rung.failures ?? 0) > 0)) return [];
  const cell = ({ failures }: VerdictRung) =>
    failures === undefined ? none : failures === 0 ? '0' : html`<strong class="warn">${countText(failures)}</strong>`;
  return [{ title: 'failed rows', cell }];
}

function row(view: ReportView, columns: readonly Column[], rung: VerdictRung): SafeHtml {
  const chosen = view.isChosen(rung);
  const head = html`<th scope="row" role="rowheader">${chosen && html`<span class="chosen"><span aria-hidden="true">●</span> chosen</span>`}<span class="rung">${nameText(rung.rung)}</span> <span class="model">${rung.model === null ? 'asks no model' : nameText(rung.model)}</span></th>`;
  if (rung.skipped !== undefined) {
    return html`<tr role="row" class="skipped">${head}<td role="cell" colspan="${columns.length}">Skipped: ${rung.skipped}</td></tr>`;
  }
  return html`<tr role="row"${chosen && html` class="is-chosen"`}>${head}${columns.map(
    (column) => html`<td role="cell"${column.kind && html` class="${column.kind}"`} data-label="${column.title}">${column.cell(rung)}</td>`,
  )}</tr>`;
}

function savedText({ rows, of }: Verdict['rowsSaved']): string {
  if (rows === 0) return '';
  return ` Rungs that had told enough were stopped early: ${countText(rows)} of ${countText(of)} rows were not asked.`;
}

function gainMethods({ method, costPer1k, latencyMs }: NonNullable<VerdictRung['gain']>): (readonly [string, string])[] {
  return [
    ['gain', method],
    ...(costPer1k ? [['difference in cost', costPer1k.method] as const] : []),
    ...(latencyMs ? [['difference in latency', latencyMs.method] as const] : []),
  ];
}

/** Every rung with what it was measured at; the one to take is marked. */
export function ladderTable(view: ReportView): Section {
  const columns = [
    ...view.metrics.map((metric) => metricColumn(view, metric)),
    goalsColumn(view),
    ...rowsColumn(view),
    gainColumn(view),
    ...serviceColumns(view),
    ...failuresColumn(view),
  ];
  const { verdict, primary } = view;
  const goals = Object.entries(verdict.criteria.goals).map(([measure, bound]) => goalText(measure, bound));
  const methods = methodsText([
    ...view.measured.flatMap((rung) =>
      view.metrics.flatMap((metric) => (rung.metrics[metric] ? [[metric, rung.metrics[metric].method] as const] : [])),
    ),
    ...view.measured.flatMap(({ gain }) => (gain === null ? [] : gainMethods(gain))),
    ...Object.values(view.input.services ?? {}).flatMap(({ costPer1k, latencyP95Ms }) => [
      ...(costPer1k ? [['cost per 1k', costPer1k.method] as const] : []),
      ...(latencyP95Ms ? [['latency p95', latencyP95Ms.method] as const] : []),
    ]),
  ]);
  const table = html`<table class="ladder" role="table"><thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">rung</th>${columns.map(
    (column) =>
      html`<th scope="col" role="columnheader">${column.title}${column.range && html` <span class="n">${column.range}</span>`}</th>`,
  )}</tr></thead>
<tbody role="rowgroup">${verdict.rungs.map((rung) => row(view, columns, rung))}</tbody></table>`;
  return {
    id: 'ladder',
    title: 'The ladder',
    lead: `${goals.length > 0 ? `Goals: ${goals.join(' · ')}. A goal is met only where the whole interval clears it.` : 'The task sets no goals.'}${savedText(verdict.rowsSaved)}`,
    body: html`${scrolling('The ladder', table)}${goalDetails(view)}`,
    notes: html`Intervals are at ${view.confidence} confidence. ${methods}. ${primary !== undefined && `The gain is the paired difference in ${primary} over the rung measured before, on the same rows; the differences in cost per 1k and in latency below it, where they are known, are paired too. `}Costs come from measured tokens and the prices of the task; tokens and costs are means, latencies percentiles of the same rows. The thin line on a bar is the goal.`,
  };
}
