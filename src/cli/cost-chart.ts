import type { CostComparison } from '#economics/compare-costs.ts';
import { countText, shortText } from './cost-amounts.ts';

const height = 12;
const margin = 9;

/**
 * Cost over the horizon against monthly volume, both axes logarithmic, as lines of at most `width` columns, of which it
 * needs 72. Each approach has a letter; `X` marks where the cheapest changes. No lines where nothing costs anything.
 */
export function costChart(result: CostComparison, width: number): string[] {
  const columns = Math.max(20, width - margin - 1);
  const [first, last] = volumeDecades(result);
  const volumeAt = (column: number) => 10 ** (first + ((last - first) * column) / (columns - 1));
  const columnOf = (volume: number) => Math.round(((Math.log10(volume) - first) / (last - first)) * (columns - 1));
  const indexOf = (name: string) => result.parts.findIndex((part) => part.name === name);
  const costAt = (index: number, volume: number) => {
    const part = result.parts[index]!;
    return part.oneTime + (part.monthlyFixed + (part.perRequest + part.wrongPerRequest) * volume) * result.horizonMonths;
  };
  const ends = result.parts.flatMap((_, index) => [costAt(index, volumeAt(0)), costAt(index, volumeAt(columns - 1))]);
  // less than a nano-dollar is drawn as nothing
  const positive = ends.filter((cost) => cost >= 1e-9);
  if (positive.length === 0) return [];
  const bottom = Math.floor(Math.log10(Math.min(...positive)));
  const top = Math.max(bottom + 1, Math.ceil(Math.log10(Math.max(...positive))));
  const rowOf = (cost: number) => Math.round(((top - Math.log10(Math.max(cost, 10 ** bottom))) / (top - bottom)) * (height - 1));

  const grid = Array.from({ length: height }, () => Array.from({ length: columns }, () => ' '));
  // the cheapest at a volume is drawn last, so that the lowest line is whole
  for (let column = 0; column < columns; column++) {
    const costs = result.parts.map((_, index) => ({ index, cost: costAt(index, volumeAt(column)) }));
    for (const { index, cost } of costs.sort((a, b) => b.cost - a.cost)) grid[rowOf(cost)]![column] = letterOf(index);
  }
  const shown = result.crossovers.filter(({ requestsPerMonth }) => requestsPerMonth >= 10 ** first && requestsPerMonth <= 10 ** last);
  for (const { requestsPerMonth, to } of shown) {
    const column = columnOf(requestsPerMonth);
    const row = rowOf(costAt(indexOf(to), requestsPerMonth));
    for (let below = row + 1; below < height; below++) if (grid[below]![column] === ' ') grid[below]![column] = ':';
    grid[row]![column] = 'X';
  }
  const label = (row: number) => (row === 0 ? `$${shortText(10 ** top)}` : row === height - 1 ? `$${shortText(10 ** bottom)}` : '');
  const now = result.requestsPerMonth >= 10 ** first ? columnOf(result.requestsPerMonth) : undefined;
  return [
    `cost over ${result.horizonMonths} ${result.horizonMonths === 1 ? 'month' : 'months'} against requests a month (both logarithmic)`,
    ...grid.map((cells, row) => `${label(row).padStart(margin - 1)} |${cells.join('')}`.trimEnd()),
    `${' '.repeat(margin)}+${Array.from({ length: columns }, (_, column) => (column === now ? '^' : '-')).join('')}`,
    `${' '.repeat(margin)}${axisLabels(first, last, columns + 1, columnOf)}`,
    ...result.parts.map((part, index) => {
      const nothing = costAt(index, volumeAt(columns - 1)) >= 1e-9 ? '' : ', which costs nothing';
      return `${' '.repeat(margin)}${letterOf(index)} ${part.name.slice(0, columns - 22)}${nothing}`;
    }),
    ...shown.map(
      ({ requestsPerMonth, from, to }) =>
        `${' '.repeat(margin)}X ${countText(requestsPerMonth)} requests a month: ${letterOf(indexOf(from))} to ${letterOf(indexOf(to))}`,
    ),
    ...(now === undefined ? [] : [`${' '.repeat(margin)}^ ${countText(result.requestsPerMonth)} requests a month now`]),
  ];
}

/** Powers of ten around the present volume and the crossovers, at least three decades, from 1 to 10^16. */
function volumeDecades({ requestsPerMonth, crossovers }: CostComparison): [number, number] {
  const points = [requestsPerMonth, ...crossovers.map((crossover) => crossover.requestsPerMonth)].filter(
    (volume) => volume >= 1 && volume <= 1e15,
  );
  if (points.length === 0) return [2, 6];
  const first = Math.max(0, Math.floor(Math.log10(Math.min(...points) / 3)));
  const last = Math.min(16, Math.ceil(Math.log10(Math.max(...points) * 3)));
  return last - first >= 3 ? [first, last] : [Math.max(0, last - 3), Math.max(3, last)];
}

function axisLabels(first: number, last: number, columns: number, columnOf: (volume: number) => number): string {
  const cells = Array.from({ length: columns }, () => ' ');
  const step = Math.ceil(((last - first + 1) * 6) / columns);
  for (let decade = first; decade <= last; decade += step) {
    const text = shortText(10 ** decade);
    const start = Math.min(columnOf(10 ** decade) + 1, columns - text.length);
    for (const [offset, character] of [...text].entries()) cells[start + offset] = character;
  }
  return cells.join('').trimEnd();
}

function letterOf(index: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + (index % 26));
}
