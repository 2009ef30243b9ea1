/** Rows that were read and do not go on, and why: the first thousand, and how many there were for each reason. */
export interface DroppedRows {
  drop(row: number, why: string): void;
  readonly count: number;
  readonly list: readonly { readonly row: number; readonly why: string }[];
  /** Reason → rows, the most frequent first; reasons beyond a hundred are counted together. */
  reasons(): readonly { readonly why: string; readonly rows: number }[];
}

const listedRows = 1000;
const listedReasons = 100;

export function droppedRows(): DroppedRows {
  const list: { row: number; why: string }[] = [];
  const reasons = new Map<string, number>();
  let count = 0;
  return {
    drop(row, why) {
      count += 1;
      if (list.length < listedRows) list.push({ row, why });
      const reason = reasons.has(why) || reasons.size < listedReasons ? why : 'other reasons';
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    },
    get count() {
      return count;
    },
    list,
    reasons: () => [...reasons].map(([why, rows]) => ({ why, rows })).sort((left, right) => right.rows - left.rows),
  };
}
