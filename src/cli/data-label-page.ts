import { turnText } from '#core/data-row.ts';
import { html, SafeHtml } from '#report/html.ts';
import { style } from '#report/style.ts';
import { visibleText } from '#report/visible-text.ts';
import type { LabellingView } from '../growth/label-data.ts';
import { labelKeys } from './data-label-keys.ts';
import { labelScript } from './data-label-script.ts';
import { labelStyle } from './data-label-style.ts';
import { keyWords, paceWords, progressWords } from './data-label-words.ts';

export interface LabelPage {
  /** File and person. */
  readonly title: string;
  readonly labels: readonly string[] | undefined;
  readonly drafts: boolean;
}

const shownBalance = 12;

/** The page: an empty frame that its script fills with text, never with markup. It asks nothing of any other place. */
export function labelPage({ title, labels, drafts }: LabelPage, nonce: string): string {
  const keys = keyWords({ free: labels === undefined, drafts, search: (labels?.length ?? 0) > labelKeys(labels ?? []).size });
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<title>${title}</title>
<style nonce="${nonce}">${new SafeHtml(style + labelStyle)}</style>
</head>
<body>
<main class="labelling">
<header><h1>${title}</h1><button type="button" id="help" aria-haspopup="dialog">Keys <kbd>?</kbd></button></header>
<div class="track" role="progressbar" aria-label="rows labelled" aria-valuemin="0" id="track"><div id="filled"></div></div>
<p class="figures" id="figures"></p>
<p class="note" id="pace"></p>
<section class="asked" aria-live="polite" id="row"></section>
<section class="choices" id="answers" aria-label="Answers"></section>
<p class="told" id="told" role="status"></p>
<nav class="ways" aria-label="Rows">
<button type="button" data-do="back">Back <kbd>k</kbd></button>
<button type="button" data-do="next">On <kbd>j</kbd></button>
<button type="button" data-do="skip">Skip <kbd>s</kbd></button>
<button type="button" data-do="undo">Undo <kbd>u</kbd></button>
<button type="button" data-do="end" class="end">End and write the file</button>
</nav>
<section class="state"><div id="stopping"></div><div id="balance"></div></section>
<dialog id="keys" aria-labelledby="keys-title"><h2 id="keys-title">Keys</h2>
<dl>${keys.map(([key, what]) => html`<div><dt>${key}</dt><dd>${what}</dd></div>`)}${labels === undefined && html`<div><dt>Ctrl+Enter</dt><dd>save the answer that is being written; Esc leaves it</dd></div>`}</dl>
<button type="button" id="close">Close <kbd>Esc</kbd></button></dialog>
</main>
<script nonce="${nonce}">${new SafeHtml(labelScript)}</script>
</body>
</html>
`.toString();
}

/** What the script draws: text as it may be shown, and the raw text where it goes into a field or back to the server. */
export function pageState(view: LabellingView, labels: readonly string[] | undefined): object {
  const { shown, progress, stopping } = view;
  const byLabel = new Map([...labelKeys(labels ?? [])].map(([key, label]) => [label, key]));
  return {
    free: labels === undefined,
    labels: (labels ?? []).map((label) => ({ label, text: visibleText(label), key: byLabel.get(label) ?? '' })),
    row: shown === undefined ? null : shownState(shown),
    figures: progressWords(view),
    pace: paceWords(view.pace),
    labelled: progress.labelled,
    rows: progress.rows,
    canUndo: view.canUndo,
    balance: progress.balance.slice(0, shownBalance).map(({ label, rows }) => ({ text: visibleText(label).slice(0, 80), rows })),
    stopping: stopping === undefined ? null : { enough: stopping.enough, texts: [stopping.gain.text, stopping.agreement.text] },
  };
}

function shownState({ row, label, draft, others = [] }: NonNullable<LabellingView['shown']>): object {
  return {
    key: row.key,
    name: `row ${row.row.line.toLocaleString('en')}${row.row.id === undefined ? '' : ` · ${visibleText(row.row.id).slice(0, 80)}`}`,
    turns: row.asked.map((turn) => ({ role: turn.role, text: visibleText(turnText(turn)) })),
    label: label ?? null,
    said: label === undefined ? null : visibleText(label),
    draft: draft === undefined ? null : draft.state === 'ready' ? { ...draft, shown: visibleText(draft.text) } : draft,
    others: others.map(({ by, label: given }) => `${visibleText(by)}: ${visibleText(given)}`),
  };
}
