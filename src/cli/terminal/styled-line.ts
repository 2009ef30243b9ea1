import { styleText } from 'node:util';
import { cellWidth, fitWidth } from './cell-width.ts';

export type Style = Parameters<typeof styleText>[0];

/** A piece of a line with one look. Styling comes after measuring and cutting, so that widths stay true. */
export interface Piece {
  readonly text: string;
  readonly style?: Style;
}

export type Line = readonly Piece[];

export function lineWidth(line: Line): number {
  return line.reduce((sum, piece) => sum + cellWidth(piece.text), 0);
}

/** The line as it goes to the terminal, at most `columns` wide. */
export function renderLine(line: Line, { columns, color }: { columns: number; color: boolean }): string {
  let left = columns;
  let text = '';
  for (const piece of line) {
    if (left <= 0) break;
    const kept = fitWidth(piece.text, left);
    left -= cellWidth(kept);
    text += color && piece.style !== undefined ? styleText(piece.style, kept, { validateStream: false }) : kept;
    if (kept !== piece.text) break;
  }
  return text;
}
