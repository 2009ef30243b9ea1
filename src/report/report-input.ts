import type { AnswerStep, Manifest } from '#core/candidate.ts';
import type { Estimate } from '#core/estimate.ts';
import type { EvidenceSet } from '#core/evidence.ts';
import type { Task } from '#core/task.ts';
import type { Verdict } from '#core/verdict.ts';
import type { OptimisationData } from './optimisation.ts';

/** One label of one rung; null where a number does not exist, as the precision of a label never answered. */
export interface LabelRow {
  readonly label: string;
  /** Rows whose expected label this is. */
  readonly n: number;
  readonly precision: Estimate | null;
  readonly recall: Estimate | null;
  /** A bare number where no interval was made. */
  readonly f1: Estimate | number | null;
}

/** Counts: `counts[i][j]` rows expected `expected[i]` and were answered `answered[j]`. `answered` may hold more than the labels, as "no answer". */
export interface Confusion {
  readonly expected: readonly string[];
  readonly answered: readonly string[];
  readonly counts: readonly (readonly number[])[];
}

/** What one rung answered to a row. */
export interface DisagreementAnswer {
  readonly rung: string;
  /** Null where the row failed. */
  readonly text: string | null;
  /** Null where it cannot be said. */
  readonly right: boolean | null;
  /** Why there is no answer. */
  readonly failure?: string;
  /** What was answered on the way, where the answer came in steps. */
  readonly steps?: readonly AnswerStep[];
}

/** An answer with a step that could not be used. */
export interface BrokenSteps {
  readonly rung: string;
  readonly id: string;
  readonly input: string;
  readonly steps: readonly AnswerStep[];
}

/** A row that the rungs did not answer alike. */
export interface Disagreement {
  readonly id: string;
  readonly input: string;
  readonly expected?: string;
  readonly answers: readonly DisagreementAnswer[];
}

/** A rendered prompt, in the order in which the model sees its sections. */
export interface RungPrompt {
  readonly rung: string;
  readonly sections: readonly { readonly title: string; readonly text: string }[];
}

/** An estimate whose ends may be unknown: null where the rows are too few to bound it on that side. */
export interface ServiceEstimate {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
  readonly method: string;
}

/** Intervals of the service's numbers, in the units of the verdict; shown where given. */
interface ServiceEstimates {
  readonly costPer1k?: ServiceEstimate;
  readonly latencyP50Ms?: ServiceEstimate;
  readonly latencyP95Ms?: ServiceEstimate;
}

/** All that a report shows. Plain data: the same input gives the same page. */
export interface ReportInput {
  readonly verdict: Verdict;
  readonly task: Pick<Task, 'name' | 'instructions' | 'metrics' | 'goals' | 'confidence' | 'traffic' | 'minimumGain'>;
  readonly evidence?: EvidenceSet;
  /** Manifests of the rungs; their `state` is shown as the prompt where `prompts` has none for the rung. */
  readonly manifests?: readonly Manifest[];
  readonly prompts?: readonly RungPrompt[];
  /** Rung → intervals of cost and latency. */
  readonly services?: Readonly<Record<string, ServiceEstimates>>;
  /** Per-label numbers of one rung: the chosen one, or the best. */
  readonly labels?: { readonly rung: string; readonly rows: readonly LabelRow[]; readonly confusion?: Confusion };
  /** A sample of the rows on which rungs disagree, and how many there are in all. */
  readonly disagreements?: { readonly rows: readonly Disagreement[]; readonly total: number; readonly examined: number };
  /** A sample of the answers with a step that could not be used. */
  readonly brokenSteps?: readonly BrokenSteps[];
  /** Courses of prompt optimisations, and those that could not be read. */
  readonly optimisations?: readonly OptimisationData[];
  readonly unreadSearches?: readonly { readonly rung: string; readonly why: string }[];
  /** What to do next; made from the verdict where absent. */
  readonly next?: readonly NextStep[];
  /** When the verdict was reached, ISO 8601; shown as it is. */
  readonly at?: string;
}

/** One thing to do, and the command that does it where there is one. */
export interface NextStep {
  readonly text: string;
  readonly command?: string;
}
