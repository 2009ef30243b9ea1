import type { Estimate } from './estimate.ts';
import type { StopReason } from './evidence.ts';
import type { GuardResult } from './guard.ts';
import type { ProbeFindings } from './probe.ts';
import type { RoutingVerdict } from './routing.ts';

export type GoalStatus = 'met' | 'not-met' | 'undecided';
/**
 * What a team weighs besides one number, for one rung. A figure that was not measured is absent.
 */
export interface ComparisonRow {
  rung: string;
  /** The kind of work it is: a prompt alone, weights alone, or both. */
  kind: 'prompt' | 'tuned' | 'tuned with overlay';
  setup: { dollars: number; seconds: number };
  latencyMs?: { p50: number; p95: number };
  /** The voice or task kept over the turns of a conversation. */
  consistency?: Estimate;
  /** Attacks withstood. */
  robustness?: Estimate;
  /** Changed instructions followed without setting it up again. */
  flexibility?: Estimate;
  /** Means per request. */
  tokens?: { input: number; output: number };
  costPer1k?: number;
  expertise: 'prompting' | 'ml';
}

export type VerdictStatus = 'met' | 'not-met' | 'undecided' | 'prior';

/** The signs that prompting has reached its limit. */
export type PlateauSign = 'plateau' | 'format' | 'inconsistent' | 'fights-training' | 'token-cost';

/** The bounds that a goal was judged by: wider than the shown interval where several rungs share one error rate. */
export interface GoalBounds {
  /** Null where the rows are too few to bound it on that side. */
  low: number | null;
  high: number | null;
  n: number;
  method: string;
}

export interface VerdictRung {
  /** Name of the ladder entry. */
  rung: string;
  candidate: string;
  model: string | null;
  /** True where a trainer made it; absent for a rung that did not run. */
  tuned?: boolean;
  metrics: Record<string, Estimate>;
  goals: Record<string, GoalStatus>;
  goalBounds?: Record<string, GoalBounds>;
  /** Rows measured of those planned, and why measuring ended early. */
  rows?: { measured: number; of: number; stopped?: { reason: StopReason; why: string } };
  /** Several answers to the same rows: how often they agree, and how often k of k are right. */
  repeats?: { rows: number; agreement: Estimate; passHat: ({ k: number } & Estimate)[] };
  /** Paired difference on the first metric over the rung measured before it. */
  gain: {
    over: string;
    value: number;
    low: number;
    high: number;
    p: number;
    n: number;
    method: string;
    /** The smallest difference that so many common rows show four times in five; for right/wrong only. */
    detectable?: number;
    /** Mean difference of the cost, row by row, in US dollars per 1,000 requests. */
    costPer1k?: Estimate;
    /** Median of the differences of the latency, row by row, in milliseconds. */
    latencyMs?: Estimate;
  } | null;
  /** US dollars; absent where a price is not known. */
  costPer1k?: number;
  latencyMs?: { p50: number; p95: number };
  /** Means per request. */
  tokens?: { input: number; output: number };
  setup: { dollars: number; seconds: number };
  /** US dollars over the horizon. */
  horizonCost?: number;
  /** What probes found; their estimates stand under `metrics` too. */
  probes?: Omit<ProbeFindings, 'cases'>[];
  /** How far the parts of a metric agree with each other and with people, over answers that both marked. */
  agreement?: { metric: string; one: string; other: string; value: number; low: number; high: number; n: number; method: string }[];
  /** Steps of its answers that could not be used. */
  stepFaults?: { step: string; rows: number; of: number; why: string }[];
  /** Sentences on what preparing it found. */
  notes?: string[];
  /** What guards found of a tuned model: one that blocks and did not pass keeps the rung from being chosen. */
  guards?: GuardResult[];
  /** A cascade beside the best single rung and random routing; absent for others. */
  routing?: RoutingVerdict;
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

/** A condition over one figure that a machine can check; a bound that is a text is an ISO date. */
export interface TriggerCondition {
  figure: string;
  operator: '<' | '>' | '<=' | '>=';
  bound: number | string;
}

export interface Trigger {
  id: string;
  /** The condition in words of the figure: "requestsPerMonth < 41000". */
  when: string;
  condition: TriggerCondition;
  now: number | string;
  fired: boolean;
  then: string;
}

/** One step of the reasoning, for `--explain`. */
export interface ReasoningStep {
  step: number;
  title: string;
  lines: string[];
}

/** A rung that was not chosen. */
export interface Alternative {
  rung: string;
  candidate: string;
  why: string;
  /** What it would take for this rung to be chosen. */
  needs: string;
}

/** A learning curve as it was measured, and what it says of more rows. */
export interface VerdictLearningCurve {
  rung: string;
  metric: string;
  points: ({ rows: number; seeds: number } & Estimate)[];
  /** At most four times the largest measured number of rows. */
  forecast: ({ rows: number } & Estimate)[];
  law: string;
  why: string;
  /** Forecasts of earlier runs beside what came of them. */
  scored: { madeAt: number; rows: number; forecast: number; low: number; high: number; came: number; within: boolean }[];
}

/** Where even the best rung stays under the floor: what to look at before climbing further. */
export interface FloorFindings {
  floor: number;
  best: string;
  /** The commonest confusions of the best rung. */
  confusions: { expected: string; answered: string; rows: number }[];
  /** Rows on which the rungs agree with each other against the label. */
  suspects: { example: string; expected: string; answered: string; rungs: number }[];
  failedByAll: { rows: number; of: number; examples: string[] };
}

/** What one rule of thumb says. `agrees` is absent where nothing was measured to hold it against. */
export interface PriorAnswer {
  source: string;
  answer: string;
  why: string;
  agrees?: boolean;
}

/** The verdict for machines: the document of `climb --json`, `eval --json` and `decision.json`. Intervals are at the task's confidence. */
export interface Verdict {
  schema: 'rung.verdict/1';
  task: string;
  status: VerdictStatus;
  /** One sentence a manager can read. */
  sentence: string;
  /** `cheapest`: the chance that it is the cheapest of those that will do, from the spread of measured costs. */
  chosen: { rung: string; candidate: string; cheapest?: { chance: number; n: number; method: string } } | null;
  /**
   * What would decide an open verdict; null where nothing is open. Rows are more rows of the test split. `meanwhile` is
   * the cheapest open rung whose values clear every goal as they stand, for whoever cannot wait; null where none does.
   */
  undecided: {
    rung: string;
    rows: number | null;
    dollars: number | null;
    /** Judged answers that probes lack where goals on what they measure are open; null where no number would do. */
    answers?: { probe: string; more: number | null }[];
    why: string;
    meanwhile: { rung: string; candidate: string } | null;
  } | null;
  floor: FloorFindings | null;
  rungs: VerdictRung[];
  plateau: {
    reached: boolean;
    at: string | null;
    signs: PlateauSign[];
    why: string;
    /** All five signs, seen or not; null where nothing was measured that could show it. */
    looked: { sign: PlateauSign; seen: boolean | null; why: string }[];
  };
  breakEven: BreakEven[];
  learningCurve: VerdictLearningCurve | null;
  triggers: Trigger[];
  prior: PriorAnswer[];
  reasoning: ReasoningStep[];
  alternatives: Alternative[];
  /** Absent where nothing besides the metrics was measured. */
  comparison?: ComparisonRow[];
  assumptions: string[];
  /** Rows that early stops left unasked. */
  rowsSaved: { rows: number; of: number };
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
