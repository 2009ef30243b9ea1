import { html, type SafeHtml } from './html.ts';
import { countText } from './number-text.ts';
import { shortText } from './visible-text.ts';

const shownAtOnce = 300;
const shownAtMost = 6000;

/** A name from outside (rung, model, label): one line, kept apart from the direction of its surroundings. */
export function nameText(text: string, limit = 120): SafeHtml {
  return html`<bdi>${shortText(text, limit)}</bdi>`;
}

/** Text from outside as it is, line breaks kept; folded where long, and cut where no one would read on. */
export function longText(text: string): SafeHtml {
  const lines = text.split('\n', 6).length;
  if (text.length <= shownAtOnce && lines <= 5) return html`<bdi class="text" dir="auto">${text}</bdi>`;
  const rest = text.length - shownAtMost;
  const note = rest > 0 ? html`<span class="note"> … ${countText(rest)} more characters are not shown.</span>` : null;
  return html`<details class="fold"><summary><bdi dir="auto">${shortText(text, 140)}</bdi></summary><bdi class="text" dir="auto">${text.slice(0, shownAtMost)}</bdi>${note}</details>`;
}
