/** Work that waits for its turn. */
export interface Turns {
  /** Does the work when fewer than the most are at it; those that wait begin in their order. */
  take<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when all that was taken on has ended, however it ended. */
  ended(): Promise<void>;
}

export function openTurns(most: number): Turns {
  const all = new Set<Promise<unknown>>();
  const waiting: (() => void)[] = [];
  let free = Math.max(1, most);

  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
  return {
    take(work) {
      const taken = inTurn(work);
      const settled: Promise<unknown> = taken.then(
        () => all.delete(settled),
        () => all.delete(settled),
      );
      all.add(settled);
      return taken;
    },
    async ended() {
      await Promise.all(all);
    },
  };
}
