import type { LabelAction, LabellingView } from '../growth/label-data.ts';
import { type EditedText, editText, type KeyPress, startEdit } from './data-label-editor.ts';
import { labelKeys, searchLabels } from './data-label-keys.ts';

/** What the screen is in: choosing, or typing an answer or a label's name, or reading the help. */
export type LabelScreen =
  | { readonly mode: 'choose'; readonly scroll: number }
  | { readonly mode: 'edit'; readonly edited: EditedText }
  | { readonly mode: 'search'; readonly edited: EditedText; readonly picked: number }
  | { readonly mode: 'help' };

export interface Pressed {
  readonly screen: LabelScreen;
  readonly action?: LabelAction | { readonly do: 'end' };
}

export interface PressContext {
  readonly view: Pick<LabellingView, 'shown'>;
  readonly labels: readonly string[] | undefined;
  /** True between the marks that a terminal sets around pasted text. */
  readonly pasting: boolean;
}

export const choosing: LabelScreen = { mode: 'choose', scroll: 0 };
/** Labels that a search lists. */
export const listedMatches = 8;

/** What a key does where it is pressed. */
export function press(screen: LabelScreen, key: KeyPress, context: PressContext): Pressed {
  if (key.ctrl && key.name === 'c') return { screen, action: { do: 'end' } };
  if (screen.mode === 'help') return { screen: choosing };
  if (screen.mode === 'edit') return pressInEdit(screen, key, context);
  if (screen.mode === 'search') return pressInSearch(screen, key, context);
  return pressInChoose(screen, key, context);
}

const isEnter = ({ name }: KeyPress) => name === 'return' || name === 'enter';

function pressInChoose(screen: Extract<LabelScreen, { mode: 'choose' }>, key: KeyPress, { view, labels, pasting }: PressContext): Pressed {
  const stay: Pressed = { screen };
  // a text pasted where keys choose would label a row with each of its letters
  if (pasting || key.meta) return stay;
  const { shown } = view;
  const draft = shown?.draft?.state === 'ready' ? shown.draft.text : undefined;
  const typed = key.sequence ?? '';
  const does = (action: NonNullable<Pressed['action']>): Pressed => ({ screen: choosing, action });
  if (typed === 'q') return does({ do: 'end' });
  if (typed === 'u') return does({ do: 'undo' });
  if (typed === 'j' || key.name === 'down') return does({ do: 'next' });
  if (typed === 'k' || key.name === 'up') return does({ do: 'back' });
  if (typed === '?') return { screen: { mode: 'help' } };
  if (typed === ' ' || key.name === 'pagedown') return { screen: { ...screen, scroll: screen.scroll + 10 } };
  if (key.name === 'pageup') return { screen: { ...screen, scroll: Math.max(0, screen.scroll - 10) } };
  if (shown === undefined) return stay;
  const row = shown.row.key;
  if (typed === 's') return does({ do: 'skip', row });
  if (typed === 'e' && labels === undefined) return { screen: { mode: 'edit', edited: startEdit(shown.label ?? draft ?? '') } };
  if ((typed === '/' || typed === 'e') && labels !== undefined) return { screen: { mode: 'search', edited: startEdit(''), picked: 0 } };
  if (isEnter(key)) {
    if (draft !== undefined) return does({ do: 'label', row, label: draft });
    return labels === undefined ? { screen: { mode: 'edit', edited: startEdit(shown.label ?? '') } } : stay;
  }
  const label = key.ctrl || labels === undefined ? undefined : labelKeys(labels).get(typed);
  return label === undefined ? stay : does({ do: 'label', row, label });
}

function pressInEdit(screen: Extract<LabelScreen, { mode: 'edit' }>, key: KeyPress, { view, pasting }: PressContext): Pressed {
  if (key.name === 'escape') return { screen: choosing };
  if (isEnter(key) && !key.meta && !pasting) {
    if (view.shown === undefined || screen.edited.text.trim() === '') return { screen };
    return { screen: choosing, action: { do: 'label', row: view.shown.row.key, label: screen.edited.text } };
  }
  return { screen: { mode: 'edit', edited: editText(screen.edited, key) } };
}

function pressInSearch(
  screen: Extract<LabelScreen, { mode: 'search' }>,
  key: KeyPress,
  { view, labels = [], pasting }: PressContext,
): Pressed {
  if (key.name === 'escape') return { screen: choosing };
  const matches = searchLabels(labels, screen.edited.text, listedMatches);
  if (isEnter(key) && !pasting) {
    const label = matches[screen.picked];
    if (label === undefined || view.shown === undefined) return { screen };
    return { screen: choosing, action: { do: 'label', row: view.shown.row.key, label } };
  }
  if (isEnter(key)) return { screen };
  const step = key.name === 'down' ? 1 : key.name === 'up' ? -1 : 0;
  if (step !== 0) return { screen: { ...screen, picked: Math.max(0, Math.min(matches.length - 1, screen.picked + step)) } };
  return { screen: { mode: 'search', edited: editText(screen.edited, key), picked: 0 } };
}
