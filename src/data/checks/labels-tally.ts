import type { DataCheckInput } from '#core/data-check.ts';
import type { DataRow } from '#core/data-row.ts';
import { lastAnswer } from '#data/check-data-finding.ts';
import { rowNumbers } from '#data/check-data-numbers.ts';

/** A longer answer is no label. Ours; the longest of CLINC150's 150 has 25 characters. */
const longestLabel = 60;
/** An answer given this often may be a label. Ours. */
const fewestRows = 5;
/** Answers are labels where this share of the rows gives one that is given often. Ours. */
const labelShare = 0.8;
const fewestAnswered = 20;
/** With more short answers than these they are no labels, and counting them would cost memory. */
const mostAnswers = 20_000;

/** The answers of a file that are labels: which there are, and which row has which. */
export interface LabelledRows {
  /** In the order in which they came. */
  readonly names: readonly string[];
  /** Rows of each name. */
  readonly counts: Uint32Array;
  readonly lines: Float64Array;
  /** Index of each line's name. */
  readonly nameOf: Float64Array;
}

export interface LabelTally {
  add(row: DataRow): void;
  /** Undefined where the answers are no labels. */
  labelled(): LabelledRows | undefined;
}

/**
 * Counts short answers. They are labels where the user declared labels, or where at least four fifths of at least twenty
 * answers are one of two or more that come five times or more.
 */
export function labelTally(declared: readonly string[] | undefined): LabelTally {
  const indices = new Map<string, number>();
  const counts: number[] = [];
  const lines = rowNumbers();
  const nameOf = rowNumbers();
  let answered = 0;
  return {
    add(row) {
      const answer = lastAnswer(row);
      if (answer === undefined) return;
      answered += 1;
      if (answer.length > longestLabel && !declared?.includes(answer)) return;
      let index = indices.get(answer);
      if (index === undefined) {
        if (indices.size >= mostAnswers) return;
        index = indices.size;
        indices.set(answer, index);
        counts.push(0);
      }
      counts[index]! += 1;
      lines.push(row.line);
      nameOf.push(index);
    },
    labelled() {
      const often = counts.filter((count) => count >= fewestRows);
      const inOften = often.reduce((sum, count) => sum + count, 0);
      const usual = answered >= fewestAnswered && often.length >= 2 && inOften >= labelShare * answered;
      if (declared === undefined && !usual) return undefined;
      return { names: [...indices.keys()], counts: Uint32Array.from(counts), lines: lines.values(), nameOf: nameOf.values() };
    },
  };
}

/** The labels that the user declared: a list, or one text with commas. */
export function declaredLabels({ options }: DataCheckInput): readonly string[] | undefined {
  const { labels } = options;
  const listed = typeof labels === 'string' ? labels.split(',').map((label) => label.trim()) : labels;
  if (!Array.isArray(listed)) return undefined;
  const names = listed.filter((label): label is string => typeof label === 'string' && label !== '');
  return names.length === 0 ? undefined : names;
}
