import { html } from './html.ts';
import { unbrokenText } from './number-text.ts';
import type { ReportView } from './report-view.ts';
import type { Section } from './section.ts';

/** The reasoning step by step, folded. */
export function reasoningSection(view: ReportView): Section | null {
  const { reasoning } = view.verdict;
  if (reasoning.length === 0) return null;
  return {
    id: 'reasoning',
    title: 'How it was reached',
    lead: 'Each step with the figures it rests on.',
    body: reasoning.map(
      ({ step, title, lines }) =>
        html`<details class="panel"><summary><span class="n">${step}</span> ${title}</summary><ul class="plain">${lines.map((line) => html`<li>${unbrokenText(line.trim())}</li>`)}</ul></details>
`,
    ),
  };
}
