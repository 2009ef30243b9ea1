import { turnText } from '#core/data-row.ts';
import { shortText, visibleText } from '#report/visible-text.ts';
import type { LabellingView, ShownRow } from '../growth/label-data.ts';
import { labelKeys, searchLabels } from './data-label-keys.ts';
import { type LabelScreen, listedMatches } from './data-label-press.ts';
import { count, keyWords, paceWords, progressWords } from './data-label-words.ts';
import { cellWidth, padCells, wrapWords } from './terminal/cell-width.ts';
import { prose } from './terminal/prose.ts';
import type { Line, Piece } from './terminal/styled-line.ts';

export interface LabelFrame {
  readonly title: string;
  readonly view: LabellingView;
  readonly screen: LabelScreen;
  readonly labels: readonly string[] | undefined;
  /** What to say of the last key, where it was refused. */
  readonly notice: string | undefined;
  readonly drafts: boolean;
}

const shownLabelColumns = 26;
const balanceLabels = 8;

/** The whole screen, at most `rows` lines of at most `columns`. */
export function labelFrame(frame: LabelFrame, { columns, rows }: { columns: number; rows: number }): Line[] {
  const width = Math.max(20, Math.min(columns - 1, 100));
  if (frame.screen.mode === 'help') return helpLines(frame, width).slice(0, rows);
  const head = headLines(frame, width);
  const foot = footLines(frame, width, rows);
  const room = Math.max(3, rows - head.length - foot.length);
  return [...head, ...rowLines(frame, width, room), ...foot].slice(0, rows);
}

function headLines({ title, view }: LabelFrame, width: number): Line[] {
  const { labelled, rows } = view.progress;
  const size = Math.max(8, Math.min(30, width - 10));
  const filled = rows === 0 ? 0 : Math.round((labelled / rows) * size);
  return [
    [{ text: shortText(title, width), style: 'bold' }],
    [
      { text: '━'.repeat(filled), style: 'cyan' },
      { text: '─'.repeat(size - filled), style: 'gray' },
    ],
    ...prose(progressWords(view), width),
    ...prose(paceWords(view.pace), width, 'gray'),
    [],
  ];
}

function rowLines({ view, screen }: LabelFrame, width: number, room: number): Line[] {
  const { shown } = view;
  if (shown === undefined)
    return prose('Nothing is left for you here. k goes back, u takes back, q ends and writes the file.', width, 'green');
  const { row } = shown.row;
  const name = row.id === undefined ? `row ${count(row.line)}` : `row ${count(row.line)} · ${shortText(row.id, 40)}`;
  const text: Line[] = shown.row.asked.flatMap((turn) => [
    ...(shown.row.asked.length > 1 ? [[{ text: turn.role, style: 'gray' as const }]] : []),
    ...textLines(turnText(turn), width - 2).map((line) => [{ text: '  ' }, { text: line }]),
  ]);
  const scroll = screen.mode === 'choose' ? Math.min(screen.scroll, Math.max(0, text.length - room + 2)) : 0;
  const fits = text.slice(scroll, scroll + room - 2);
  const hidden = text.length - scroll - fits.length;
  const more: Piece[] = hidden > 0 ? [{ text: ` · ${count(hidden)} more lines, space goes on`, style: 'yellow' }] : [];
  return [[{ text: name, style: 'cyan' }, ...more], ...fits, []];
}

function footLines(frame: LabelFrame, width: number, rows: number): Line[] {
  const { view, screen, labels, notice } = frame;
  const answers =
    screen.mode === 'edit'
      ? editLines(screen.edited, width)
      : screen.mode === 'search'
        ? searchLines(screen, labels ?? [], width)
        : [...saidLines(view.shown, width), ...(labels === undefined ? [] : choiceLines(labels, width, Math.max(2, Math.floor(rows / 3))))];
  const { stopping } = view;
  const stop = stopping?.enough ? prose(enoughWords(stopping), width, 'green') : [];
  const keys = screen.mode === 'choose' ? 's skip · u undo · j/k on and back · ? help · q end' : 'Enter takes it · Esc leaves it';
  return [
    ...answers,
    ...(notice === undefined ? [] : prose(notice, width, 'yellow')),
    ...stop,
    ...prose(labels === undefined ? `e writes the answer · ${keys}` : keys, width, 'gray'),
  ];
}

