import type { PrintColumns } from './print-columns.ts';
import { printPlaces } from './print-rows.ts';

/** Fewer rows of one text with other numbers and names happen by themselves. */
const fewestRows = 10;

/** Groups of at least ten of these rows that are one text but for numbers and names, the largest first. */
export function templateGroups(columns: PrintColumns, rows: Uint32Array): number[][] {
  const groups = new Map<number, number[]>();
  for (const row of rows) {
    const [low, high] = [columns.number(row, printPlaces.maskedLow), columns.number(row, printPlaces.maskedHigh)];
    if (low === 0 && high === 0) continue;
    const key = (high & 0x1f_ffff) * 2 ** 32 + low;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.values()]
    .filter(({ length }) => length >= fewestRows)
    .sort((first, second) => second.length - first.length || first[0]! - second[0]!);
}
