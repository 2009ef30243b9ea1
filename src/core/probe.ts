import type { Answer, Candidate } from './candidate.ts';
import type { Estimate } from './estimate.ts';
import type { Example } from './example.ts';
import type { JsonObject } from './json.ts';
import type { Message } from './message.ts';
import type { Overlay } from './prompt.ts';
import type { TaskBrief } from './task-brief.ts';
import type { TrainingData } from './trainer.ts';

/** Something that a probe measures; a goal may name it as it names a metric. */
export interface ProbeMeasure {
  readonly id: string;
  readonly summary: string;
  readonly better: 'higher' | 'lower';
  /** What its scores are; shares from 0 to 1 where absent. */
  readonly unit?: 'ms' | 'tokens';
}

/** One judged answer. */
export interface ProbeOutcome {
  /** Id of a measure. */
  readonly measure: string;
  /** From 0 to 1, or in the unit of the measure. */
  readonly score: number;
  /** Outcomes of one conversation or one original share a group: they are not independent. */
  readonly group?: string;
  /** A turn or a number of tokens, where the measure is followed over one. */
  readonly x?: number;
}

/** What happened in one case, for people. */
export interface ProbeCase {
  readonly id: string;
  readonly family?: string;
  readonly passed: boolean;
  readonly reason: string;
}

export interface ProbeResult {
  readonly probe: string;
  readonly outcomes: readonly ProbeOutcome[];
  readonly cases: readonly ProbeCase[];
}

export interface ProbeInput {
  readonly task: TaskBrief;
  readonly options: JsonObject;
  readonly seed: number;
  /** Rows asked at once; a probe must not send more. */
  readonly concurrency: number;
  /** Rows of the task that a probe may draw questions from. */
  readonly examples: readonly Example[];
  /** How well an answer does by the task's leading metric, from 0 to 1, higher better; null where it does not apply. Absent where no metric scores rows. */
  readonly score?: (example: Example, answer: Answer) => Promise<number | null>;
  /** What the task's folder says that a prompt may be overlaid with. */
  readonly overlays: readonly Overlay[];
  /** Confidence of intervals that cases tell of. */
  readonly confidence: number;
  /** The folder that paths in options are relative to. */
  readonly folder: string;
  /** What tuning may have changed, for probes of it; absent where nothing of it is at hand. */
  readonly tuning?: ProbedTuning;
}

/** A candidate beside what it was before training. */
export interface ProbedTuning {
  /** Examples of abilities that a tune must not lose: the task's own, else the suite of the base model. */
  readonly general: readonly Example[];
  /** What it was trained on, training by training; empty where it is not known, or it was not trained. */
  readonly trained: readonly TrainingData[];
  /** Trainings that led to it whose rows are not known any more, as far as that can be told. */
  readonly lost: number;
  /** Asks the candidate's model without the candidate's prompt; undefined where it brought no answer. */
  ask(messages: readonly Message[], maxOutputTokens: number): Promise<string | undefined>;
  /**
   * ln p with which the candidate's model would write each answer, without the candidate's prompt; absent where it tells none,
   * undefined where none came.
   */
  score?(messages: readonly Message[], answers: readonly string[]): Promise<readonly number[] | undefined>;
  /** As `ask`, of the model before training; absent where the candidate was not trained. */
  askBefore?(messages: readonly Message[], maxOutputTokens: number): Promise<string | undefined>;
}

/** A measure where it is followed over turns or tokens. */
export interface SeriesPoint extends Estimate {
  readonly measure: string;
  readonly x: number;
}

/** What a probe found on one candidate, summarised. */
export interface ProbeFindings {
  readonly probe: string;
  readonly options: JsonObject;
  readonly metrics: Readonly<Record<string, Estimate>>;
  /** Which way each metric is better. */
  readonly better: Readonly<Record<string, ProbeMeasure['better']>>;
  readonly units: Readonly<Record<string, NonNullable<ProbeMeasure['unit']>>>;
  readonly series: readonly SeriesPoint[];
  /** Cases that passed, by family. */
  readonly families: readonly { readonly family: string; readonly passed: Estimate }[];
  readonly cases: readonly ProbeCase[];
}

/** What a probe will ask of a candidate, estimated before anything is asked. */
interface ProbeForecast {
  /** Answers that it asks for, at most; null where only a file that is yet to be read tells. */
  readonly questions: number | null;
  /** Turns of the user that a question is sent with, its own included; a mean over the questions. */
  readonly turns: number;
  /** Tokens that a question holds besides examples of the task, as a mean; 0 where absent. */
  readonly moreTokens?: number;
}

/** A test of behaviour that makes its own conversations. What it asks goes through the candidate, so it is limited, billed and recorded. */
export interface Probe {
  readonly id: string;
  readonly summary: string;
  readonly measures: readonly ProbeMeasure[];
  /** Checks the options; throws a RungError that names the option. */
  checkOptions(options: JsonObject): void;
  /** Why this probe says nothing about the task; undefined where it can run. */
  skip?(task: TaskBrief): string | undefined;
  /** For the dry run, with options that were checked; asks nothing. */
  forecast?(input: ProbeInput): ProbeForecast;
  run(
    candidate: Candidate,
    input: ProbeInput,
    context: { readonly signal: AbortSignal; progress(update: { done: number; total: number; message?: string }): void },
  ): Promise<ProbeResult>;
}

export function defineProbe(probe: Probe): Probe {
  return probe;
}
