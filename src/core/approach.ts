import type { Answer, CallableModel, Candidate, Manifest } from './candidate.ts';
import type { DataRow } from './data-row.ts';
import { inputError, RungError } from './errors.ts';
import type { Example } from './example.ts';
import type { JsonObject } from './json.ts';
import type { KnowledgeDocument } from './knowledge.ts';
import type { ModelReference } from './model.ts';
import type { PromptLibrary } from './prompt.ts';
import type { TaskBrief } from './task-brief.ts';
import type { RowOrigins, TrainingJob, TrainingOutcome } from './trainer.ts';

export interface PrepareInput {
  readonly task: TaskBrief;
  /** The training split. The test split is never passed to an approach. */
  readonly train: readonly Example[];
  /** For choosing between variants of the same rung. */
  readonly validation: readonly Example[];
  /** The documents of the task's knowledge folder; empty where it has none. */
  readonly knowledge: readonly KnowledgeDocument[];
  /** The versions and overlays of the task's folder; empty where it has none. */
  readonly prompts: PromptLibrary;
  /** Role of `models:` → model name. */
  readonly roles: Readonly<Record<string, string>>;
  /** The model of the ladder entry. */
  readonly model: ModelReference;
  /** Name of the ladder entry; goes into the manifest. */
  readonly name: string;
  readonly options: JsonObject;
  readonly seed: number;
  /** The task's, for intervals and guarantees that preparing tells. */
  readonly confidence: number;
  /** What stands in the files that options name; absent where none does. */
  readonly files?: OptionFiles;
}

/** Files of the task folder by the name under which an option names them. */
export interface OptionFiles {
  readonly rows: Readonly<Record<string, readonly DataRow[]>>;
  /** A plain text is one document, a file of `{"text": …}` lines one for each. */
  readonly documents: Readonly<Record<string, readonly KnowledgeDocument[]>>;
}

/** What an approach may reach. Everything it asks a model for is limited, recorded and billed by the engine. */
export interface RestoreContext {
  model(reference: ModelReference): Promise<CallableModel>;
  readonly artefacts: ArtefactStore;
}

/** What one example came to, when a manifest was run over it. */
export interface MeasuredRow {
  readonly example: Example;
  /** Absent where the row brought no answer. */
  readonly answer?: Answer;
  /** Of the task's leading metric, higher better; null where it does not apply. */
  readonly score: number | null;
  /** Why the score is what it is, where the metric says so; why there is no answer, where there is none. */
  readonly reason?: string;
  /** Where there is no answer since the service says that it has no such model. */
  readonly modelAbsent?: true;
  readonly latencyMs: number | null;
}

/** What an approach knows of a training besides the job. */
export interface AboutTraining {
  /** Judges a checkpoint, higher better; without it the last step counts, or the best by validation loss. */
  readonly evaluate?: (model: ModelReference) => Promise<number>;
  /** By these a refused row is named by file and line. */
  readonly origins?: RowOrigins;
}

export interface ApproachContext extends RestoreContext {
  /** Runs a manifest over examples and gives the mean of the task's leading metric, higher better. */
  evaluate(manifest: Manifest, examples: readonly Example[]): Promise<number>;
  /** Runs a manifest over examples and gives what each came to, in their order. */
  measure(manifest: Manifest, examples: readonly Example[]): Promise<readonly MeasuredRow[]>;
  /** The score of a faultless answer: 1, or 0 where less is better, whose scores come with their sign turned, from −1 to 0. */
  readonly bestScore: 0 | 1;
  /** Trains through the trainer that can tune the model; resumes what was interrupted. */
  train(job: TrainingJob, about?: AboutTraining): Promise<TrainingOutcome>;
  /** Says what it is doing, for the terminal. `done` and `total` in the approach's own units. */
  progress(update: { message: string; done?: number; total?: number }): void;
  readonly signal: AbortSignal;
}

/** Folders and files, addressed by the hash of their content. */
export interface ArtefactStore {
  /** Copies a file or folder in; gives its id. */
  put(path: string): Promise<string>;
  /** Writes named texts or bytes as one folder; gives its id. */
  write(files: Readonly<Record<string, string | Uint8Array>>): Promise<string>;
  /** The read-only path of an artefact. Throws where it is absent or its content no longer fits its id. */
  path(id: string): Promise<string>;
  /** A new folder for work in progress that a later run finds again under the same key. */
  scratch(key: string): Promise<string>;
}

/** What a rung will ask of its model, estimated before anything is asked. */
export interface CallForecast {
  /** Calls made while the candidate is prepared. */
  readonly prepareCalls: number;
  readonly callsPerAnswer: number;
  /** Tokens of one call. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** What it asks of other models besides, at most; roles or names. */
  readonly others?: readonly (Omit<CallForecast, 'others'> & { readonly model: string })[];
}

/** One rung of the ladder. */
export interface Approach {
  readonly id: string;
  readonly summary: string;
  /** False where the rung runs without a language model, so that none need be opened for it. */
  readonly asksModel?: boolean;
  /** Roles or names of models that it asks besides its own: they are opened first, and another model makes a new candidate. */
  otherModels?(options: JsonObject, roles: PrepareInput['roles']): readonly string[];
  /** True where preparing it trains a model, which guards then judge. */
  readonly trains?: boolean;
  /** True where the candidate depends on the task's documents, so that a changed document makes a new one. */
  usesKnowledge?(options: JsonObject): boolean;
  /** The files of the task folder that options name, so that a changed file makes a new candidate. */
  usesFiles?(options: JsonObject): { readonly rows?: readonly string[]; readonly documents?: readonly string[] };
  /** True where the candidate depends on the task's `prompts` or `overlays` folder. */
  usesPrompts?(options: JsonObject): boolean;
  /** Checks the options of a ladder entry; throws a RungError that names the option. */
  checkOptions(options: JsonObject): void;
  /** Why this rung cannot run on this task; undefined where it can. */
  skip?(input: PrepareInput): string | undefined;
  /** For the dry run; asks nothing. */
  forecast?(input: PrepareInput): CallForecast;
  /** Freezes a candidate: the same input gives the same manifest. */
  prepare(input: PrepareInput, context: ApproachContext): Promise<Manifest>;
  /** Makes a manifest answer again, needing nothing but the manifest and its artefacts. */
  restore(manifest: Manifest, context: RestoreContext): Promise<Candidate>;
}

export function defineApproach(approach: Approach): Approach {
  return approach;
}

const impossible = 'rung-impossible';

/** What `prepare` throws where only preparing could show that the rung cannot run here: a climb skips it with that sentence. */
export function rungImpossible(message: string, hint = 'Take the rung off the ladder.'): RungError {
  return inputError({ code: impossible, message, hint });
}

/** Why a rung was found impossible while it was prepared; undefined for any other error. */
export function whyImpossible(error: unknown): string | undefined {
  return RungError.is(error) && error.code === impossible ? error.message : undefined;
}
