import { estimateText, methodsText } from './estimate-text.ts';
import { html } from './html.ts';
import { countText, valueTextOf } from './number-text.ts';
import { nameText } from './outside-text.ts';
import type { ReportView } from './report-view.ts';
import { type Section, scrolling } from './section.ts';

const share = valueTextOf([0, 1]);

/** How often a rung says the same when it is asked again, and how often all of several answers are right. */
export function repeatsSection(view: ReportView): Section | null {
  const asked = view.measured.flatMap(({ rung, repeats }) => (repeats === undefined ? [] : [{ rung, ...repeats }]));
  if (asked.length === 0) return null;
  const tries = [...new Set(asked.flatMap(({ passHat }) => passHat.map(({ k }) => k)))].sort((a, b) => a - b);
  const rows = asked.map(({ rung, rows: again, agreement, passHat }) => {
    const cells = tries.map((k) => {
      const estimate = passHat.find((each) => each.k === k);
      return html`<td>${estimate === undefined ? html`<span class="none">–</span>` : estimateText(estimate, share)}</td>`;
    });
    return html`<tr><th scope="row">${nameText(rung)}</th><td class="figure">${countText(again)}</td><td>${estimateText(agreement, share)}</td>${cells}</tr>`;
  });
  const table = html`<table><thead><tr><th scope="col">rung</th><th scope="col" class="figure">rows asked again</th><th scope="col">answers agree</th>${tries.map((k) => html`<th scope="col">${countText(k)} of ${countText(k)} right</th>`)}</tr></thead><tbody>${rows}</tbody></table>`;
  const methods = methodsText(
    asked.flatMap(({ agreement, passHat }) => [
      ['agreement', agreement.method] as const,
      ...passHat.map(({ k, method }) => [`${k} of ${k}`, method] as const),
    ]),
  );
  return {
    id: 'repeats',
    title: 'Asked again',
    lead: 'The same rows, asked several times: how often two answers agree, and how often all of several are right.',
    body: scrolling('Repeats', table),
    notes: `Intervals at ${view.confidence} confidence. ${methods}. More answers are spent where a row disagrees with itself.`,
  };
}
