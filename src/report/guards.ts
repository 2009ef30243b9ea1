import { type GuardPart, type GuardResult, judgedParts } from '#core/guard.ts';
import { html, type SafeHtml } from './html.ts';
import { countText, measureText } from './number-text.ts';
import { nameText } from './outside-text.ts';
import type { ReportView } from './report-view.ts';
import { type Section, scrolling } from './section.ts';

const marks: Readonly<Record<GuardResult['status'], { readonly mark: string; readonly word: string; readonly style: string }>> = {
  passed: { mark: '✓', word: 'passed', style: 'met' },
  failed: { mark: '✗', word: 'failed', style: 'not-met' },
  undecided: { mark: '?', word: 'not decided', style: 'undecided' },
  skipped: { mark: '–', word: 'not run', style: '' },
};

/** Of one guard; more would bury the rest of the page. */
const casesShown = 8;

/** What guards found of tuned rungs: value, interval and limit, which of them keep a rung back, and what to try. */
export function guardsSection(view: ReportView): Section | null {
  const guarded = view.verdict.rungs.filter(({ guards = [] }) => guards.length > 0);
  if (guarded.length === 0) return null;
  const rows = guarded.flatMap(({ rung, guards = [] }) =>
    guards.flatMap((guard) => judgedParts(guard).map((part, at) => row(rung, guard, part, at === 0))),
  );
  const table = html`<table class="reading guards"><thead><tr><th scope="col">rung</th><th scope="col">guard</th><th scope="col">outcome</th><th scope="col" class="figure">value</th><th scope="col" class="figure">limit</th><th scope="col">what was found</th></tr></thead><tbody>${rows}</tbody></table>`;
  const cases = guarded.flatMap(({ rung }) => caseLists(view, rung));
  const judged = guarded.flatMap(({ guards = [] }) => guards.flatMap(judgedParts));
  const methods = [...new Set(judged.flatMap(({ method }) => (method === undefined ? [] : [method])))];
  return {
    id: 'guards',
    title: 'What a tune must not break',
    lead: 'Tuned rungs are held against the same model before training. A guard passes where its whole interval is within the limit; one that blocks and did not pass keeps its rung from being chosen. A guard that was not run says nothing, and keeps nothing from being chosen.',
    body: html`${scrolling('Guards', table)}${cases}`,
    notes: `Intervals are at ${view.confidence} confidence, each for itself: since every guard must pass, more of them never let a damaged model through more often, and hold a sound one up more often. ${methods.length === 0 ? '' : `Methods: ${methods.join('; ')}.`}`,
  };
}

/** One thing that a guard judged; what to do about it stands with the first, which decides. */
function row(rung: string, guard: GuardResult, { status, limit, why, ...figures }: GuardPart, decides: boolean): SafeHtml {
  const { id, blocks, suggestions = [] } = guard;
  const { mark, word, style } = marks[status];
  const isOpen = decides && (status === 'failed' || status === 'undecided');
  const told = isOpen && !blocks ? html` <span class="n">told only</span>` : '';
  const tries = isOpen && suggestions.length > 0 ? html` <span class="n">To try: ${suggestions.join('; ')}.</span>` : '';
  return html`<tr><th scope="row">${nameText(rung)}</th><td>${nameText(id)}</td><td><span class="goal ${style}"><span aria-hidden="true">${mark}</span> ${word}</span>${told}</td><td class="figure">${valueText(figures)}</td><td class="figure">${limit === undefined ? '' : `≤ ${share.tick(limit)}`}</td><td>${nameText(why, 1200)}${tries}</td></tr>`;
}

const share = measureText(undefined);

function valueText({ value, low, high, n }: Pick<GuardPart, 'value' | 'low' | 'high' | 'n'>): SafeHtml | string {
  if (value === undefined || low === undefined || high === undefined) return '';
  const count = n === undefined ? '' : html` <span class="n">n ${countText(n)}</span>`;
  return html`<span class="value">${share.value(value)}</span> <span class="interval">${share.interval({ low, high })}${count}</span>`;
}

function caseLists(view: ReportView, rung: string): SafeHtml[] {
  const guards = view.evidenceOf(rung)?.guards ?? [];
  return guards.flatMap(({ id, cases = [] }) => {
    const unlike = cases.filter(({ passed }) => !passed);
    if (unlike.length === 0) return [];
    const items = unlike
      .slice(0, casesShown)
      .map((each) => html`<li><code>${nameText(each.id, 60)}</code> ${nameText(each.reason, 300)}</li>`);
    const more = unlike.length > casesShown ? html`<li>and ${countText(unlike.length - casesShown)} more</li>` : '';
    return [
      html`<details class="panel"><summary>${nameText(rung, 60)}, ${nameText(id, 60)}: ${countText(unlike.length)} of ${countText(cases.length)} that were looked at did not pass</summary><ul class="plain">${items}${more}</ul></details>`,
    ];
  });
}
