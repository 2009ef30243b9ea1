import { html } from './html.ts';
import { optimisationView } from './optimisation.ts';
import { nameText } from './outside-text.ts';
import type { ReportView } from './report-view.ts';
import type { Section } from './section.ts';

/** How prompts were searched: quality against calls, and every trial with its reason. */
export function promptSearchSection(view: ReportView): Section | null {
  const { optimisations = [], unreadSearches = [] } = view.input;
  const parts = optimisations.map((data, index) => optimisationView(data, index)).filter((part) => part !== null);
  const unread = unreadSearches.map(
    ({ rung, why }) => html`<p><span class="warn" aria-hidden="true">!</span> ${nameText(rung)}: ${why}</p>`,
  );
  if (parts.length + unread.length === 0) return null;
  return {
    id: 'optimisation',
    title: 'How prompts were searched',
    lead: 'One change at a time, measured on validation rows: what was hoped, what was kept, and where further calls stopped paying.',
    body: html`<div class="stack">${parts}${unread}</div>`,
  };
}
