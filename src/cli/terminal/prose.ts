import { shortText } from '#report/visible-text.ts';
import { wrapWords } from './cell-width.ts';
import type { Line, Style } from './styled-line.ts';

/** A text from anywhere as lines of at most `width` columns; `indent` stands before the first of them, its width before the rest. */
export function prose(text: string, width: number, style?: Style, indent = ''): Line[] {
  const rest = ' '.repeat(indent.length);
  return wrapWords(shortText(text, 4000), width - indent.length).map((line, index) => [
    { text: (index === 0 ? indent : rest) + line, style },
  ]);
}
