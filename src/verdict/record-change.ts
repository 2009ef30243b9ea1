import type { Goal } from '#core/goal.ts';
import type { GoalStatus, VerdictStatus } from '#core/verdict.ts';

export interface Change<T> {
  readonly before: T;
  readonly after: T;
}

/** A number with what is known of its spread. */
export interface Measured {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
  /** What a probe's measure is counted in; absent for shares. */
  readonly unit?: Goal['unit'];
}

export interface MeasuredChange extends Change<Measured | null> {
  /** True only where the intervals do not overlap; a change within them may be chance. Null where one side has none. */
  readonly real: boolean | null;
}

export interface RungChange {
  readonly rung: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly candidate: Change<string> | null;
  /** Metrics, and latency and cost under their goals' names. */
  readonly figures: Readonly<Record<string, MeasuredChange>>;
  readonly goals: Readonly<Record<string, Change<GoalStatus | null>>>;
  /** US dollars over the horizon. */
  readonly horizonCost: Change<number | null> | null;
  readonly skipped: Change<string | null> | null;
}

/** What is different between two verdicts; empty lists and nulls where nothing is. */
export interface VerdictDiff {
  readonly schema: 'rung.diff/1';
  readonly same: boolean;
  readonly task: Change<string> | null;
  readonly status: Change<VerdictStatus> | null;
  readonly chosen: Change<string | null> | null;
  readonly rungs: readonly RungChange[];
  /** The bars themselves. */
  readonly goals: Readonly<Record<string, Change<string | null>>>;
  readonly criteria: {
    readonly hash: Change<string> | null;
    readonly splitHash: Change<string> | null;
    readonly confidence: Change<number> | null;
    readonly testLooks: Change<number> | null;
    readonly changed: Change<boolean> | null;
  };
  readonly triggers: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    /** Id → its condition. */
    readonly moved: Readonly<Record<string, Change<string>>>;
    readonly fired: readonly string[];
  };
  readonly lines: readonly string[];
}
