/** More rows than anyone asks. */
const most = 1_000_000;

/** The fewest additional rows, at least 1, at which it holds, if it goes on holding with more; undefined where no reasonable number does. */
export function leastMore(holds: (more: number) => boolean): number | undefined {
  if (!holds(most)) return undefined;
  let low = 0;
  let high = most;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}
