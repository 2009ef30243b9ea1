import type { HeldOutTexts } from '#core/data-check.ts';
import { rowTable, scoresInto, softmaxInPlace } from '#statistics/text-classifier.ts';
import { trainClassifier } from '#statistics/text-classifier-training.ts';
import { defaultFeatures, featuresOf, type SparseRow } from '#statistics/text-features.ts';

export interface HeldOutOptions {
  readonly signal?: AbortSignal;
  readonly onFold?: (done: number, total: number) => void;
}

/**
 * What the checks of `rung data check` ask of the classifier: for each fold one is trained on the texts of the others and gives
 * the probabilities of the fold's own. Texts whose words none of the others has get the probabilities of the bias alone.
 */
export function heldOutTexts({
  signal = new AbortController().signal,
  onFold,
}: HeldOutOptions = {}): (set: HeldOutTexts) => Promise<Float32Array> {
  return async ({ texts, labels, labelCount, folds, seed }) => {
    const rows = texts.map((text) => featuresOf(text, defaultFeatures));
    const probabilities = new Float32Array(texts.length * labelCount);
    const scores = new Float64Array(labelCount);
    const foldCount = folds.reduce((most, fold) => Math.max(most, fold + 1), 0);
    for (let fold = 0; fold < foldCount; fold++) {
      const learnt: { row: SparseRow; label: number }[] = [];
      for (const [index, row] of rows.entries()) if (folds[index] !== fold) learnt.push({ row, label: labels[index]! });
      const classifier = await trainClassifier(
        { rows: learnt.map(({ row }) => row), labels: learnt.map(({ label }) => label), labelCount, buckets: defaultFeatures.buckets },
        { seed: seed + fold, signal },
      );
      const table = rowTable(classifier.buckets, defaultFeatures.buckets);
      for (const [index, row] of rows.entries()) {
        if (folds[index] !== fold) continue;
        scoresInto(scores, row, classifier, table);
        softmaxInPlace(scores);
        probabilities.set(scores, index * labelCount);
      }
      onFold?.(fold + 1, foldCount);
    }
    return probabilities;
  };
}
