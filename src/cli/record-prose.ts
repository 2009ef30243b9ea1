import { shortText } from '#report/visible-text.ts';
import { wrapWords } from './terminal/cell-width.ts';
import type { Line, Style } from './terminal/styled-line.ts';

/** Text from a file, wrapped; `lead` stands before its first line and the others are set in as far. */
export function proseLines(text: string, columns: number, lead = '', style?: Style): Line[] {
  return wrapWords(shortText(text, 2000), columns - lead.length).map((line, index) => [
    { text: `${index === 0 ? lead : ' '.repeat(lead.length)}${line}`, style },
  ]);
}
