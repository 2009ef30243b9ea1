import type { VerdictRung } from '#core/verdict.ts';
import { html } from './html.ts';
import { countText, plainText } from './number-text.ts';
import { nameText } from './outside-text.ts';
import type { ReportView } from './report-view.ts';
import { type Section, scrolling } from './section.ts';

type Agreement = NonNullable<VerdictRung['agreement']>[number];

// what is nought but for rounding should read as nought
function threeDecimals(value: number): string {
  return plainText(Number(value.toFixed(3)));
}

function cells({ metric, one, other, value, low, high, n, method }: Agreement) {
  return html`<td>${nameText(metric)}</td><td>${nameText(one)}</td><td>${nameText(other)}</td><td class="figure"><span class="value">${threeDecimals(value)}</span></td><td class="figure">${threeDecimals(low)} to ${threeDecimals(high)}</td><td class="figure">${countText(n)}</td><td>${method}</td>`;
}

/** How far the parts of a metric agree with each other and with people: what a score that was put together is worth. */
export function agreementSection(view: ReportView): Section | null {
  const rows = view.verdict.rungs.flatMap(({ rung, agreement = [] }) =>
    agreement.map((each) => html`<tr><th scope="row">${nameText(rung)}</th>${cells(each)}</tr>`),
  );
  if (rows.length === 0) return null;
  const table = html`<table><thead><tr><th scope="col">rung</th><th scope="col">metric</th><th scope="col">one</th><th scope="col">other</th><th scope="col" class="figure">agreement</th><th scope="col" class="figure">interval</th><th scope="col" class="figure">n</th><th scope="col">method</th></tr></thead><tbody>${rows}</tbody></table>`;
  return {
    id: 'agreement',
    title: 'Do the judges agree?',
    lead: 'A metric with several parts (rules, a classifier, a judge) is worth as much as they agree, with each other and with people who marked the same answers.',
    body: scrolling('Agreement', table),
    notes: `Intervals at ${view.confidence} confidence. The method says what 0 and 1 mean: a share of equal marks is high by chance alone where one mark is rare, a kappa is 0 at chance.`,
  };
}
