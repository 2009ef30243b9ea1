import { html } from './html.ts';
import { unbrokenText } from './number-text.ts';
import { nameText } from './outside-text.ts';
import type { ReportView } from './report-view.ts';
import { type Section, scrolling } from './section.ts';

/** Every rung that was not chosen, and what it would take. */
export function alternativesSection(view: ReportView): Section | null {
  const { alternatives } = view.verdict;
  if (alternatives.length === 0) return null;
  const rows = alternatives.map(
    ({ rung, why, needs }) =>
      html`<tr><th scope="row">${nameText(rung)}</th><td>${unbrokenText(why)}</td><td>${unbrokenText(needs)}</td></tr>`,
  );
  const table = html`<table class="reading"><thead><tr><th scope="col">rung</th><th scope="col">why not</th><th scope="col">what it would need</th></tr></thead><tbody>${rows}</tbody></table>`;
  return { id: 'alternatives', title: 'What was not chosen', body: scrolling('Alternatives', table) };
}

/** Rules of thumb beside the measurement: those that disagree first. */
export function rulesSection(view: ReportView): Section | null {
  const { prior, status } = view.verdict;
  if (prior.length === 0) return null;
  const disagreeing = prior.filter(({ agrees }) => agrees === false);
  const rows = [...disagreeing, ...prior.filter(({ agrees }) => agrees !== false)].map(({ source, answer, why, agrees }) => {
    const side =
      agrees === undefined
        ? html`<span class="none">takes no side that was measured</span>`
        : html`<span class="goal ${agrees ? 'met' : 'undecided'}"><span aria-hidden="true">${agrees ? '✓' : '!'}</span> ${agrees ? 'agrees' : 'disagrees'}</span>`;
    return html`<tr><th scope="row">${nameText(source)}</th><td>${nameText(answer)}</td><td>${side}</td><td>${unbrokenText(why)}</td></tr>`;
  });
  const table = html`<table class="reading"><thead><tr><th scope="col">rule</th><th scope="col">says</th><th scope="col">measurement</th><th scope="col">why</th></tr></thead><tbody>${rows}</tbody></table>`;
  return {
    id: 'rules',
    title: 'What rules of thumb say',
    lead:
      status === 'prior'
        ? 'Nothing is measured: these are all there is to go by.'
        : `They know nothing of these rows. ${disagreeing.length === 0 ? 'None disagrees' : `${disagreeing.length} of ${prior.length} ${disagreeing.length === 1 ? 'disagrees' : 'disagree'}`} with the measurement, which stands.`,
    body: scrolling('Rules of thumb', table),
  };
}

/** What the verdict takes for granted. */
export function assumptionsSection(view: ReportView): Section | null {
  const { assumptions } = view.verdict;
  if (assumptions.length === 0) return null;
  return {
    id: 'assumptions',
    title: 'What it takes for granted',
    lead: 'Another value of any of these may lead to another verdict.',
    body: html`<ul class="plain">${assumptions.map((assumption) => html`<li>${unbrokenText(assumption)}</li>`)}</ul>`,
  };
}
