import { type HtmlValue, html, type SafeHtml } from './html.ts';

export interface Section {
  /** Anchor and id of the heading. */
  readonly id: string;
  readonly title: string;
  /** One or two sentences: what is seen and how to read it. */
  readonly lead?: HtmlValue;
  readonly body: HtmlValue;
  /** Methods and caveats, small, below. */
  readonly notes?: HtmlValue;
}

export function renderSection({ id, title, lead, body, notes }: Section): SafeHtml {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${lead && html`<p class="lead">${lead}</p>`}
${body}
${notes && html`<p class="notes">${notes}</p>`}
</section>
`;
}

/** A wide thing that scrolls inside itself, also by keyboard. */
export function scrolling(label: string, content: HtmlValue): SafeHtml {
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">${content}</div>`;
}
