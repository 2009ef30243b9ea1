import type { RowMarks } from './mark-row.ts';

/** By what rows are spread evenly over the parts. */
export interface Strata {
  /** `labels`: the answers are few and short, so that each is spread. `text`: rows are spread by length and source. */
  readonly by: 'labels' | 'text';
  /** The name of a row's stratum. */
  name(row: number): string;
}

/** No more different answers than this, none longer than that, and each given twice in the mean: then they are labels. */
const mostLabels = 500;
const longestLabel = 80;
const leastRowsPerLabel = 2;

export function strataColumn(): { add(marks: RowMarks): void; end(): Strata } {
  const labels = names();
  const lengths = names();
  let areLabels = true;
  return {
    add({ answer = '', text, source }) {
      if (areLabels) {
        areLabels = answer.length <= longestLabel && labels.add(answer) <= mostLabels;
        if (!areLabels) labels.clear();
      }
      // doubling lengths: few strata, whatever the file
      lengths.add(`${source} ${Math.floor(Math.log2(text.length + answer.length + 1))}`);
    },
    end() {
      const by = areLabels && labels.count > 1 && labels.rows.length >= leastRowsPerLabel * labels.count ? 'labels' : 'text';
      const column = by === 'labels' ? labels : lengths;
      return { by, name: (row) => column.nameOf(column.rows[row]!) };
    },
  };
}

function names() {
  const indexOf = new Map<string, number>();
  const list: string[] = [];
  let rows: number[] = [];
  return {
    get rows(): readonly number[] {
      return rows;
    },
    get count(): number {
      return list.length;
    },
    nameOf: (index: number): string => list[index]!,
    /** Gives the number of names so far. */
    add(name: string): number {
      let index = indexOf.get(name);
      if (index === undefined) {
        index = list.length;
        list.push(name);
        indexOf.set(name, index);
      }
      rows.push(index);
      return list.length;
    },
    clear(): void {
      rows = [];
      list.length = 0;
      indexOf.clear();
    },
  };
}
