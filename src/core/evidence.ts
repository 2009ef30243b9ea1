import type { Example, SplitName } from './example.ts';
import type { NanoDollars } from './money.ts';
import type { Registration, Setup, Spent } from './run.ts';
import type { TrainingEvent } from './trainer.ts';

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
  readonly setup: Setup;
  readonly training: readonly TrainingEvent[];
  /** False where a price is not known, so costs are not numbers. */
  readonly priced: boolean;
  readonly skipped?: string;
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
}
