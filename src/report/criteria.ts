import { type HtmlValue, html } from './html.ts';
import { countText, dollarsText, durationText, plainText } from './number-text.ts';
import { nameText } from './outside-text.ts';
import type { ReportView } from './report-view.ts';
import type { Section } from './section.ts';
import { goalText } from './verdict-view.ts';

function list(pairs: readonly (readonly [string, HtmlValue])[]): HtmlValue {
  return html`<dl class="pairs">${pairs.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** What was fixed before the first answer, what was warned of, what it took, and what it was made with. */
export function criteriaSections(view: ReportView): (Section | null)[] {
  const { criteria, spent, versions, warnings } = view.verdict;
  const { task, evidence } = view.input;
  const measuredOn = evidence === undefined ? [] : [['measured on', `the ${evidence.split} split`] as const];
  const goals = Object.entries(criteria.goals).map(([measure, bound]) => goalText(measure, bound));
  return [
    {
      id: 'criteria',
      title: 'Criteria',
      lead: criteria.changed
        ? html`<strong class="warn">! Metrics, goals or the split were changed after the first answer.</strong> Read the numbers with that in mind.`
        : 'Fixed by hash before the first answer, and not changed since.',
      body: list([
        ['goals', goals.length > 0 ? goals.join(' · ') : 'none'],
        ['confidence', view.confidence],
        ['smallest gain that matters', plainText(task.minimumGain)],
        [
          'split',
          `${countText(criteria.split.train)} train · ${countText(criteria.split.validation)} validation · ${countText(criteria.split.test)} test`,
        ],
        ['looks at the test split', countText(criteria.testLooks)],
        ...measuredOn,
        ['criteria hash', html`<code>${nameText(criteria.hash)}</code>`],
        ['split hash', html`<code>${nameText(criteria.splitHash)}</code>`],
      ]),
    },
    warnings.length === 0
      ? null
      : {
          id: 'warnings',
          title: 'Warnings',
          body: html`<ul class="warnings">${warnings.map((warning) => html`<li><span class="warn" aria-hidden="true">!</span> ${warning}</li>`)}</ul>`,
        },
    {
      id: 'spent',
      title: 'Spent, and made with',
      body: list([
        ['spent', dollarsText(spent.dollars)],
        ['requests sent', countText(spent.calls)],
        ['answers from the store', countText(spent.cached)],
        ['retries', countText(spent.retries)],
        ['rows without an answer', countText(spent.failures)],
        ['time', durationText(spent.seconds)],
        ['rung', nameText(versions.rung)],
        ['node', nameText(versions.node)],
        ['document', view.verdict.schema],
      ]),
    },
  ];
}
