import { html } from './html.ts';
import { countText, dollarsText, unbrokenText, valueTextOf } from './number-text.ts';
import { nameText } from './outside-text.ts';
import type { ReportView } from './report-view.ts';
import { type Section, scrolling } from './section.ts';

/** What would decide an open verdict, in rows and in dollars. */
export function undecidedSection(view: ReportView): Section | null {
  const { undecided } = view.verdict;
  if (undecided === null) return null;
  const { rung, rows, dollars, why, answers = [] } = undecided;
  // with goals of probes open, null may mean that no goal on rows is
  const ofRows =
    (rows !== null || answers.length === 0) &&
    html`<div><dt>more test rows</dt><dd>${rows === null ? 'no reasonable number' : `about ${countText(rows)}`}</dd></div><div><dt>cost of asking them</dt><dd>${dollars === null ? 'not known' : `about ${dollarsText(dollars)}`}</dd></div>`;
  const ofProbes = answers.map(
    ({ probe, more }) =>
      html`<div><dt>more judged answers to the probe ${nameText(probe)}</dt><dd>${more === null ? 'no reasonable number' : `about ${countText(more)}`}</dd></div>`,
  );
  return {
    id: 'undecided',
    title: 'What would decide it',
    lead: unbrokenText(why),
    body: html`<dl class="pairs"><div><dt>rung</dt><dd>${nameText(rung)}</dd></div>${ofRows}${ofProbes}</dl>`,
    notes: `If the values stay as they are, at ${view.confidence} confidence.`,
  };
}

/** Where even the best rung stays under the floor: what to look at before climbing further. */
export function floorSection(view: ReportView): Section | null {
  const { floor } = view.verdict;
  if (floor === null) return null;
  const { confusions, suspects, failedByAll } = floor;
  const confused = html`<table class="reading"><caption>The commonest confusions of ${nameText(floor.best)}</caption><thead><tr><th scope="col">expected</th><th scope="col">answered</th><th scope="col" class="figure">rows</th></tr></thead><tbody>${confusions.map(({ expected, answered, rows }) => html`<tr><th scope="row">${nameText(expected)}</th><td>${nameText(answered)}</td><td class="figure">${countText(rows)}</td></tr>`)}</tbody></table>`;
  const doubted = html`<table class="reading"><caption>Labels that most of the rungs contradict: they may be wrong</caption><thead><tr><th scope="col">row</th><th scope="col">labelled</th><th scope="col">answered</th><th scope="col" class="figure">by rungs</th></tr></thead><tbody>${suspects.map(({ example, expected, answered, rungs }) => html`<tr><th scope="row"><code>${nameText(example, 60)}</code></th><td>${nameText(expected)}</td><td>${nameText(answered)}</td><td class="figure">${countText(rungs)}</td></tr>`)}</tbody></table>`;
  const { rows, of, examples } = failedByAll;
  const failed =
    of === 0
      ? html`<p>No row was answered by two rungs, so it is not known which rows all of them fail.</p>`
      : html`<p>Every rung fails <b>${countText(rows)}</b> of the ${countText(of)} rows that two or more rungs answered${examples.length > 0 && ': '}${examples.map((id, index) => html`${index > 0 && ', '}<code>${nameText(id, 60)}</code>`)}${rows > examples.length && examples.length > 0 && ' and more'}.</p>`;
  return {
    id: 'floor',
    title: 'Something is wrong',
    lead: html`Even the best rung, ${nameText(floor.best)}, is surely under the floor of ${unbrokenText(valueTextOf([0, 1]).tick(floor.floor))}: look at the task, its labels, the model and the metric before climbing further.`,
    body: html`<div class="stack">${confusions.length > 0 && scrolling('Confusions', confused)}${
      suspects.length > 0 ? scrolling('Suspected labels', doubted) : html`<p>No label is contradicted by most of the rungs.</p>`
    }${failed}</div>`,
  };
}
