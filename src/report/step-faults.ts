import { answerSteps } from './answer-steps.ts';
import { html } from './html.ts';
import { countText } from './number-text.ts';
import { longText, nameText } from './outside-text.ts';
import type { ReportView } from './report-view.ts';
import { type Section, scrolling } from './section.ts';

/** Where answers that come in steps break: which step, how often and why, with answers to look at. */
export function stepFaultsSection(view: ReportView): Section | null {
  const faults = view.verdict.rungs.flatMap(({ rung, stepFaults = [] }) => stepFaults.map((fault) => ({ rung, ...fault })));
  if (faults.length === 0) return null;
  const rows = faults.map(
    ({ rung, step, rows: count, of, why }) =>
      html`<tr><th scope="row">${nameText(rung)}</th><td>${nameText(step)}</td><td class="figure">${countText(count)} of ${countText(of)}</td><td>${nameText(why, 300)}</td></tr>`,
  );
  const examples = (view.input.brokenSteps ?? []).map(
    ({ rung, id, input, steps }) =>
      html`<article class="row-card"><header>${nameText(rung, 60)} <code>${nameText(id, 60)}</code></header><div class="asked">${longText(input)}</div>${answerSteps(steps)}</article>
`,
  );
  const table = html`<table class="reading"><thead><tr><th scope="col">rung</th><th scope="col">step</th><th scope="col" class="figure">rows in which it broke</th><th scope="col">why, in the first such row</th></tr></thead><tbody>${rows}</tbody></table>`;
  return {
    id: 'steps',
    title: 'Which step breaks?',
    lead: 'Steps of answers that could not be used, by the rungs that answer in steps. A row can still be right: a later step or a vote may make up for it.',
    body: html`${scrolling('Broken steps', table)}${examples.length > 0 && html`<details class="panel"><summary>${countText(examples.length)} ${examples.length === 1 ? 'answer' : 'answers'} with a broken step</summary><div class="row-cards">${examples}</div></details>`}`,
    notes:
      'Counts of the rows that were answered, not an estimate. An answer that never reached a step, as a later vote, counts as one that did not break there.',
  };
}
