const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
const emoji = /\p{Emoji_Presentation}|\ufe0f/u;
// East Asian Wide and Fullwidth, in the blocks of Unicode's EastAsianWidth.txt.
const wide =
  /^[\u1100-\u115f\u231a-\u231b\u2329-\u232a\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]/u;

function graphemeWidth(grapheme: string): number {
  if (zeroWidth.test(grapheme)) return 0;
  return emoji.test(grapheme) || wide.test(grapheme) ? 2 : 1;
}

/** Columns that a text without control characters takes in a terminal. */
export function cellWidth(text: string): number {
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += graphemeWidth(segment);
  return width;
}

/** Cut to a number of columns, the last of them an ellipsis. */
export function fitWidth(text: string, columns: number): string {
  if (cellWidth(text) <= columns) return text;
  let [kept, width] = ['', 0];
  for (const { segment } of segmenter.segment(text)) {
    width += graphemeWidth(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return columns > 0 ? `${kept}…` : '';
}

export function padCells(text: string, columns: number, side: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, columns - cellWidth(text)));
  return side === 'left' ? text + space : space + text;
}

/** Lines of at most so many columns, broken between words, a per-cent sign kept with its number; a longer word stands alone, cut. */
export function wrapWords(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+(?!%)/).filter((each) => each !== '')) {
    const joined = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && cellWidth(joined) <= columns) lines[lines.length - 1] = joined;
    else lines.push(fitWidth(word, columns));
  }
  return lines;
}
