import type { Example, SplitName } from './example.ts';
import type { GuardResult } from './guard.ts';
import type { NanoDollars } from './money.ts';
import type { ProbeFindings, ProbeOutcome } from './probe.ts';
import type { RoutingEvidence } from './routing.ts';
import type { Registration, Setup, Spent } from './run.ts';
import type { TrainingEvent } from './trainer.ts';

/** `cannot-tell`: the rows that are left would hardly decide. */
export type StopReason = 'meets-goals' | 'misses-goal' | 'dominated' | 'cannot-tell';

/** Why measuring a candidate ended before its last row. */
export interface EarlyStop {
  readonly reason: StopReason;
  /** Rows that were measured. */
  readonly rows: number;
  /** Rows that were planned. */
  readonly of: number;
  /** A clause for people. */
  readonly why: string;
}

/** Several answers of one candidate to one row, the first included. */
export interface RepeatedRow {
  /** Index into `EvidenceSet.examples`. */
  readonly row: number;
  readonly answers: readonly string[];
  /** Scores of the leading metric, one per answer; NaN where there is none. */
  readonly scores: readonly number[];
}

/** Rows that were asked more than once: the first `pilot` measured rows once more, those of them that disagreed further. */
export interface Repeats {
  readonly pilot: number;
  readonly rows: readonly RepeatedRow[];
}

/** What a rung reached when it was prepared from a part of the training split; measured on the validation split. */
export interface LearningCurvePoint {
  /** Training rows. */
  readonly rows: number;
  readonly seed: number;
  /** Mean of the leading metric. */
  readonly value: number;
  /** Validation rows behind the value. */
  readonly n: number;
}

/** A forecast of an earlier run, kept so that it can be scored when more data has come. */
export interface StoredForecast {
  readonly rung: string;
  readonly metric: string;
  /** Training rows there were when it was made. */
  readonly madeAt: number;
  readonly points: readonly { readonly rows: number; readonly value: number; readonly low: number; readonly high: number }[];
}

export interface LearningCurveEvidence {
  readonly rung: string;
  readonly metric: string;
  readonly better: 'higher' | 'lower';
  readonly points: readonly LearningCurvePoint[];
  readonly earlier: readonly StoredForecast[];
}

/**
 * What one candidate did on the rows it was measured on, held as columns so that 100,000 rows stay small.
 * Index i of every column is row i of `EvidenceSet.examples`; NaN where there is no number.
 */
export interface CandidateEvidence {
  readonly rung: string;
  readonly candidate: string;
  readonly model: string | null;
  /** True where a trainer made it. */
  readonly tuned: boolean;
  /** Metric id → score per row, NaN where the metric does not apply or the row was not measured. */
  readonly scores: Readonly<Record<string, Float64Array>>;
  /** Metric id → a number over the whole set, with the label pairs it can be resampled from. */
  readonly answered: readonly (string | undefined)[] | undefined;
  readonly latencyMs: Float64Array;
  /** Nano-dollars per row. */
  readonly cost: Float64Array;
  readonly inputTokens: Float64Array;
  readonly outputTokens: Float64Array;
  /** 1 where the row brought no answer. */
  readonly failed: Uint8Array;
  /** The commonest reason why rows brought no answer. */
  readonly failure?: { readonly why: string; readonly rows: number };
  readonly setup: Setup;
  readonly training: readonly TrainingEvent[];
  /** False where a price is not known, so costs are not numbers. */
  readonly priced: boolean;
  /** ISO date on which the service switches its model off. */
  readonly retiresOn?: string;
  readonly stopped?: EarlyStop;
  readonly repeats?: Repeats;
  /** Metrics that gave no usable number for some rows: those rows are left out. */
  readonly metricFaults?: readonly { readonly metric: string; readonly rows: number; readonly why: string }[];
  /** Metric id → part → score per row, NaN where there is none: what a metric's scores were made of. */
  readonly parts?: Readonly<Record<string, Readonly<Record<string, Float64Array>>>>;
  /** Steps of its answers that could not be used, by the step's name. */
  readonly stepFaults?: readonly { readonly step: string; readonly rows: number; readonly of: number; readonly why: string }[];
  /** Overlays that stand on its prompt, by name. */
  readonly overlays?: readonly string[];
  /** Sentences on what preparing it found, as how many rows a teacher's answers gave. */
  readonly notes?: readonly string[];
  /** What probes found; its outcomes are what goals on its measures are judged by. */
  readonly probes?: readonly (ProbeFindings & { readonly outcomes: readonly ProbeOutcome[] })[];
  /** Probes of the plan that were not put to it, and why. */
  readonly unprobed?: readonly { readonly probe: string; readonly why: string }[];
  /** What guards found of a tuned model; absent for others. */
  readonly guards?: readonly GuardResult[];
  readonly skipped?: string;
  /** `partId` of its manifest: rungs that are the same but for their name share it. */
  readonly part?: string;
  /** How a cascade dealt with the rows; absent for others. */
  readonly routing?: RoutingEvidence;
}

/** All that a verdict is made from, besides the task: rows are the same for every candidate. */
export interface EvidenceSet {
  readonly split: SplitName;
  readonly examples: readonly Pick<Example, 'id' | 'expected' | 'group' | 'tags'>[];
  readonly candidates: readonly CandidateEvidence[];
  readonly counts: Readonly<Record<SplitName, number>>;
  readonly registration: Registration;
  readonly criteriaChanged: boolean;
  readonly testLooks: number;
  readonly spent: Spent;
  /** Total set-up cost of the run so far. */
  readonly totalSetup: NanoDollars;
  readonly warnings: readonly string[];
  /** True where rungs were looked at before their last row, so that a part of the error rate went into looking. */
  readonly lookedEarly: boolean;
  readonly learningCurves: readonly LearningCurveEvidence[];
}

/** What has been measured of a candidate when it is looked at: its columns hold NaN from row `rows` on. */
export interface Look {
  readonly candidate: CandidateEvidence;
  /** The rungs measured before it. */
  readonly earlier: readonly CandidateEvidence[];
  readonly examples: EvidenceSet['examples'];
  readonly trainingRows: number;
  readonly rows: number;
  readonly of: number;
}

export interface EarlyStopRule {
  /** Numbers of rows after which to look at a rung that comes after so many others; none where looking cannot pay. */
  looks(of: number, earlier?: number): readonly number[];
  /** Why measuring can end here; undefined where it should go on. */
  judge(look: Look): EarlyStop | undefined;
}
