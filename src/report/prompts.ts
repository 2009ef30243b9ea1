import type { Json } from '#core/json.ts';
import { html } from './html.ts';
import { countText } from './number-text.ts';
import { nameText } from './outside-text.ts';
import type { RungPrompt } from './report-input.ts';
import type { ReportView } from './report-view.ts';
import type { Section } from './section.ts';

const shownAtMost = 20_000;

function valueText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

function promptsOf(view: ReportView): RungPrompt[] {
  const given = view.input.prompts ?? [];
  const others = (view.input.manifests ?? [])
    .filter((manifest) => !given.some((prompt) => prompt.rung === manifest.name))
    .map((manifest) => ({
      rung: manifest.name,
      sections: Object.entries(manifest.state).flatMap(([title, value]) =>
        value === undefined ? [] : [{ title, text: valueText(value) }],
      ),
    }));
  const order = view.verdict.rungs.map((rung) => rung.rung);
  return [...given, ...others].filter((prompt) => prompt.sections.length > 0).sort((a, b) => order.indexOf(a.rung) - order.indexOf(b.rung));
}

/** What each rung says to its model, folded. */
export function promptsSection(view: ReportView): Section | null {
  const prompts = promptsOf(view);
  if (prompts.length === 0) return null;
  return {
    id: 'prompts',
    title: 'What each rung says to its model',
    body: prompts.map(
      ({ rung, sections }) =>
        html`<details class="panel prompt"><summary>${nameText(rung)} <span class="n">${countText(sections.reduce((sum, { text }) => sum + text.length, 0))} characters</span></summary>${sections.map(
          ({ title, text }) =>
            html`<h4>${nameText(title)}</h4><pre dir="auto">${text.slice(0, shownAtMost)}${text.length > shownAtMost && ` … ${countText(text.length - shownAtMost)} more characters are not shown.`}</pre>`,
        )}</details>`,
    ),
  };
}
