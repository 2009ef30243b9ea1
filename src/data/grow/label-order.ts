import type { LabelCoverage } from './label-coverage.ts';

export type LabelOrder = 'informative' | 'random' | 'file';

/** What is known of the rows when the next is chosen; index i of every column is row i. */
export interface OrderInput {
  /** Rows that may come next. */
  readonly open: Iterable<number>;
  readonly coverage: Pick<LabelCoverage, 'nearest' | 'typical'>;
  /** How much likelier the classifier holds its first label than its second, from 0 to 1; absent before it learnt anything. */
  readonly margins: Float32Array | undefined;
}

/** Texts nearer than this to a labelled one (cosine) count less, in proportion. Ours: `npm run bench -- labelling`. */
const near = 0.5;

/**
 * The row that teaches most. While no classifier has learnt: one that lies far from what is labelled and is usual, since the usual teaches most
 * where little is labelled (Hacohen, Dekel and Weinshall 2022, arXiv 2202.02794). Then: one of which the classifier is least sure, by the margin
 * of its first two labels (Scheffer, Decomain and Wrobel 2001, IDA 309-318), unless a labelled text is much like it. Undefined where no row is
 * open; the first of equals.
 */
export function mostInformative({ open, coverage: { nearest, typical }, margins }: OrderInput): number | undefined {
  let best: number | undefined;
  let most = Number.NEGATIVE_INFINITY;
  for (const index of open) {
    const far = 1 - nearest[index]!;
    const score = margins === undefined ? far * typical[index]! : (1 - margins[index]!) * Math.min(1, far / (1 - near));
    if (score <= most) continue;
    most = score;
    best = index;
  }
  return best;
}
