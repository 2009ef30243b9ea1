import { html } from './html.ts';
import { countText } from './number-text.ts';
import { nameText } from './outside-text.ts';
import type { ReportView } from './report-view.ts';
import { type Section, scrolling } from './section.ts';

/** From how many requests on one rung has paid for itself against another. */
export function breakEvenTable(view: ReportView): Section | null {
  const { breakEven } = view.verdict;
  if (breakEven.length === 0) return null;
  const { requestsPerMonth } = view.input.task.traffic;
  const rows = breakEven.map(({ from, to, requests, low, high }) => {
    const months = requests === null || requestsPerMonth <= 0 ? undefined : requests / requestsPerMonth;
    const time = months === undefined ? '–' : months === 0 ? 'at once' : months < 0.1 ? 'within days' : `${months.toFixed(1)} months`;
    return html`<tr><th scope="row">${nameText(view.rungOf(from))}</th><td>${nameText(view.rungOf(to))}</td>${
      requests === null
        ? html`<td class="figure">never catches up</td><td class="figure">${low === null ? '–' : `${countText(low)} at the earliest`}</td>`
        : html`<td class="figure"><span class="value">${requests === 0 ? 'from the first' : countText(requests)}</span></td><td class="figure">${low === null ? '–' : countText(low)} – ${high === null ? 'never' : countText(high)}</td>`
    }<td class="figure">${time}</td></tr>`;
  });
  const table = html`<table><thead><tr><th scope="col">from</th><th scope="col">to</th><th scope="col" class="figure">requests until it pays</th><th scope="col" class="figure">interval</th><th scope="col" class="figure">at your traffic</th></tr></thead><tbody>${rows}</tbody></table>`;
  return {
    id: 'break-even',
    title: 'Break-even',
    lead: 'After how many requests the second rung has paid back what it costs more to set up; never, where it does not cost less to run.',
    body: scrolling('Break-even', table),
    notes: html`Set-up cost difference ÷ difference in cost per request; intervals at ${view.confidence} confidence come from the spread of measured costs. Traffic: ${countText(requestsPerMonth)} requests a month.`,
  };
}
