import { type Example, expectedText, type Input, textOf } from '#core/example.ts';
import type { Output } from '#core/output.ts';
import { rowTable, scoresInto, softmaxInPlace } from '#statistics/text-classifier.ts';
import { trainClassifier } from '#statistics/text-classifier-training.ts';
import { defaultFeatures, featuresOf, type SparseRow } from '#statistics/text-features.ts';

/** Where the rows of a task with labels lie between them, by a small classifier that never saw the row itself. */
export interface LabelBorder {
  /** Parents by how close they are to another label, the closest first. */
  readonly order: readonly Example[];
  /** A row of the label that a parent is taken for most easily, the one most like it. */
  neighbourOf(parent: Example): { readonly text: string; readonly label: string } | undefined;
  /** Probability of the parent's label minus that of the likeliest other one, for an input made of the parent. */
  marginOf(input: Input, parent: Example): number;
}

/** An input whose label is ahead of the next one by less than this is near their border. A line of Rung's own. */
export const borderMargin = 0.5;
const foldCount = 5;

interface Labelled {
  readonly example: Example;
  readonly row: SparseRow;
  readonly label: number;
  readonly fold: number;
}

/** Trains the classifier of each fold on the others; undefined where the task has no labels, or the rows have only one of them. */
export async function findBorder(
  rows: readonly Example[],
  output: Output,
  seed: number,
  signal: AbortSignal,
): Promise<LabelBorder | undefined> {
  if (output.kind !== 'labels') return undefined;
  const { labels } = output;
  const groups = new Map<string, number>();
  const labelled = rows.flatMap((example): Labelled[] => {
    const label = example.expected === undefined ? -1 : labels.indexOf(expectedText(example.expected));
    const group = example.group ?? example.id;
    if (!groups.has(group)) groups.set(group, groups.size);
    return label < 0
      ? []
      : [{ example, label, row: featuresOf(textOf(example.input), defaultFeatures), fold: groups.get(group)! % foldCount }];
  });
  if (new Set(labelled.map(({ label }) => label)).size < 2) return undefined;
  const probabilities = await Promise.all(
    Array.from({ length: foldCount }, (_, fold) => classifierWithout(fold, labelled, labels.length, seed, signal)),
  );
  const of = new Map(labelled.map((one) => [one.example.id, one]));
  const marginOf = (row: SparseRow, { label, fold }: Labelled) => {
    const shares = probabilities[fold]!(row);
    return shares[label]! - Math.max(...shares.filter((_, other) => other !== label));
  };
  const margins = new Map(labelled.map((one) => [one.example.id, marginOf(one.row, one)]));
  return {
    order: labelled.map(({ example }) => example).sort((a, b) => margins.get(a.id)! - margins.get(b.id)! || (a.id < b.id ? -1 : 1)),
    neighbourOf(parent) {
      const own = of.get(parent.id);
      if (own === undefined) return undefined;
      const shares = probabilities[own.fold]!(own.row);
      const others = labelled.filter(({ label }) => label !== own.label);
      const rival = others.reduce((best, { label }) => (shares[label]! > shares[best]! ? label : best), others[0]!.label);
      const nearest = others
        .filter(({ label }) => label === rival)
        .reduce((best, one) => (likeness(own.row, one.row) > likeness(own.row, best.row) ? one : best));
      return { text: textOf(nearest.example.input), label: labels[rival]! };
    },
    marginOf(input, parent) {
      const own = of.get(parent.id);
      return own === undefined ? 1 : marginOf(featuresOf(textOf(input), defaultFeatures), own);
    },
  };
}

async function classifierWithout(
  fold: number,
  labelled: readonly Labelled[],
  labelCount: number,
  seed: number,
  signal: AbortSignal,
): Promise<(row: SparseRow) => number[]> {
  const others = labelled.filter((one) => one.fold !== fold);
  const set = {
    rows: others.map(({ row }) => row),
    labels: others.map(({ label }) => label),
    labelCount,
    buckets: defaultFeatures.buckets,
  };
  const classifier = await trainClassifier(set, { seed: seed + fold, signal });
  const table = rowTable(classifier.buckets, defaultFeatures.buckets);
  const scores = new Float64Array(labelCount);
  return (row) => {
    scoresInto(scores, row, classifier, table);
    softmaxInPlace(scores);
    return [...scores];
  };
}

/** The cosine of two rows, which have length 1. */
function likeness(left: SparseRow, right: SparseRow): number {
  let [a, b, sum] = [0, 0, 0];
  while (a < left.columns.length && b < right.columns.length) {
    const difference = left.columns[a]! - right.columns[b]!;
    if (difference === 0) sum += left.values[a]! * right.values[b]!;
    if (difference <= 0) a++;
    if (difference >= 0) b++;
  }
  return sum;
}
