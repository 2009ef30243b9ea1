import type { PrintColumns } from './print-columns.ts';
import { printPlaces } from './print-rows.ts';
import type { RowFacts } from './row-facts.ts';

export interface ExactGroups {
  /** One row of each group of rows with equal text and setting: the one to keep. */
  readonly kept: Uint32Array;
  /** The rows that are not kept, with the row kept instead, one after the other. */
  readonly pairs: Uint32Array;
}

/** Groups rows by the hash of their normalised text and their setting. What is kept depends on content alone. */
export function exactGroups(columns: PrintColumns, facts: RowFacts): ExactGroups {
  const order = new BigUint64Array(columns.size);
  const words = new Uint32Array(order.buffer);
  for (let row = 0; row < columns.size; row += 1) {
    words[2 * row] = row;
    words[2 * row + 1] = columns.number(row, printPlaces.exactHigh) ^ facts.setting(row);
  }
  order.sort();
  const kept: number[] = [];
  const pairs: number[] = [];
  let begin = 0;
  for (let end = 1; end <= columns.size; end += 1) {
    if (end < columns.size && words[2 * end + 1] === words[2 * begin + 1]) continue;
    const run: number[] = [];
    for (let at = begin; at < end; at += 1) run.push(words[2 * at]!);
    const low = (row: number) => columns.number(row, printPlaces.exactLow) * 2 ** 20 + (facts.setting(row) % 2 ** 20);
    const groups = run.length === 1 ? [run] : Map.groupBy(run, low).values();
    for (const group of groups) {
      const best = group.reduce((first, row) => (richer(columns, facts, row, first) < 0 ? row : first));
      kept.push(best);
      for (const row of group) if (row !== best) pairs.push(row, best);
    }
    begin = end;
  }
  return { kept: Uint32Array.from(kept), pairs: Uint32Array.from(pairs) };
}

/** Below 0 where the first row is rather kept: the longer text, then more fields, then by hashes; rows equal in all of that are the same. */
export function richer(columns: PrintColumns, facts: RowFacts, first: number, second: number): number {
  const number = (place: number) => columns.number(first, place) - columns.number(second, place);
  return (
    -number(printPlaces.length) ||
    facts.fields(second) - facts.fields(first) ||
    number(printPlaces.exactHigh) ||
    number(printPlaces.exactLow) ||
    number(printPlaces.raw) ||
    facts.about(first) - facts.about(second) ||
    facts.line(first) - facts.line(second)
  );
}
