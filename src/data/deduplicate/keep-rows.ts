/** A row that is left out for another that stays. */
export interface LeftOut {
  readonly row: number;
  readonly kept: number;
  readonly likeness: number;
}

/** In larger clusters, rows beyond this many that stay are not compared with any more: the rest stays too. */
const mostKept = 64;

/**
 * What to leave out of a cluster whose rows are given in the order in which they are to be kept: each row that is alike
 * itself to one that stays. A chain of small steps so leads to more than one kept row, never to a row without a likeness.
 */
export function leaveOut(ordered: readonly number[], likeness: (left: number, right: number) => number, threshold: number): LeftOut[] {
  const kept: number[] = [];
  const left: LeftOut[] = [];
  for (const row of ordered) {
    let best: LeftOut | undefined;
    for (const other of kept.slice(0, mostKept)) {
      const alike = likeness(other, row);
      if (alike >= threshold) {
        best = { row, kept: other, likeness: alike };
        break;
      }
    }
    if (best === undefined) kept.push(row);
    else left.push(best);
  }
  return left;
}
