import type { DataScore } from '#core/data-check.ts';

/** Of 95 % of samples the share lies within this many standard errors. */
const critical = 1.959964;

/** A share of rows as a score, with Wilson's 95 % interval (Wilson 1927) where only a sample was read. */
export function rowShare(hits: number, rows: number, method: string, sampled: boolean): DataScore {
  const value = hits / rows;
  if (!sampled) return { value, n: rows, method };
  const square = critical ** 2;
  const centre = (hits + square / 2) / (rows + square);
  const half = (critical / (rows + square)) * Math.sqrt((hits * (rows - hits)) / rows + square / 4);
  return { value, low: Math.max(0, centre - half), high: Math.min(1, centre + half), n: rows, method: `${method}, Wilson` };
}
