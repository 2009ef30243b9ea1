import { answerSteps } from './answer-steps.ts';
import { html, type SafeHtml } from './html.ts';
import { countText } from './number-text.ts';
import { longText, nameText } from './outside-text.ts';
import type { Disagreement, DisagreementAnswer } from './report-input.ts';
import type { ReportView } from './report-view.ts';
import type { Section } from './section.ts';

const shownAtMost = 50;
const openAtFirst = 10;

const outcomes = {
  right: { mark: '✓', word: 'right', kind: 'met' },
  wrong: { mark: '✗', word: 'wrong', kind: 'not-met' },
  unknown: { mark: '·', word: 'not judged', kind: 'none' },
} as const;

function answerItem({ rung, text, right, failure, steps }: DisagreementAnswer): SafeHtml {
  const outcome = right === null ? outcomes.unknown : right ? outcomes.right : outcomes.wrong;
  const said =
    text === null
      ? html`<em class="none">no answer${failure !== undefined && html`: ${nameText(failure, 200)}`}</em>`
      : text === ''
        ? html`<em class="none">empty</em>`
        : longText(text);
  return html`<li><span class="mark ${outcome.kind}" title="${outcome.word}"><span aria-hidden="true">${outcome.mark}</span><span class="spoken">${outcome.word}</span></span><span class="who">${nameText(rung, 60)}</span><span class="said">${said}${steps && answerSteps(steps)}</span></li>`;
}

function card({ id, input, expected, answers }: Disagreement): SafeHtml {
  return html`<article class="row-card"><header><code>${nameText(id, 60)}</code></header><div class="asked">${longText(input)}</div>${
    expected !== undefined && html`<p class="expected"><span>expected</span> ${longText(expected)}</p>`
  }<ul class="answers">${answers.map(answerItem)}</ul></article>
`;
}

/** Rows on which rungs differ: where climbing changed something, and where the examples themselves may be wrong. */
export function disagreementsSection(view: ReportView): Section | null {
  const given = view.input.disagreements;
  if (given === undefined) return null;
  const shown = given.rows.slice(0, shownAtMost);
  const rest = shown.slice(openAtFirst);
  return {
    id: 'disagreements',
    title: 'Where the rungs disagree',
    lead:
      given.total === 0
        ? `All rungs agree on all ${countText(given.examined)} rows.`
        : `${countText(given.total)} of ${countText(given.examined)} rows are not answered alike by all rungs${shown.length < given.total ? `; ${countText(shown.length)} are shown` : ''}. Rows that every rung gets wrong are worth a look: the expected answer may be.`,
    body:
      shown.length > 0 &&
      html`<div class="row-cards">${shown.slice(0, openAtFirst).map(card)}</div>${rest.length > 0 && html`<details class="panel"><summary>${countText(rest.length)} more rows</summary><div class="row-cards">${rest.map(card)}</div></details>`}`,
  };
}
