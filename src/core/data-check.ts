import type { DataRow, DataTurn } from './data-row.ts';
import type { Json, JsonObject } from './json.ts';

export type DataCheckFamily = 'form' | 'clean' | 'consistent' | 'diverse' | 'balanced' | 'representative' | 'leaks' | 'enough';

/** Something found in the data. The document of `rung data check` holds these. */
export interface DataFinding {
  readonly rule: string;
  readonly family: DataCheckFamily;
  readonly severity: 'error' | 'warning' | 'info';
  /** Lines of the file; the first thousand where there are more. */
  readonly rows: readonly number[];
  /** All rows it is about, listed or not. */
  readonly count: number;
  readonly message: string;
  /** What to do about it. */
  readonly fix: string;
  /** A few rows as people see them, cut to a readable length. */
  readonly examples: readonly { readonly row: number; readonly text: string }[];
  /** What a page can draw: counts by class, pairs with their likeness. */
  readonly figures?: JsonObject;
}

/** A change that mends a row without guessing. */
export interface DataFix {
  readonly rule: string;
  readonly line: number;
  readonly what: string;
  /** The row to put in its place; absent where the row goes. */
  readonly row?: DataRow;
}

/** A stretch of what a model reads: `learnt` where training counts the loss of predicting it. */
export interface TrainedPiece {
  readonly text: string;
  readonly tokens: number;
  readonly learnt: boolean;
  /** Its tokens one by one, where the tokenizer gives them. */
  readonly parts?: readonly string[];
}

/** Counts tokens for the model that will be trained. */
export interface DataTokenizer {
  /** As `nano's tokenizer`, `o200k_base` or `4 bytes a token`. */
  readonly name: string;
  /** True where no tokenizer is at hand and a rule of thumb stands in. */
  readonly estimated: boolean;
  count(text: string): number;
  /** A conversation as the model's chat template lays it out, where the template is at hand; throws where it cannot. */
  render?(turns: readonly DataTurn[]): readonly TrainedPiece[];
}

/** Texts with labels, and the part of the data that each belongs to. */
export interface HeldOutTexts {
  readonly texts: readonly string[];
  /** Index of each text's label, below `labelCount`. */
  readonly labels: Int32Array;
  readonly labelCount: number;
  /** Fold of each text, from 0; what hangs together shares one. */
  readonly folds: Int32Array;
  readonly seed: number;
}

/** How good data is in one respect, from 0 to 1. The ends are given where only a sample was read. */
export interface DataScore {
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
  readonly n: number;
  readonly method: string;
}

export interface DataCheckInput {
  /** The file, for messages. */
  readonly file: string;
  /** Settings of the check: `context`, `labels`, `against` (other files), `traffic` (a file), `model`, and a check's own. */
  readonly options: Readonly<Record<string, Json | undefined>>;
  readonly seed: number;
  /** Numbers in [0, 1), for intervals of what was read in part. */
  readonly random?: () => number;
  /** Absent where a check runs outside `rung data check`. */
  readonly tokens?: DataTokenizer;
  /**
   * Probabilities of the labels, `labelCount` numbers a text, by a small classifier that learnt from the other folds alone. Absent
   * where a check runs outside `rung data check`; what needs it then finds nothing.
   */
  readonly heldOut?: (set: HeldOutTexts) => Promise<Float32Array>;
}

/** One pass of a check over a file: rows come in order, once. It keeps only what is bounded, or numbers per row. */
export interface DataCheckPass {
  row(row: DataRow): void;
  /** A record that could not be read as a row at all. */
  unreadable?(line: number, fault: { readonly code: string; readonly message: string; readonly fix: string }): void;
  end(): readonly DataFinding[] | Promise<readonly DataFinding[]>;
  /** After `end`: the part that this check has in its family's score; families with several parts take their mean. */
  score?(): DataScore | undefined;
  /** After `end`: what the document and a page show of the data, found or not: counts, shares, clusters. */
  figures?(): JsonObject | undefined;
  /** Safe mending of a row, decided when all rows were seen; undefined where it stays as it is. */
  mend?(row: DataRow): DataFix | undefined;
}

/** One rule, or a few that share their work. */
export interface DataCheck {
  readonly id: string;
  readonly family: DataCheckFamily;
  readonly summary: string;
  /** The paper or page behind it and its threshold. */
  readonly source: string;
  begin(input: DataCheckInput): DataCheckPass;
}

export function defineDataCheck(check: DataCheck): DataCheck {
  return check;
}