function saidLines(shown: ShownRow | undefined, width: number): Line[] {
  if (shown === undefined) return [];
  const { label, draft, others = [] } = shown;
  return [
    ...others.flatMap((other) => prose(`${other.by}: ${other.label}`, width, 'yellow')),
    ...(label === undefined ? [] : prose(`you said: ${label}`, width, 'green')),
    ...(draft?.state === 'coming' ? prose('A draft is coming.', width, 'gray') : []),
    ...(draft?.state === 'failed' ? prose(`No draft: ${draft.why}`, width, 'yellow') : []),
    ...(draft?.state === 'ready'
      ? [...prose(`draft: ${draft.text}`, width, 'cyan'), ...prose('Enter takes it as it is.', width, 'gray')]
      : []),
  ];
}

function choiceLines(labels: readonly string[], width: number, most: number): Line[] {
  const keyed = [...labelKeys(labels)].map(([key, label]) => ({ key, label: shortText(label, shownLabelColumns - 2) }));
  const cell = Math.min(shownLabelColumns + 2, Math.max(...keyed.map(({ label }) => cellWidth(label))) + 5);
  const across = Math.max(1, Math.floor(width / cell));
  const lines: Line[] = [];
  for (let at = 0; at < keyed.length && lines.length < most; at += across) {
    lines.push(
      keyed
        .slice(at, at + across)
        .flatMap(({ key, label }) => [{ text: key, style: 'bold' as const }, { text: ` ${padCells(label, cell - 2)}` }]),
    );
  }
  const left = labels.length - Math.min(keyed.length, lines.length * across);
  return left > 0 ? [...lines, [{ text: `/ finds the ${count(left)} other labels by name`, style: 'gray' }]] : lines;
}

function searchLines(screen: Extract<LabelScreen, { mode: 'search' }>, labels: readonly string[], width: number): Line[] {
  const matches = searchLabels(labels, screen.edited.text, listedMatches);
  return [
    [{ text: '/', style: 'bold' }, { text: `${shortText(screen.edited.text, width - 4)}▏` }],
    ...matches.map(
      (label, index): Line => [{ text: index === screen.picked ? '▸ ' : '  ', style: 'cyan' }, { text: shortText(label, width - 4) }],
    ),
    ...(matches.length === 0 ? [[{ text: '  no label of that name', style: 'gray' as const }]] : []),
  ];
}

function editLines({ text, at }: { readonly text: string; readonly at: number }, width: number): Line[] {
  return textLines(`${text.slice(0, at)}▏${text.slice(at)}`, width - 2)
    .slice(-10)
    .map((line) => [{ text: '│ ', style: 'cyan' }, { text: line }]);
}

function helpLines({ labels, drafts, view }: LabelFrame, width: number): Line[] {
  const keys = keyWords({ free: labels === undefined, drafts, search: true });
  const { balance } = view.progress;
  const told = balance.slice(0, balanceLabels).map(({ label, rows }) => `${shortText(label, 30)} ${count(rows)}`);
  return [
    [{ text: 'Keys', style: 'bold' }],
    ...keys.map(([key, what]): Line => [{ text: padCells(key, 12), style: 'bold' }, { text: what }]),
    [{ text: padCells('space', 12), style: 'bold' }, { text: 'on in a long row, PageUp back' }],
    [{ text: padCells('q, Ctrl-C', 12), style: 'bold' }, { text: 'end, and write the labelled file' }],
    [],
    ...(told.length === 0 ? [] : prose(`Labels so far: ${told.join(' · ')}${balance.length > balanceLabels ? ' …' : ''}`, width)),
    ...(view.stopping === undefined ? [] : [...prose(view.stopping.gain.text, width), ...prose(view.stopping.agreement.text, width)]),
    [{ text: 'Any key goes back.', style: 'gray' }],
  ];
}

function enoughWords(stopping: NonNullable<LabellingView['stopping']>): string {
  const signs = [stopping.gain, stopping.agreement].filter(({ seen }) => seen === true).map(({ text }) => text);
  return `More labels stop paying, by the small classifier: ${signs.join(' ')}`;
}

/** A text from outside in lines of that width, its own line breaks kept. */
function textLines(text: string, width: number): string[] {
  return visibleText(text.slice(0, 20_000))
    .split('\n')
    .flatMap((line) => (line.trim() === '' ? [''] : wrapWords(line.replace(/\t/g, '  '), width)));
}
