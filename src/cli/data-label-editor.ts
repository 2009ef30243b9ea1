/** A text that is being typed; `at` counts UTF-16 units before the cursor. */
export interface EditedText {
  readonly text: string;
  readonly at: number;
}

export interface KeyPress {
  /** What the key types, where it types something. */
  readonly sequence?: string;
  readonly name?: string;
  readonly ctrl?: boolean;
  readonly meta?: boolean;
}

export function startEdit(text: string): EditedText {
  return { text, at: text.length };
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

function stepBack({ text, at }: EditedText): number {
  let start = 0;
  for (const { index } of segmenter.segment(text.slice(0, at))) start = index;
  return start;
}

function stepOn({ text, at }: EditedText): number {
  const [next] = segmenter.segment(text.slice(at));
  return at + (next?.segment.length ?? 0);
}

function insert({ text, at }: EditedText, typed: string): EditedText {
  return { text: text.slice(0, at) + typed + text.slice(at), at: at + typed.length };
}

const moves: Readonly<Record<string, (edited: EditedText) => EditedText>> = {
  left: (edited) => ({ ...edited, at: stepBack(edited) }),
  right: (edited) => ({ ...edited, at: stepOn(edited) }),
  home: ({ text, at }) => ({ text, at: text.lastIndexOf('\n', at - 1) + 1 }),
  end: ({ text, at }) => ({ text, at: text.indexOf('\n', at) < 0 ? text.length : text.indexOf('\n', at) }),
  backspace: (edited) => ({ text: edited.text.slice(0, stepBack(edited)) + edited.text.slice(edited.at), at: stepBack(edited) }),
  delete: (edited) => ({ text: edited.text.slice(0, edited.at) + edited.text.slice(stepOn(edited)), at: edited.at }),
};
const controls: Readonly<Record<string, (edited: EditedText) => EditedText>> = {
  a: moves['home']!,
  e: moves['end']!,
  u: ({ text, at }) => ({ text: text.slice(at), at: 0 }),
  k: ({ text, at }) => ({ text: text.slice(0, at), at }),
};

/** A key within the text: typed, moved, deleted. Alt with Enter, or a pasted line break, is a line break. */
export function editText(edited: EditedText, key: KeyPress): EditedText {
  if (key.name === 'return' || key.name === 'enter') return insert(edited, '\n');
  if (key.ctrl) return controls[key.name ?? '']?.(edited) ?? edited;
  const move = moves[key.name ?? ''];
  if (move !== undefined) return move(edited);
  const typed = key.sequence ?? '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: keys that type nothing send them
  return key.meta || typed === '' || /[\u0000-\u0008\u000b-\u001f\u007f]/.test(typed) ? edited : insert(edited, typed);
}
