import type { AnswerStep } from '#core/candidate.ts';
import { html, type SafeHtml } from './html.ts';
import { countText } from './number-text.ts';
import { longText, nameText } from './outside-text.ts';

const shownAtMost = 12;

/** The steps of one answer in their order, folded: reasoning, votes, parts of the work; a fault is marked. */
export function answerSteps(steps: readonly AnswerStep[]): SafeHtml | null {
  if (steps.length === 0) return null;
  const rest = steps.length - shownAtMost;
  const items = steps
    .slice(0, shownAtMost)
    .map(
      ({ name, text, fault }) =>
        html`<li><span class="who">${nameText(name, 60)}</span><span class="said">${text === '' ? html`<em class="none">empty</em>` : longText(text)}${fault !== undefined && html` <span class="warn">✗ ${nameText(fault, 300)}</span>`}</span></li>`,
    );
  return html`<details class="steps"><summary>${countText(steps.length)} ${steps.length === 1 ? 'step' : 'steps'}</summary><ol>${items}</ol>${rest > 0 && html`<p class="note">${countText(rest)} more are not shown.</p>`}</details>`;
}
