import type { Estimate } from '#core/estimate.ts';
import type { ComparisonRow } from '#core/verdict.ts';
import { estimateText, intervalBar, methodsText } from './estimate-text.ts';
import { type HtmlValue, html, type SafeHtml } from './html.ts';
import { dollarsText, durationText, measureText } from './number-text.ts';
import { nameText } from './outside-text.ts';
import type { ReportView } from './report-view.ts';
import { type Section, scrolling } from './section.ts';
import { costText, latencyCell, tokensText } from './service-text.ts';

const none = html`<span class="none">not measured</span>`;
const share = measureText(undefined);

/** How each kind of rung is called where a team weighs them. */
const kinds: Readonly<Record<ComparisonRow['kind'], string>> = {
  prompt: 'system prompt',
  tuned: 'tuned',
  'tuned with overlay': 'tuned with overlay',
};

const skills: Readonly<Record<ComparisonRow['expertise'], string>> = { prompting: 'prompting', ml: 'machine learning' };

function estimate(given: Estimate | undefined): HtmlValue {
  return given === undefined ? none : html`${estimateText(given, share)}${intervalBar(given, [0, 1])}`;
}

interface Column {
  readonly title: string;
  readonly hint?: string;
  cell(row: ComparisonRow): HtmlValue;
}

function columnsOf(view: ReportView): Column[] {
  return [
    {
      title: 'set-up',
      hint: 'once',
      cell: ({ setup }) =>
        html`<span class="value">${dollarsText(setup.dollars)}</span> <span class="interval">${durationText(setup.seconds)}</span>`,
    },
    { title: 'latency p50 / p95', cell: (row) => latencyCell(view, row, none) },
    {
      title: 'consistency',
      hint: 'kept over the turns of a conversation',
      cell: ({ rung, consistency }) => {
        // without a probe over turns the document falls back on a metric of single answers
        const overTurns = view.verdict.rungs.some((each) => each.rung === rung && each.metrics['consistency'] !== undefined);
        return html`${estimate(consistency)}${consistency && !overTurns && html`<span class="interval">of single answers</span>`}`;
      },
    },
    { title: 'robustness', hint: 'attacks withstood', cell: ({ robustness }) => estimate(robustness) },
    { title: 'flexibility', hint: 'changed instructions followed as it stands', cell: ({ flexibility }) => estimate(flexibility) },
    { title: 'tokens in / out', cell: (row) => tokensText(row) ?? none },
    { title: 'cost per 1k', cell: (row) => costText(view, row) },
    { title: 'expertise', cell: ({ expertise }) => skills[expertise] },
  ];
}

function tableRow(columns: readonly Column[], row: ComparisonRow, chosen: boolean): SafeHtml {
  return html`<tr role="row"${chosen && html` class="is-picked"`}><th scope="row" role="rowheader">${chosen && html`<span class="chosen"><span aria-hidden="true">●</span> chosen</span>`}<span class="rung">${nameText(row.rung)}</span> <span class="model">${kinds[row.kind]}</span></th>${columns.map(
    ({ title, cell }) => html`<td role="cell" data-label="${title}">${cell(row)}</td>`,
  )}</tr>`;
}

/** What a team weighs besides one number: a prompt, a tune, and a tune with an overlay, side by side. */
export function comparisonSection(view: ReportView): Section | null {
  const rows = view.verdict.comparison ?? [];
  if (rows.length === 0) return null;
  const columns = columnsOf(view);
  const heads = columns.map(
    ({ title, hint }) => html`<th scope="col" role="columnheader">${title}${hint && html` <span class="n">${hint}</span>`}</th>`,
  );
  const body = (Object.keys(kinds) as ComparisonRow['kind'][]).flatMap((kind) =>
    rows.filter((row) => row.kind === kind).map((row) => tableRow(columns, row, view.verdict.chosen?.rung === row.rung)),
  );
  const estimates = rows.flatMap(({ consistency, robustness, flexibility }) => [
    ...(consistency ? [['consistency', consistency.method] as const] : []),
    ...(robustness ? [['robustness', robustness.method] as const] : []),
    ...(flexibility ? [['flexibility', flexibility.method] as const] : []),
  ]);
  return {
    id: 'comparison',
    title: 'Prompt, tune, or both',
    lead: 'What a team weighs besides quality, as it was measured here.',
    body: scrolling(
      'Prompt, tune, or both',
      html`<table class="ladder comparison" role="table"><thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">rung</th>${heads}</tr></thead><tbody role="rowgroup">${body}</tbody></table>`,
    ),
    notes: html`Intervals are at ${view.confidence} confidence. ${estimates.length > 0 && `${methodsText(estimates)}. `}Tokens and costs are means over the measured rows, latencies their percentiles. Set-up is what preparing the rung took here; labels and engineering are in the horizon cost. Expertise is a matter of the rung’s kind, and not measured. “Not measured” is not zero.`,
  };
}
