import { defineMetric } from '#core/metric.ts';

/**
 * Mean over the labels of F1 = 2·TP / (2·TP + FP + FN), every label weighing the same however rare. The labels are those
 * that were expected or answered, as scikit-learn's f1_score(average="macro") takes them.
 */
export const macroF1 = defineMetric({
  id: 'macroF1',
  summary: 'Mean of the F1 scores of the labels, rare labels weighing as much as common ones.',
  better: 'higher',
  scale: 'mean',
  onError: 0,
  summarise(pairs) {
    const counts = new Map<string, Counts>();
    const countsOf = (label: string) => {
      const found = counts.get(label) ?? { right: 0, named: 0 };
      if (found.named === 0) counts.set(label, found);
      return found;
    };
    for (const { expected, answered } of pairs) {
      const here = countsOf(expected);
      here.named++;
      if (answered === expected) {
        here.right++;
        here.named++;
      } else if (answered !== undefined) countsOf(answered).named++;
    }
    let sum = 0;
    for (const { right, named } of counts.values()) sum += (2 * right) / named;
    return counts.size === 0 ? 0 : sum / counts.size;
  },
});

/** `named` counts the rows that expect a label plus those that answer it: 2·TP + FP + FN. */
interface Counts {
  right: number;
  named: number;
}
