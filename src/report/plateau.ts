import type { PlateauSign } from '#core/verdict.ts';
import { html } from './html.ts';
import { unbrokenText } from './number-text.ts';
import { nameText } from './outside-text.ts';
import type { ReportView } from './report-view.ts';
import type { Section } from './section.ts';

const signWords: Readonly<Record<PlateauSign, string>> = {
  plateau: 'a further rung no longer helps',
  format: 'knows the content, fails the form',
  inconsistent: 'answers change over repeats and paraphrases',
  'fights-training': 'fights the model’s training',
  'token-cost': 'token cost is out of bounds',
};

/** Whether prompting has reached its limit, by which signs, and what the rules of thumb had said. */
export function plateauSection(view: ReportView): Section {
  const { plateau, prior } = view.verdict;
  const signs = plateau.signs.map((sign) => html`<li><b>${sign}</b> ${signWords[sign]}</li>`);
  const rules = prior.map(({ source, answer, why }) => html`<li><b>${nameText(answer)}</b> ${why} <span class="n">${source}</span></li>`);
  return {
    id: 'plateau',
    title: 'Has prompting reached its limit?',
    body: html`<p><strong>${plateau.reached ? 'Yes' : 'Not seen'}${plateau.at !== null && html`, at ${nameText(plateau.at)}`}.</strong> ${unbrokenText(plateau.why)}</p>${signs.length > 0 && html`<ul class="signs">${signs}</ul>`}${
      rules.length > 0 && html`<h3>What rules of thumb say</h3><ul class="signs">${rules}</ul>`
    }`,
  };
}
