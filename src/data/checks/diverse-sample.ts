import type { DataRow } from '#core/data-row.ts';
import { rowText } from '#data/deduplicate/row-text.ts';
import { hashText } from '#data/deduplicate/text-hash.ts';

export interface SampledRow {
  readonly line: number;
  readonly text: string;
}

/** Keeps the rows whose texts have the smallest hashes: a fair sample that is the same whatever the order of rows, in bounded memory. */
export function rowSample(most: number): { add(row: DataRow): void; rows(): readonly SampledRow[] } {
  let held: (SampledRow & { readonly key: number })[] = [];
  let limit = Number.POSITIVE_INFINITY;
  const cut = (): void => {
    held.sort((first, second) => first.key - second.key || first.line - second.line);
    held = held.slice(0, most);
    if (held.length === most) limit = held.at(-1)!.key;
  };
  return {
    add: (row) => {
      const { said } = rowText(row);
      const { low, high } = hashText(said);
      const key = (high & 0x1f_ffff) * 2 ** 32 + low;
      if (key >= limit || said === '') return;
      held.push({ line: row.line, text: said, key });
      if (held.length >= 2 * most) cut();
    },
    rows: () => {
      cut();
      return held;
    },
  };
}
