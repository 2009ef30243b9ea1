import { plainText } from '#report/number-text.ts';
import { padCells } from './cell-width.ts';
import type { Line, Piece, Style } from './styled-line.ts';

interface CurvePoint {
  readonly x: number;
  readonly y: number;
}

export interface Curve {
  readonly name: string;
  readonly points: readonly CurvePoint[];
  readonly style: Style;
  /** A mark for each point in place of a line of dots. */
  readonly mark?: string;
}

/** Dots of a braille cell by column and row, from the top (Unicode 6.0, block 2800). */
const dots = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;
const brailleBlank = 0x2800;
const dotColumns = 2;
const dotRows = 4;

interface Extent {
  readonly low: number;
  readonly high: number;
}

/**
 * Curves over one axis as text, `width` × `height` cells with the scale at the left and the names below; nothing where
 * there are no two places to draw. Points that are no numbers are left out.
 */
export function textCurve(curves: readonly Curve[], { width, height }: { width: number; height: number }): Line[] {
  const drawn = curves
    .map((curve) => ({ ...curve, points: curve.points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)) }))
    .filter(({ points }) => points.length > 0);
  const all = drawn.flatMap(({ points }) => points);
  const xs = extentOf(all.map(({ x }) => x));
  const ys = extentOf(all.map(({ y }) => y));
  if (xs === undefined || ys === undefined || xs.low === xs.high) return [];
  const labels = [scaleText(ys.high), scaleText(ys.low)];
  const labelWidth = Math.max(...labels.map((label) => label.length));
  const columns = Math.max(10, width - labelWidth - 3);
  const cells = drawCells(drawn, { xs, ys, columns, height });
  const rows = cells.map((row, index): Line => {
    const label = index === 0 ? labels[0]! : index === height - 1 ? labels[1]! : '';
    return [
      { text: ` ${padCells(label, labelWidth, 'right')} `, style: 'gray' },
      { text: label === '' ? '│' : '┤', style: 'gray' },
      ...row,
    ];
  });
  const ends = [scaleText(xs.low), scaleText(xs.high)];
  const gap = Math.max(1, columns - ends[0]!.length - ends[1]!.length);
  const legend = drawn.flatMap(({ name, mark = '⠒', style }, index): Piece[] => [
    { text: index === 0 ? '' : '   ' },
    { text: mark, style },
    { text: ` ${name}`, style: 'gray' },
  ]);
  const indent = { text: ' '.repeat(labelWidth + 3) };
  return [...rows, [indent, { text: `${ends[0]}${' '.repeat(gap)}${ends[1]}`, style: 'gray' }], [indent, ...legend]];
}

/** Three digits, also of numbers that would be long to write out. */
function scaleText(value: number): string {
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(1) : plainText(value);
}

function extentOf(values: readonly number[]): Extent | undefined {
  if (values.length === 0) return undefined;
  return {
    low: values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY),
    high: values.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY),
  };
}

interface Field {
  readonly xs: Extent;
  readonly ys: Extent;
  readonly columns: number;
  readonly height: number;
}

function drawCells(curves: readonly Curve[], { xs, ys, columns, height }: Field): Piece[][] {
  const cells = Array.from({ length: height }, () => Array.from({ length: columns }, (): Piece => ({ text: ' ' })));
  const across = (x: number, count: number) => Math.round(((x - xs.low) / (xs.high - xs.low)) * (count - 1));
  const down = (y: number, count: number) =>
    ys.high === ys.low ? Math.floor(count / 2) : Math.round(((ys.high - y) / (ys.high - ys.low)) * (count - 1));
  for (const { points, mark, style } of curves) {
    if (mark !== undefined) {
      for (const { x, y } of points) cells[down(y, height)]![across(x, columns)] = { text: mark, style };
      continue;
    }
    for (const { column, mean } of withoutGaps(columnMeans(points, (x) => across(x, columns * dotColumns)))) {
      const row = down(mean, height * dotRows);
      const cell = cells[Math.floor(row / dotRows)]!;
      const at = Math.floor(column / dotColumns);
      const before = cell[at]!.text.codePointAt(0)!;
      const bits = Math.max(before, brailleBlank) | dots[column % dotColumns]![row % dotRows]!;
      cell[at] = { text: String.fromCodePoint(bits), style };
    }
  }
  return cells;
}

/** The columns between two neighbours lie on the straight line between them. */
function withoutGaps(means: readonly ColumnMean[]): ColumnMean[] {
  const sorted = means.toSorted((one, other) => one.column - other.column);
  return sorted.flatMap((to, index) => {
    const from = sorted[index - 1] ?? to;
    const steps = Math.max(1, to.column - from.column);
    return Array.from({ length: steps }, (_, step) => {
      const share = (step + 1) / steps;
      return { column: from.column + Math.round(share * (to.column - from.column)), mean: from.mean + share * (to.mean - from.mean) };
    });
  });
}

interface ColumnMean {
  readonly column: number;
  readonly mean: number;
}

/** Many noisy points in one column are shown by their mean. */
function columnMeans(points: readonly CurvePoint[], columnOf: (x: number) => number): ColumnMean[] {
  const sums = new Map<number, { sum: number; n: number }>();
  for (const { x, y } of points) {
    const column = columnOf(x);
    const { sum, n } = sums.get(column) ?? { sum: 0, n: 0 };
    sums.set(column, { sum: sum + y, n: n + 1 });
  }
  return [...sums].map(([column, { sum, n }]) => ({ column, mean: sum / n }));
}
