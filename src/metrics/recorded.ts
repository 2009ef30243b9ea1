import { defineMetric } from '#core/metric.ts';

/** The score that was recorded with a replayed answer: the one named `recorded`, or else the only one there is. */
export const recorded = defineMetric({
  id: 'recorded',
  summary: 'Mean of the scores, from 0 to 1, that were recorded with the answers.',
  better: 'higher',
  scale: 'mean',
  onError: 0,
  score(_example, answer) {
    const scores = answer.recordedScores ?? {};
    const all = Object.values(scores);
    const value = scores['recorded'] ?? (all.length === 1 ? all[0] : undefined);
    if (value === undefined) return { value: null, reason: 'no score was recorded with the answer' };
    if (!(value >= 0 && value <= 1)) return { value: null, reason: `the recorded score ${value} is not between 0 and 1` };
    return { value };
  },
});
