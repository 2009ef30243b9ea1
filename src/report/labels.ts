import type { Estimate } from '#core/estimate.ts';
import { estimateText, intervalBar, methodsText } from './estimate-text.ts';
import { html, type SafeHtml } from './html.ts';
import { countText, valueTextOf } from './number-text.ts';
import { nameText } from './outside-text.ts';
import type { Confusion, LabelRow } from './report-input.ts';
import type { ReportView } from './report-view.ts';
import { type Section, scrolling } from './section.ts';

const matrixLimit = 16;
const pairLimit = 30;
const openLimit = 30;
const share = valueTextOf([0, 1]);

function cell(estimate: Estimate | number | null): SafeHtml {
  if (typeof estimate === 'number') return html`<td><span class="value">${share.value(estimate)}</span></td>`;
  if (estimate === null) return html`<td class="none">–</td>`;
  return html`<td>${estimateText(estimate, share)}${intervalBar(estimate, [0, 1])}</td>`;
}

function labelRow({ label, n, precision, recall, f1 }: LabelRow): SafeHtml {
  return html`<tr><th scope="row">${nameText(label)}</th><td class="figure">${countText(n)}</td>${cell(precision)}${cell(recall)}${cell(f1)}</tr>`;
}

function matrix({ expected, answered, counts }: Confusion): SafeHtml {
  const totals = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const rows = expected.map((label, index) => {
    const cells = answered.map((answer, column) => {
      const count = counts[index]?.[column] ?? 0;
      const part = totals[index] ? count / totals[index] : 0;
      const kind = answer === label ? 'right' : 'wrong';
      return html`<td class="${count === 0 ? 'zero' : kind}" style="--part:${Math.round(part * 100)}%" title="${`${label} answered as ${answer}: ${count} of ${totals[index] ?? 0}`}">${count === 0 ? '·' : count}</td>`;
    });
    return html`<tr><th scope="row">${nameText(label, 40)}</th>${cells}<td class="figure total">${totals[index] ?? 0}</td></tr>`;
  });
  return html`<table class="matrix"><caption>Rows: expected. Columns: answered. Right answers are framed.</caption><thead><tr><th scope="col">expected</th>${answered.map((label) => html`<th scope="col">${nameText(label, 40)}</th>`)}<th scope="col">all</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function pairs({ expected, answered, counts }: Confusion): SafeHtml {
  const mistakes = expected
    .flatMap((label, row) => answered.map((answer, column) => ({ label, answer, count: counts[row]?.[column] ?? 0 })))
    .filter(({ label, answer, count }) => label !== answer && count > 0)
    .sort((a, b) => b.count - a.count);
  const shown = mistakes.slice(0, pairLimit);
  const more = mistakes.length - shown.length;
  return html`<table><caption>The commonest mistakes${more > 0 && `; ${countText(more)} rarer pairs are not shown`}</caption><thead><tr><th scope="col">expected</th><th scope="col">answered</th><th scope="col" class="figure">rows</th></tr></thead><tbody>${shown.map(({ label, answer, count }) => html`<tr><th scope="row">${nameText(label)}</th><td>${nameText(answer)}</td><td class="figure">${countText(count)}</td></tr>`)}</tbody></table>`;
}

/** Precision, recall and F1 of every label, and which labels are taken for which. */
export function labelsSection(view: ReportView): Section | null {
  const labels = view.input.labels;
  if (labels === undefined || labels.rows.length === 0) return null;
  const table = scrolling(
    'Per label',
    html`<table class="labels"><thead><tr><th scope="col">label</th><th scope="col" class="figure">n</th><th scope="col">precision</th><th scope="col">recall</th><th scope="col">F1</th></tr></thead><tbody>${labels.rows.map(labelRow)}</tbody></table>`,
  );
  const { confusion } = labels;
  const small = confusion !== undefined && confusion.expected.length <= matrixLimit && confusion.answered.length <= matrixLimit + 2;
  const estimates = labels.rows.flatMap(({ precision, recall, f1 }) => [
    ...(precision ? [['precision', precision.method] as const] : []),
    ...(recall ? [['recall', recall.method] as const] : []),
    ...(f1 !== null && typeof f1 === 'object' ? [['F1', f1.method] as const] : []),
  ]);
  return {
    id: 'labels',
    title: 'Per label',
    lead: html`Of <b>${nameText(labels.rung)}</b>. Precision: how often the label is right when it is answered. Recall: how many of the label’s rows are found.`,
    body: html`${labels.rows.length > openLimit ? html`<details class="panel"><summary>${countText(labels.rows.length)} labels</summary>${table}</details>` : table}${
      confusion && html`<h3>Confusion</h3>${scrolling('Confusion', small ? matrix(confusion) : pairs(confusion))}`
    }`,
    notes: `Intervals at ${view.confidence} confidence. ${methodsText(estimates)}. n of precision counts the rows answered with the label; F1 is the harmonic mean of the two.`,
  };
}
