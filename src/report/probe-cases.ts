import type { ProbeCase } from '#core/probe.ts';
import { html, type SafeHtml } from './html.ts';
import { countText } from './number-text.ts';
import { longText, nameText } from './outside-text.ts';
import type { ProbedRung, ProbeView } from './probe-view.ts';
import { probeWords } from './probe-words.ts';

const failingAtMost = 20;
const notesAtMost = 24;

/** One of each family in turn, so that no family hides the others. */
function inTurn(cases: readonly ProbeCase[]): ProbeCase[] {
  const rounds = new Map<string, number>();
  const placed = cases.map((each) => {
    const family = each.family ?? '';
    const round = rounds.get(family) ?? 0;
    rounds.set(family, round + 1);
    return { each, round };
  });
  return placed.sort((a, b) => a.round - b.round).map(({ each }) => each);
}

function caseItem({ id, family, passed, reason }: ProbeCase): SafeHtml {
  const [mark, word, kind] = passed ? ['✓', 'passed', 'met'] : ['✗', 'not passed', 'not-met'];
  return html`<li><span class="mark ${kind}" title="${word}"><span aria-hidden="true">${mark}</span><span class="spoken">${word}</span></span><span class="who"><code>${nameText(id, 80)}</code>${family !== undefined && html` <span class="n">${nameText(family, 60)}</span>`}</span><span class="said">${longText(reason)}</span></li>`;
}

interface Listed {
  readonly rung: string;
  readonly shown: readonly ProbeCase[];
  /** How many there are of how many, for people. */
  readonly count: string;
}

function failing({ rung, cases }: ProbedRung): Listed[] {
  const told = cases.filter(({ family }) => family !== undefined);
  const failed = told.filter(({ passed }) => !passed);
  if (failed.length === 0) return [];
  const shown = inTurn(failed).slice(0, failingAtMost);
  const rest = shown.length < failed.length ? `, ${countText(shown.length)} of them shown` : '';
  return [{ rung, shown, count: `${countText(failed.length)} of ${countText(told.length)} cases${rest}` }];
}

// What stands for no family is told of many cases at once, or of one that could not be judged.
function noted({ rung, cases }: ProbedRung): Listed[] {
  const told = cases.filter(({ family }) => family === undefined);
  if (told.length === 0) return [];
  const rest = told.length > notesAtMost ? `, ${countText(notesAtMost)} of them shown` : '';
  return [{ rung, shown: told.slice(0, notesAtMost), count: `${countText(told.length)} ${told.length === 1 ? 'note' : 'notes'}${rest}` }];
}

function fold(title: string, lists: readonly Listed[]): SafeHtml | null {
  if (lists.length === 0) return null;
  const parts = lists.map(
    ({ rung, shown, count }) =>
      html`<h4>${nameText(rung, 60)}: ${count}</h4><ul class="answers cases">${shown.map(caseItem)}</ul>
`,
  );
  const rungs = `${countText(lists.length)} ${lists.length === 1 ? 'rung' : 'rungs'}`;
  return html`<details class="panel"><summary>${title} <span class="n">${rungs}</span></summary>${parts}</details>`;
}

/** The cases that did not pass, by rung, and what the probe notes besides; each folded, and nothing where no cases are at hand. */
export function probeCases(probe: ProbeView): (SafeHtml | null)[] {
  return [
    fold(probeWords(probe.probe).failing, probe.rungs.flatMap(failing)),
    fold('What the probe notes besides', probe.rungs.flatMap(noted)),
  ];
}
