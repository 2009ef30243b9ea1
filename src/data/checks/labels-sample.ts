import { inSample } from '#data/check-data-sample.ts';

/** A uniform sample of rows, the same for the same seed whatever their order. */
export interface RowSample<T> {
  add(line: number, item: () => T): void;
  /** The sampled rows in the order of their lines. */
  readonly rows: readonly { readonly line: number; readonly item: T }[];
  /** True where not every row is held. */
  readonly partial: boolean;
  /** Rows seen. */
  readonly seen: number;
}

/** Holds all rows up to `most`; beyond, half of them as often as needed, so never fewer than about half of `most`. */
export function rowSample<T>(most: number, seed: number): RowSample<T> {
  let rows: { line: number; item: T }[] = [];
  let share = 1;
  let seen = 0;
  // Apart from the sample of `--sample`, which takes the same hash with the seed itself.
  const kept = (line: number) => share === 1 || inSample(line, share, seed + 1);
  return {
    add(line, item) {
      seen += 1;
      if (!kept(line)) return;
      rows.push({ line, item: item() });
      while (rows.length > most) {
        share /= 2;
        rows = rows.filter((row) => kept(row.line));
      }
    },
    get rows() {
      return rows;
    },
    get partial() {
      return share < 1;
    },
    get seen() {
      return seen;
    },
  };
}
