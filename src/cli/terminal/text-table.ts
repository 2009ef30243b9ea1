import { cellWidth } from './cell-width.ts';
import { type Line, lineWidth, type Piece } from './styled-line.ts';

export interface Column<Row> {
  readonly title: string;
  /** Columns with the smallest number go first where the width does not do. */
  readonly keep: number;
  readonly right?: boolean;
  cell(row: Row): Line;
}

const gap = '  ';

/** A header and a line per row; columns that do not fit are left out, the least needed first. */
export function textTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width: number): Line[] {
  const measured = columns.map((column) => {
    const cells = rows.map((row) => column.cell(row));
    return { column, cells, width: Math.max(cellWidth(column.title), ...cells.map(lineWidth)) };
  });
  const total = () => measured.reduce((sum, each) => sum + each.width, 0) + gap.length * (measured.length - 1);
  while (measured.length > 1 && total() > width) {
    const least = measured.reduce((a, b) => (b.column.keep < a.column.keep ? b : a));
    measured.splice(measured.indexOf(least), 1);
  }
  const lineOf = (cells: readonly Line[]): Line =>
    cells.flatMap((cell, index): Piece[] => {
      const { column, width: wanted } = measured[index]!;
      const space = { text: ' '.repeat(wanted - lineWidth(cell)) };
      const last = index === measured.length - 1;
      return [...(index === 0 ? [] : [{ text: gap }]), ...(column.right ? [space, ...cell] : last ? cell : [...cell, space])];
    });
  return [
    lineOf(measured.map(({ column }) => [{ text: column.title, style: 'gray' }])),
    ...rows.map((_, index) => lineOf(measured.map(({ cells }) => cells[index]!))),
  ];
}
