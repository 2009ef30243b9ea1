import type { ComparableUnits } from './comparable-units.ts';

/** A comparable text as a string, its first characters only where a number is given. */
export function unitsText({ units, length }: ComparableUnits, most: number = length): string {
  const end = Math.min(length, most);
  let text = '';
  for (let from = 0; from < end; from += 4096) text += String.fromCharCode(...units.subarray(from, Math.min(end, from + 4096)));
  return text;
}
