import type { Answer, Candidate } from './candidate.ts';
import type { Estimate } from './estimate.ts';
import type { Example } from './example.ts';
import type { JsonObject } from './json.ts';
import type { ScoredAnswer } from './model.ts';
import type { ProbeFindings, ProbeOutcome } from './probe.ts';
import type { TaskBrief } from './task-brief.ts';
import type { TrainerSample, TrainingData, TrainingEvent } from './trainer.ts';

/** `undecided`: the interval lies on both sides of the limit; the rows are too few to say. */
export type GuardStatus = 'passed' | 'failed' | 'undecided' | 'skipped';

/** One of several things that a guard judged. */
export type GuardPart = Pick<GuardResult, 'status' | 'measure' | 'value' | 'low' | 'high' | 'n' | 'method' | 'limit' | 'why'>;

/** What one guard found of a tuned model. */
export interface GuardResult {
  readonly id: string;
  readonly status: GuardStatus;
  /** What was judged, in words: "loss of accuracy on general.jsonl". */
  readonly measure?: string;
  readonly value?: number;
  readonly low?: number;
  readonly high?: number;
  readonly n?: number;
  readonly method?: string;
  /** What the bound of the interval is held against. */
  readonly limit?: number;
  readonly better?: 'higher' | 'lower';
  readonly before?: Estimate;
  readonly after?: Estimate;
  /** A sentence for people. */
  readonly why: string;
  /** What to try where it did not pass. */
  readonly suggestions?: readonly string[];
  /** Present where it judged several things, each of them: the figures above are those of the first, which decides. */
  readonly parts?: readonly GuardPart[];
  /** False where it tells and does not keep the model from being chosen. */
  readonly blocks: boolean;
  /** Rows that show it, for people. */
  readonly cases?: readonly { readonly id: string; readonly passed: boolean; readonly reason: string }[];
}

/**
 * What a guard judged, the deciding thing first, each with its own figures; the guard itself where that was one thing. What a
 * guard that passed could not tell from some rows is in its words, and no finding of its own.
 */
export function judgedParts({ status, why, parts = [], ...figures }: GuardResult): readonly GuardPart[] {
  const judged = status === 'passed' ? parts.filter((part) => part.status === 'passed') : parts;
  return judged.length > 1 ? judged : [{ ...figures, status, why }];
}

/** What guards hold a tuned model against. */
export interface GuardInput {
  readonly task: TaskBrief;
  /** The entry of `guards:` in the task. */
  readonly options: JsonObject;
  readonly tuned: Candidate;
  /** The same candidate on the model as it was before training. */
  readonly base: Candidate;
  /** What the tuned model was asked to answer; the validation split. */
  readonly validation: readonly Example[];
  /** The training split. What was learnt besides, and in which words, is in `trained`. */
  readonly train: readonly Example[];
  /** Examples of abilities that a tune must not lose; empty where the task has none. */
  readonly general: readonly Example[];
  /** The suite of general abilities that comes with the base model; empty where there is none. */
  readonly generalSuite: readonly Example[];
  /** What it was trained on, training by training; empty where it is not known any more. */
  readonly trained: readonly TrainingData[];
  readonly training: readonly TrainingEvent[];
  /** Answers as the trainer's own library gave them. */
  readonly samples?: readonly TrainerSample[];
  readonly confidence: number;
  readonly seed: number;
}

/** What a model said without a candidate's prompt. */
export interface AskedAnswer {
  readonly text: string;
  /** Sum of ln p over `tokens`, where they were asked for and the service tells them. */
  readonly logProbability?: number;
  /** Tokens that it gave a probability for. */
  readonly tokens?: number;
  /** Tokens of what was asked, as the service counts them. */
  readonly promptTokens?: number;
}

/** What a guard may reach. All that it asks is limited, recorded and billed by whoever runs it. */
export interface GuardContext {
  /** Runs a probe on a candidate. */
  probe(id: string, candidate: Candidate, options: JsonObject): Promise<ProbeFindings & { readonly outcomes: readonly ProbeOutcome[] }>;
  /** Answers and leading scores (0 to 1, higher better; null where the metric does not apply) of a candidate on examples. */
  measure(
    candidate: Candidate,
    examples: readonly Example[],
  ): Promise<readonly { readonly example: Example; readonly answer?: Answer; readonly score: number | null }[]>;
  /**
   * Asks the model of a candidate without the candidate's prompt; undefined where it brought no answer. Where a service turns
   * the question itself down, that is an empty answer if `emptyWhereDeclined`.
   */
  ask(
    candidate: Candidate,
    messages: Example['input'],
    options?: { readonly maxOutputTokens?: number; readonly logProbabilities?: boolean; readonly emptyWhereDeclined?: boolean },
  ): Promise<AskedAnswer | undefined>;
  /**
   * ln p with which the model of a candidate would write each answer, without the candidate's prompt; undefined where it
   * tells none or none came.
   */
  score(candidate: Candidate, messages: Example['input'], answers: readonly string[]): Promise<readonly ScoredAnswer[] | undefined>;
  progress(update: { readonly message: string; readonly done?: number; readonly total?: number }): void;
  readonly signal: AbortSignal;
}

/** What a guard would ask, of the tuned model and of the one before it together, at most. */
interface GuardForecast {
  /** Answers of the candidates, with their prompt. */
  readonly answers: number;
  /** Answers to the rows of the validation split, with the prompt: every guard may use them, and they are asked once. */
  readonly validation?: { readonly tuned: boolean; readonly base: boolean };
  /** Answers of the models without a prompt. */
  readonly questions: number;
  /** Requests for how likely given answers are. */
  readonly scored?: number;
  /** Tokens of an answer to a question without a prompt. */
  readonly outputTokens: number;
}

/** What is known before anything is trained. */
interface GuardForecastInput
  extends Pick<GuardInput, 'task' | 'options' | 'validation' | 'train' | 'general' | 'generalSuite' | 'confidence'> {
  /** Options of the rung that trains. */
  readonly tunedOptions: JsonObject;
  /** True where the model tells how likely a given answer is. */
  readonly tellsGiven: boolean;
}

/** What may be changed of a training so that it does less harm: general rows mixed in, an earlier stop, a smaller rank. */
export type Remedy = 'mix' | 'earlier' | 'rank';

/** A check that a tuned model must pass before it is a candidate. */
export interface Guard {
  readonly id: string;
  readonly summary: string;
  /** True where it looks for what training rows hold: where some of them are not known any more it can fail, but not pass. */
  readonly readsTrained?: boolean;
  /** What is known to help where it fails; none where no training would, all of them where absent. */
  readonly remedies?: readonly Remedy[];
  /** Checks the options; throws a RungError that names the option. */
  checkOptions(options: JsonObject): void;
  /** For the dry run, with options that were checked; asks nothing. */
  forecast?(input: GuardForecastInput): GuardForecast;
  /** Why it says nothing of this model; undefined where it can run. */
  skip?(input: GuardInput): string | undefined;
  run(input: GuardInput, context: GuardContext): Promise<GuardResult>;
  /** Whether it keeps the model back where it could not be run to its end; absent: unless its option `blocks` is false. */
  blocksUnfinished?(input: GuardInput): boolean;
}

export function defineGuard(guard: Guard): Guard {
  return guard;
}
