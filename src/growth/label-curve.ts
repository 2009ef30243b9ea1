import type { Estimate } from '#core/estimate.ts';
import type { LearningCurvePoint } from '#core/evidence.ts';
import { fitLearningCurve } from '#statistics/learning-curve.ts';
import { drawIndices, type LabelTeacher, type TaughtRow } from './label-teacher.ts';

/** How much more accurate the classifier would be with twice the rows, as far as labelled rows can tell. */
export interface LabelCurve {
  /** Accuracy on rows held out, by numbers of training rows. */
  readonly points: readonly LearningCurvePoint[];
  /** From so many training rows to twice as many. */
  readonly rows: number;
  /** Absent where no law can be fitted; `why` says why. */
  readonly gain?: Estimate;
  readonly why: string;
}

/** Below this the folds are too small to say anything. */
export const fewestCurveRows = 80;
const folds = 5;
/** Fewer than the kernel's own: nothing else runs while they are drawn, and a person is pressing keys. */
const resamples = 200;
/** Parts of the training rows, each twice the one before. */
const parts = [1 / 8, 1 / 4, 1 / 2, 1];

/**
 * Cross-validated accuracy of the classifier on the labelled rows at growing sizes, and what the learning-curve kernel foretells of a doubling.
 * Each fold is held out once; what it is trained on is drawn within the others, smaller parts inside larger ones.
 */
export async function labelCurve(
  teacher: LabelTeacher,
  rows: readonly TaughtRow[],
  { labelCount, confidence, seed, signal }: { labelCount: number; confidence: number; seed: number; signal: AbortSignal },
): Promise<LabelCurve> {
  const order = drawIndices(rows.length, rows.length, seed).map((at) => rows[at]!);
  const points: LearningCurvePoint[] = [];
  const most = order.length - Math.ceil(order.length / folds);
  for (let fold = 0; fold < folds; fold++) {
    const held = order.filter((_, at) => at % folds === fold);
    const learnt = order.filter((_, at) => at % folds !== fold);
    for (const part of parts) {
      const size = Math.max(1, Math.round(part * most));
      const classifier = await teacher.learn(learnt.slice(0, size), labelCount, signal);
      const guessed = await teacher.guess(
        classifier,
        held.map(({ index }) => index),
        signal,
      );
      const right = held.filter(({ label }, at) => guessed.labels[at] === label).length;
      // each fold has rows of its own, so that all of them stand behind the mean of a size
      points.push({ rows: size, seed: fold, value: right / held.length, n: rows.length });
    }
  }
  const { gain, why } = fitLearningCurve(points, { confidence, seed, better: 'higher', at: [2 * most], resamples });
  const [doubled] = gain;
  return { points, rows: most, why, ...(doubled === undefined ? {} : { gain: estimateOf(doubled) }) };
}

function estimateOf({ value, low, high, n, method }: Estimate): Estimate {
  return { value, low, high, n, method };
}
