/** The ends of an interval, low ≤ high. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** A difference of two candidates on the same rows, first minus second, with a two-sided p-value for "no difference". */
export interface PairedDifference extends Interval {
  readonly value: number;
  readonly p: number;
  readonly n: number;
  readonly method: string;
}
