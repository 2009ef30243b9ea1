import { calibrationCounts, cohenKappa, judgeQuality } from '#statistics/judge.ts';
import { count } from './figures.ts';
import type { Grounds } from './grounds.ts';

/** Answers that people should have marked before a judge's rate is relied on (Lee et al. 2025, arXiv 2511.21140). */
const enoughMarks = 100;

/** What the reader of a corrected metric should know of its judge: how far it agrees with people, and on how many answers. */
export function judgeNotes({ task, metrics }: Grounds): string[] {
  return metrics.flatMap(({ id }) => {
    const rows = task.calibration[id];
    if (rows === undefined) return [];
    const { confidence } = task;
    const quality = judgeQuality(calibrationCounts(rows), confidence);
    const kappa = cohenKappa(rows, { confidence });
    const agreement =
      kappa === undefined
        ? ''
        : ` It agrees with people beyond chance at kappa ${kappa.value.toFixed(2)} (${kappa.low.toFixed(2)} to ${kappa.high.toFixed(2)}, n ${count(kappa.n)}).`;
    const few =
      rows.length < enoughMarks
        ? ` Only ${count(rows.length)} answers were marked by people: ${enoughMarks} or more make its interval narrow.`
        : '';
    return [
      quality.usable
        ? `${id} is a judge's rate, corrected by what people marked.${agreement}${few}`
        : `${id} is a judge's rate as it is. ${quality.why}${agreement}${few}`,
    ];
  });
}
