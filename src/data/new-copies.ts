import { answerOverlap, copiedSimilarity, type Overlap } from './answer-overlap.ts';

interface NewCopy extends Overlap {
  /** True where it is a copy, and takes as much from answers that nobody has copied: a template or a set phrase. */
  readonly isCommon: boolean;
}

/**
 * Tells, answer by answer, what copies a training answer and is no common good: where it shares as much with one of the
 * `others`, answers that the model has not seen, that is what people say there. Judged row by row, so that copies on some rows
 * cannot be set off by templates on others.
 */
export function newCopies(trained: readonly string[], others: readonly string[]): (answer: string, asked: string) => NewCopy {
  const [overlap, common] = [answerOverlap(trained), answerOverlap(others)];
  return (answer, asked) => {
    const own = overlap(answer, asked);
    if (!own.copied) return { ...own, isCommon: false };
    const shared = common(answer, asked);
    const isAsLike = own.similarity < copiedSimilarity || shared.similarity >= own.similarity;
    const isCommon = shared.copied && shared.run >= own.run && isAsLike;
    return { ...own, copied: !isCommon, isCommon };
  };
}
