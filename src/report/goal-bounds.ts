import type { GoalBounds } from '#core/verdict.ts';
import { html } from './html.ts';
import { countText, dollarsText, latencyText } from './number-text.ts';
import { nameText } from './outside-text.ts';
import type { ReportView } from './report-view.ts';
import { scrolling } from './section.ts';
import { goalMarks, goalText } from './verdict-view.ts';

/** "judged between 88.4 % and 97.1 %, n 240, wilson"; in the unit of the measure. */
export function boundsText(view: ReportView, measure: string, { low, high, n, method }: GoalBounds): string {
  const value = (end: number) =>
    measure === 'costPer1k' ? dollarsText(end) : measure.startsWith('latency') ? latencyText(end) : view.text(measure).value(end);
  const ends =
    low !== null && high !== null
      ? `judged between ${value(low)} and ${value(high)}`
      : low !== null
        ? `at least ${value(low)}, unbounded above`
        : high !== null
          ? `at most ${value(high)}, unbounded below`
          : 'too few rows to bound it';
  return `${ends}, n ${countText(n)}, ${method}`;
}

/** Every goal against every rung, folded, with the bounds that each was judged by. */
export function goalDetails(view: ReportView) {
  const written = view.verdict.criteria.goals;
  const measures = Object.keys(written);
  const rungs = view.measured.filter(({ goalBounds }) => goalBounds !== undefined);
  if (measures.length === 0 || rungs.length === 0) return null;
  const rows = rungs.flatMap((rung) =>
    measures.flatMap((measure, index) => {
      const status = rung.goals[measure];
      if (status === undefined) return [];
      const { mark, word } = goalMarks[status];
      const bounds = rung.goalBounds?.[measure];
      return [
        html`<tr>${index === 0 && html`<th scope="row" rowspan="${measures.filter((each) => rung.goals[each] !== undefined).length}">${nameText(rung.rung)}</th>`}<td>${goalText(measure, written[measure])}</td><td><span class="goal ${status}"><span aria-hidden="true">${mark}</span> ${word}</span></td><td>${bounds === undefined ? 'not measured' : boundsText(view, measure, bounds)}</td></tr>`,
      ];
    }),
  );
  const table = html`<table class="reading"><thead><tr><th scope="col">rung</th><th scope="col">goal</th><th scope="col">outcome</th><th scope="col">bounds</th></tr></thead><tbody>${rows}</tbody></table>`;
  return html`<details class="panel"><summary>Every goal with the bounds it was judged by</summary><p class="notes">Wider than the intervals above where several rungs share one error rate; a rung that was stopped early is judged by sequences that hold however often one looks.</p>${scrolling('Goals and bounds', table)}</details>`;
}
