import { html } from './html.ts';
import { unbrokenText } from './number-text.ts';
import { nameText } from './outside-text.ts';
import { signMarks, signWords } from './plateau-signs.ts';
import type { ReportView } from './report-view.ts';
import { type Section, scrolling } from './section.ts';

/** Whether prompting has reached its limit, and each of the five signs of it. */
export function plateauSection(view: ReportView): Section {
  const { plateau } = view.verdict;
  const rows = plateau.looked.map(({ sign, seen, why }) => {
    const { mark, word } = signMarks(seen);
    return html`<tr><th scope="row">${sign} <span class="n">${signWords[sign]}</span></th><td><span class="sign${seen === true && html` seen`}"><span aria-hidden="true">${mark}</span> ${word}</span></td><td>${unbrokenText(why)}</td></tr>`;
  });
  const table = html`<table class="reading"><thead><tr><th scope="col">sign</th><th scope="col">seen</th><th scope="col">why</th></tr></thead><tbody>${rows}</tbody></table>`;
  return {
    id: 'plateau',
    title: 'Has prompting reached its limit?',
    lead: html`<strong>${plateau.reached ? 'Yes' : 'Not seen'}${plateau.at !== null && html`, at ${nameText(plateau.at)}`}.</strong> ${unbrokenText(plateau.why)}`,
    body: rows.length > 0 && scrolling('Signs of the limit of prompting', table),
  };
}
