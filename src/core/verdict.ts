import type { Estimate } from './estimate.ts';

export type GoalStatus = 'met' | 'not-met' | 'undecided';
export type VerdictStatus = 'met' | 'not-met' | 'undecided' | 'prior';

/** The signs that prompting has reached its limit. */
export type PlateauSign = 'plateau' | 'format' | 'inconsistent' | 'fights-training' | 'token-cost';

export interface VerdictRung {
  /** Name of the ladder entry. */
  rung: string;
  candidate: string;
  model: string | null;
  metrics: Record<string, Estimate>;
  goals: Record<string, GoalStatus>;
  /** Paired difference on the first metric over the rung measured before it. */
  gain: { over: string; value: number; low: number; high: number; p: number; n: number; method: string } | null;
  /** US dollars; absent where a price is not known. */
  costPer1k?: number;
  latencyMs?: { p50: number; p95: number };
  /** Means per request. */
  tokens?: { input: number; output: number };
  setup: { dollars: number; seconds: number };
  /** US dollars over the horizon. */
  horizonCost?: number;
  /** Rows that brought no answer. */
  failures?: number;
  skipped?: string;
}

export interface BreakEven {
  from: string;
  to: string;
  /** Null where the second never catches up. */
  requests: number | null;
  low: number | null;
  high: number | null;
}

export interface Trigger {
  id: string;
  when: string;
  now: number;
  fired: boolean;
  then: string;
}

/** The verdict for machines: the document of `climb --json`, `eval --json` and `decision.json`. Intervals are at the task's confidence. */
export interface Verdict {
  schema: 'rung.verdict/1';
  task: string;
  status: VerdictStatus;
  /** One sentence a manager can read. */
  sentence: string;
  chosen: { rung: string; candidate: string } | null;
  rungs: VerdictRung[];
  plateau: { reached: boolean; at: string | null; signs: PlateauSign[]; why: string };
  breakEven: BreakEven[];
  learningCurve: { points: readonly unknown[]; forecast: readonly unknown[] } | null;
  triggers: Trigger[];
  prior: { source: string; answer: string; why: string }[];
  criteria: {
    hash: string;
    goals: Record<string, string>;
    confidence: number;
    split: { train: number; validation: number; test: number };
    splitHash: string;
    testLooks: number;
    /** True where metrics, goals or split were changed after the first answer. */
    changed: boolean;
  };
  spent: { dollars: number; calls: number; cached: number; retries: number; failures: number; seconds: number };
  versions: { rung: string; node: string };
  warnings: string[];
}
