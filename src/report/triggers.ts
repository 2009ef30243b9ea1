import { figureText } from '#verdict/figures.ts';
import { html } from './html.ts';
import { nameText } from './outside-text.ts';
import type { ReportView } from './report-view.ts';
import { type Section, scrolling } from './section.ts';

/** What would reopen the decision, and where each of those stands now. */
export function triggersSection(view: ReportView): Section | null {
  const { triggers } = view.verdict;
  if (triggers.length === 0) return null;
  const rows = triggers.map(
    ({ id, when, condition, now, fired, then }) =>
      html`<tr><th scope="row"><code>${nameText(when, 200)}</code> <span class="n">${nameText(id)}</span></th><td class="figure">${nameText(figureText(condition.figure, now))}</td><td><span class="goal ${fired ? 'not-met' : 'met'}"><span aria-hidden="true">${fired ? '!' : '✓'}</span> ${fired ? 'fired' : 'quiet'}</span></td><td>${then}</td></tr>`,
  );
  const table = html`<table><thead><tr><th scope="col">when</th><th scope="col" class="figure">now</th><th scope="col">state</th><th scope="col">then</th></tr></thead><tbody>${rows}</tbody></table>`;
  const notes = html`“Now” is the value on the day of the decision. <code>rung record check</code> holds every condition against the figures of today.`;
  return { id: 'triggers', title: 'What would change this verdict', body: scrolling('Triggers', table), notes };
}
